// POST /chat/completions, stream and non-stream (api reference §2-4, §8). Until the first byte is
// out a failure is an HTTP error; after it, a last chunk (or an error body) says what happened.

import { randomUUID } from 'node:crypto';
import type { PreparedReply } from '../../chat/chat-service.js';
import type { ReplyEvent } from '../../chat/types.js';
import { ChatChunkWriter, type WireChunk } from '../../protocol/openai/chat-chunk.js';
import { ChatCompletionWriter } from '../../protocol/openai/chat-completion.js';
import { parseChatRequest, type ParsedChatRequest } from '../../protocol/openai/chat-request.js';
import { errorBody } from '../../protocol/openai/errors.js';
import type { ReplyHeader } from '../../protocol/openai/reply-header.js';
import type { App } from '../app.js';
import { toApiError } from '../chat-failure.js';
import type { Exchange } from '../exchange.js';
import { KeepAlive } from '../keep-alive.js';
import { readJsonBody } from '../request-body.js';

interface Reply {
  parsed: ParsedChatRequest;
  header: ReplyHeader;
  prepared: PreparedReply;
}

export async function postChatCompletions(exchange: Exchange, app: App): Promise<void> {
  const body = await readJsonBody(exchange.request, app.limits.maxBodyBytes);
  const parsed = parseChatRequest(body, {
    traceId: exchange.traceId,
    tenant: exchange.tenant,
    model: app.model,
    isBeta: false,
    mapTemperature: app.mapTemperature,
  });
  const prepared = app.chat.prepare(parsed.chat);
  const header: ReplyHeader = {
    id: randomUUID(),
    created: Math.floor(app.now() / 1000),
    mode: parsed.mode,
    systemFingerprint: app.systemFingerprint,
  };
  const reply: Reply = { parsed, header, prepared };
  await (parsed.stream ? sendStream : sendWhole)(exchange, app, reply);
}

async function sendStream(exchange: Exchange, app: App, reply: Reply): Promise<void> {
  const { header, parsed, prepared } = reply;
  const writer = new ChatChunkWriter(header, {
    includeUsage: parsed.includeUsage,
    usageChunk: app.usageChunk,
  });
  const open = () => {
    if (exchange.isHeadSent) return;
    exchange.response.setHeader('cache-control', 'no-cache');
    exchange.startBody(200, 'text/event-stream; charset=utf-8');
  };
  const keepAlive = new KeepAlive(app.timers, app.keepAlive, () => {
    open();
    void exchange.write(': keep-alive\n\n');
  });
  let isFirst = true;
  const send = async (event: ReplyEvent) => {
    const chunks = writer.next(event);
    if (isFirst) chunks.unshift(writer.first());
    isFirst = false;
    if (chunks.length === 0) return;
    open();
    await exchange.write(chunks.map(frame).join(''));
    keepAlive.dataSent();
  };
  try {
    for await (const event of run(exchange, app, prepared)) await send(event);
  } catch (error) {
    if (!exchange.isHeadSent) throw error;
    app.log('error', 'reply failed', { trace: exchange.traceId, error: messageOf(error) });
    await send(failedReply(prepared));
  } finally {
    keepAlive.stop();
  }
  exchange.response.end('data: [DONE]\n\n');
}

/** Waiting clients get empty lines; a JSON parser skips them. */
async function sendWhole(exchange: Exchange, app: App, reply: Reply): Promise<void> {
  const { header, parsed, prepared } = reply;
  const writer = new ChatCompletionWriter(header, {
    withLogprobs: parsed.chat.topLogprobs !== undefined,
  });
  const keepAlive = new KeepAlive(app.timers, app.keepAlive, () => {
    if (!exchange.isHeadSent) exchange.startBody(200, 'application/json');
    void exchange.write('\n');
  });
  let body: string | undefined;
  try {
    for await (const event of run(exchange, app, prepared)) {
      const completion = writer.accept(event);
      if (completion) body = JSON.stringify(completion);
    }
  } catch (error) {
    if (!exchange.isHeadSent) throw error;
    app.log('error', 'reply failed', { trace: exchange.traceId, error: messageOf(error) });
    body = errorBody(toApiError(error));
  } finally {
    keepAlive.stop();
  }
  if (exchange.isHeadSent) exchange.response.end(body);
  else exchange.sendJson(200, body!);
}

/** The reply's events under the two time limits of §8. */
async function* run(
  exchange: Exchange,
  { limits, timers }: App,
  prepared: PreparedReply,
): AsyncGenerator<ReplyEvent, void> {
  const cancelQueueLimit = timers.after(limits.queueTimeoutMs, () =>
    exchange.abort('inference had not started in time'),
  );
  const cancelTotalLimit = timers.after(limits.totalTimeoutMs, () =>
    exchange.abort('the reply was not complete in time'),
  );
  try {
    yield* prepared.events(exchange.signal, { onStart: cancelQueueLimit });
  } finally {
    cancelQueueLimit();
    cancelTotalLimit();
  }
}

function failedReply({ promptTokens }: PreparedReply): ReplyEvent {
  return {
    type: 'finish',
    reason: 'insufficient_system_resource',
    usage: {
      promptTokens,
      cacheHitTokens: 0,
      cacheMissTokens: promptTokens,
      completionTokens: 0,
      reasoningTokens: 0,
    },
  };
}

function frame(chunk: WireChunk): string {
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
