// The bill of one reply: what its finish event says becomes a usage record, written before the
// client hears of the end, so that every reply that was finished is in the ledger.

import type { ReplyEvent } from '../../chat/types.js';
import type { UsageRecord } from '../../store/types.js';
import type { App, Serving } from '../app.js';
import type { Exchange } from '../exchange.js';
import type { ParsedRequest, Door } from '../../protocol/door.js';

export type FinishEvent = Extract<ReplyEvent, { type: 'finish' }>;

export interface Billed {
  exchange: Exchange;
  app: App;
  serving: Serving;
  door: Door;
  parsed: ParsedRequest;
  startedAt: number;
  isRefused?: (finish: FinishEvent) => boolean;
}

/**
 * Resolves with the finish event to tell the client: the given one, or a failure when the record
 * cannot be kept, because an unrecorded reply must not look finished.
 */
export async function settle(billed: Billed, finish: FinishEvent): Promise<FinishEvent> {
  const { exchange, app, serving } = billed;
  const { usage, reason } = finish;
  exchange.observation.set({
    promptTokens: usage.promptTokens,
    cacheHitTokens: usage.cacheHitTokens,
    completionTokens: usage.completionTokens,
    reasoningTokens: usage.reasoningTokens,
    finishReason: reason,
  });
  if (reason === 'insufficient_system_resource') exchange.errorType = reason;
  if (!serving.isBilled || billed.isRefused?.(finish)) return finish;
  try {
    await app.platform.record(usageRecord(billed, finish));
    return finish;
  } catch (error) {
    app.log('error', 'usage could not be recorded', {
      trace: exchange.traceId,
      error: error instanceof Error ? error.message : String(error),
    });
    return { type: 'finish', reason: 'insufficient_system_resource', usage };
  }
}

function usageRecord(
  { exchange, app, door, parsed, startedAt }: Billed,
  { usage, reason }: FinishEvent,
): UsageRecord {
  const { accountId, keyId } = exchange.principal;
  return {
    requestId: exchange.traceId,
    accountId,
    keyId,
    door: door.name,
    model: parsed.mode.alias,
    startedAt: new Date(startedAt),
    finishedAt: new Date(app.now()),
    finishReason: reason,
    stream: parsed.stream,
    promptTokens: usage.promptTokens,
    cacheHitTokens: usage.cacheHitTokens,
    completionTokens: usage.completionTokens,
    reasoningTokens: usage.reasoningTokens,
  };
}
