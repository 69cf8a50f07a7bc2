// Work before an answer that its exchange may abort: that is no failure of the work.

import { overloadedError } from '../../protocol/openai/errors.js';
import type { Exchange } from '../exchange.js';
import { ClientGoneError } from '../request-body.js';

/** @throws ClientGoneError; ApiError 503 when the server stops; or what `work` throws. */
export async function untilGone<T>(exchange: Exchange, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (exchange.isClientGone) throw new ClientGoneError('the client left before its answer');
    throw error === exchange.signal.reason ? overloadedError(error) : error;
  }
}
