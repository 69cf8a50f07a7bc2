// What the server knows beside the body, for tests of doors.

import type { RequestContext } from '../../src/protocol/door.js';
import { LeniencyLog, type Leniency } from '../../src/protocol/leniency.js';

export interface ContextOptions extends Partial<Omit<RequestContext, 'leniency'>> {
  leniencies?: readonly Leniency[];
}

export function requestContext({ leniencies, ...fields }: ContextOptions = {}): RequestContext {
  return {
    traceId: 'trace',
    tenant: 'tenant',
    model: 'weights',
    base: 'main',
    mapTemperature: false,
    usageChunk: 'inline',
    requireBalance: () => {},
    ...fields,
    leniency: new LeniencyLog(leniencies),
  };
}
