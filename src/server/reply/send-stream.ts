// A reply as server-sent events. Once the head is out, a failure is told by the stream's last frames.

import type { ReplyEvent } from '../../chat/types.js';
import { toApiError } from '../chat-failure.js';
import { KeepAlive } from '../keep-alive.js';
import { failedFinish, runReply, type Reply } from './reply.js';
import { SocketWriter } from './socket-writer.js';

export async function sendStream(reply: Reply): Promise<void> {
  const { exchange, app, parsed, header } = reply;
  const stream = parsed.newStream(header);
  const open = () => {
    if (exchange.isHeadSent) return;
    exchange.response.setHeader('cache-control', 'no-cache');
    exchange.announceQueuePosition();
    exchange.startBody(200, 'text/event-stream; charset=utf-8');
  };
  const writer = new SocketWriter({
    response: exchange.response,
    timers: app.timers,
    stallTimeoutMs: app.limits.stallTimeoutMs,
    onWrite: () => keepAlive.dataSent(),
    onStall: () => exchange.abort('the client stopped reading'),
  });
  const keepAlive = new KeepAlive(app.timers, app.keepAlive, () => {
    open();
    writer.pushSign(stream.keepAlive);
  });
  let hasStarted = false;
  // The first frames wait for the first token: until then an error can still be a status, and a
  // client that waits for a long prefill sees keep-alives.
  let opening = '';
  const send = (event: ReplyEvent) => {
    const frames = opening + stream.next(event);
    opening = '';
    if (event.type === 'start') {
      hasStarted = true;
      opening = frames;
      return undefined;
    }
    if (frames === '') return undefined;
    open();
    return writer.push(frames);
  };
  try {
    await runReply(reply, send);
  } catch (error) {
    if (!exchange.isHeadSent) throw error;
    app.log('error', 'reply failed', {
      trace: exchange.traceId,
      error: error instanceof Error ? error.message : String(error),
    });
    const { type, message } = toApiError(error);
    exchange.errorType = type;
    exchange.errorMessage = message;
    const failed = failedFinish(reply);
    if (!hasStarted)
      void send({ type: 'start', promptTokens: reply.prepared.promptTokens, cacheHitTokens: 0 });
    void send(failed);
  } finally {
    keepAlive.stop();
  }
  writer.end();
}
