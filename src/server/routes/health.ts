// GET /health: for process managers and tests; not part of the platform's API. 503 while the engine
// cannot take requests, so that a load balancer needs no body.

import type { App } from '../app.js';
import type { Exchange } from '../exchange.js';

export function getHealth(exchange: Exchange, { chat }: App): void {
  const { status } = chat.backend.health();
  const models = chat.backend.cards().map(({ id, contextLength }) => ({
    id,
    context_length: contextLength,
  }));
  exchange.sendJson(status === 'ready' ? 200 : 503, JSON.stringify({ status, models }));
}
