// GET /models (api reference §1.3).

import { modelListBody } from '../../protocol/openai/modes.js';
import type { Exchange } from '../exchange.js';

export function getModels(exchange: Exchange): void {
  exchange.sendJson(200, modelListBody());
}
