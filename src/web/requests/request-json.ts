// Logged requests as the wire has them. Owns the one rule of who sees what: a key its own, an operator
// all, and whatever else does not exist.

import { stateOf } from '../../observe/live-monitor.js';
import type { ContentGap, KeptReply, LoggedRequest } from '../../observe/logged-request.js';
import type { RequestContent, RequestRow, LoggedKey } from '../requests-wire.js';
import type { Caller } from '../web-host.js';

export function maySee({ isOperator, keyId }: Caller, keyOfRequest: string | undefined): boolean {
  return isOperator || (keyId !== undefined && keyId === keyOfRequest);
}

export function requestRow(request: LoggedRequest, key: LoggedKey | null): RequestRow {
  const { observation, ended, reply, start, traceId } = request;
  const { facts, moments, startTimeMs, ageMs } = observation;
  return {
    trace_id: traceId,
    started_at: new Date(startTimeMs).toISOString(),
    state: ended ? 'ended' : stateOf(request),
    key,
    route: start.route,
    door: facts.door ?? null,
    model: facts.model ?? null,
    stream: facts.stream ?? null,
    status: ended?.status ?? null,
    duration_ms: ageMs,
    first_token_ms: moments['first-token'] ?? null,
    prompt_tokens: facts.promptTokens ?? reply?.promptTokens ?? null,
    cache_hit_tokens: facts.cacheHitTokens ?? reply?.cacheHitTokens ?? null,
    completion_tokens: facts.completionTokens ?? reply?.completionTokens ?? null,
    reasoning_tokens: facts.reasoningTokens ?? null,
    tokens_per_second: tokensPerSecond(request),
    finish_reason: facts.finishReason ?? null,
    error:
      ended?.errorType === undefined
        ? null
        : { type: ended.errorType, message: ended.errorMessage ?? null },
    abort_reason: ended?.abortReason ?? null,
  };
}

/** Mean from the first token on. */
export function tokensPerSecond({ observation, reply }: LoggedRequest): number | null {
  const { facts, moments, ageMs } = observation;
  const first = moments['first-token'];
  const tokens = (facts.completionTokens ?? reply?.completionTokens ?? 0) - 1;
  const ms = first === undefined ? 0 : (moments.finished ?? ageMs) - first;
  return tokens > 0 && ms > 0 ? (tokens * 1000) / ms : null;
}

export function requestContent({ body, keptReply }: LoggedRequest): RequestContent {
  const isBody = body instanceof Uint8Array;
  const isReply = typeof keptReply === 'object';
  return {
    request: isBody ? new TextDecoder().decode(body) : null,
    request_gap: isBody ? null : body,
    reply: isReply ? replyJson(keptReply) : null,
    reply_gap: isReply ? null : (keptReply satisfies ContentGap),
  };
}

function replyJson({ reasoning, content, calls, isCut }: KeptReply): RequestContent['reply'] {
  return { reasoning, content, tool_calls: calls, is_cut: isCut };
}
