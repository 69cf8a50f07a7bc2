// GET /models and /models/{id} (api reference §1.3).

import { modelBody, modelListBody } from '../../protocol/openai/modes.js';
import type { Exchange } from '../exchange.js';

export function getModels(exchange: Exchange): void {
  exchange.sendJson(200, modelListBody(exchange.match.base));
}

/** @throws ApiError 404 for a name that is not in the list. */
export function getModel(exchange: Exchange): void {
  const { id = '', base } = exchange.match;
  exchange.sendJson(200, modelBody(id, base));
}
