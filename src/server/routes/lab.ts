// GET /lab: the scenarios that client authors can call (docs/lab.md).

import { scenarioListBody } from '../../lab/scenarios.js';
import type { App } from '../app.js';
import type { Exchange } from '../exchange.js';

export function getLab(exchange: Exchange, { lab }: App): void {
  if (!lab) return exchange.sendEmpty(404);
  exchange.sendJson(200, scenarioListBody());
}
