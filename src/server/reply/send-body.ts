// A reply as one JSON body. Waiting clients get empty lines, which a JSON parser skips; the status is
// then already 200, and a failure is an error object in the body (api reference §8).

import { ApiError } from '../../protocol/api-error.js';
import { toApiError } from '../chat-failure.js';
import { KeepAlive } from '../keep-alive.js';
import type { FinishEvent } from './accounting.js';
import { runReply, type Reply } from './reply.js';

export async function sendBody(reply: Reply): Promise<void> {
  const { exchange, app, door, parsed, header } = reply;
  const { response } = exchange;
  const body = parsed.newBody(header);
  const keepAlive = new KeepAlive(app.timers, app.keepAlive, () => {
    if (!exchange.isHeadSent) {
      exchange.announceQueuePosition();
      exchange.startBody(200, 'application/json');
    }
    if (!response.destroyed) response.write('\n');
  });
  const isRefused = (finish: FinishEvent) => {
    if (exchange.isHeadSent) return false;
    const probe = parsed.newBody(header);
    probe.accept(finish);
    return probe.failure() !== undefined;
  };
  let error: ApiError | undefined;
  try {
    await runReply({ ...reply, isRefused }, (event) => {
      body.accept(event);
      return undefined;
    });
    error = body.failure();
  } catch (thrown) {
    if (!exchange.isHeadSent) throw thrown;
    error = toApiError(thrown);
    exchange.errorType = error.type;
    exchange.errorMessage = error.message;
    app.log('error', 'reply failed', {
      trace: exchange.traceId,
      error: thrown instanceof Error ? thrown.message : String(thrown),
    });
  } finally {
    keepAlive.stop();
  }
  if (!exchange.isHeadSent) {
    if (error) throw error;
    exchange.sendJson(200, body.text());
  } else {
    response.end(error ? door.errorBody(error) : body.text());
  }
}
