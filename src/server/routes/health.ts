// GET /health: for process managers and tests; not part of the platform's API. 503 while the engine
// cannot take requests, so that a load balancer needs no body.

import type { App } from '../app.js';
import type { Exchange } from '../exchange.js';

export function getHealth(exchange: Exchange, { main, platform }: App): void {
  const { backend } = main.chat;
  const isClosed = main.admission.closed !== undefined;
  const status = isClosed ? 'closed' : backend.health().status;
  const isServing = status === 'ready' && platform.health().status !== 'down';
  const models = (isClosed ? [] : backend.cards()).map(({ id, contextLength }) => ({
    id,
    context_length: contextLength,
  }));
  const body = { status, platform: platform.health().status, models };
  exchange.sendJson(isServing ? 200 : 503, JSON.stringify(body));
}
