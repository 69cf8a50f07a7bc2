// Nothing is forgiven silently: the head of a response lists the leniencies that acted on it.

import type { LeniencyLog } from '../../protocol/leniency.js';
import type { Exchange } from '../exchange.js';

/** To be called before the head is sent; again when another one has acted. */
export function reportLeniencies({ response }: Exchange, { applied }: LeniencyLog): void {
  if (applied.length > 0) response.setHeader('x-hadal-leniency', applied.join(', '));
}
