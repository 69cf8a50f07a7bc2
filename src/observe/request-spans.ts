// Turns a finished request into spans: one server span, and inside it the phases queue, prefill and
// generation. Attributes follow the HTTP and GenAI semantic conventions; what has no name there is
// `hadal.*`. Prompts and replies are not known here, so they cannot leak.

import { operationOf, PROVIDER } from './gen-ai.js';
import {
  clipped,
  SPAN_KIND_INTERNAL,
  SPAN_KIND_SERVER,
  STATUS_ERROR,
  toAttributes,
  toUnixNano,
  type OtlpSpan,
} from './otlp-span.js';
import type { FinishedRecord } from './request-record.js';
import { isSampled, type Sampler } from './sampler.js';
import { isTraceId, newSpanId, newTraceId, parseTraceparent } from './trace-context.js';

interface Phase {
  name: string;
  fromMs: number;
  toMs: number;
}

/** Server span first; empty when the sampler does not keep this trace. */
export function spansOf(record: FinishedRecord, sampler: Sampler): OtlpSpan[] {
  const { request } = record;
  const parent = parseTraceparent(request.traceparent);
  // Without a parent our own request id is the trace id: a client that quotes it leads to the trace.
  const ownId = isTraceId(request.traceId) ? request.traceId : newTraceId();
  const traceId = parent?.traceId ?? ownId;
  if (!isSampled(sampler, traceId, parent?.sampled)) return [];

  const server: OtlpSpan = {
    traceId,
    spanId: newSpanId(),
    ...(parent && { parentSpanId: parent.spanId }),
    name: spanName(record),
    kind: SPAN_KIND_SERVER,
    startTimeUnixNano: toUnixNano(record.startTimeMs),
    endTimeUnixNano: toUnixNano(record.startTimeMs + record.durationMs),
    attributes: serverAttributes(record),
    status: isFailure(record) ? { code: STATUS_ERROR } : {},
    flags: 1,
  };
  const phases = phasesOf(record).map(({ name, fromMs, toMs }): OtlpSpan => ({
    traceId,
    spanId: newSpanId(),
    parentSpanId: server.spanId,
    name,
    kind: SPAN_KIND_INTERNAL,
    startTimeUnixNano: toUnixNano(record.startTimeMs + fromMs),
    endTimeUnixNano: toUnixNano(record.startTimeMs + toMs),
    attributes: [],
    status: {},
    flags: 1,
  }));
  return [server, ...phases];
}

/** GenAI: `{operation} {model}`. HTTP: `{method} {route}`. */
function spanName({ request, facts }: FinishedRecord): string {
  const operation = operationOf(facts.door);
  return operation && facts.model !== undefined
    ? `${operation} ${clipped(facts.model, 64)}`
    : `${request.method} ${request.route}`;
}

/**
 * HTTP conventions: on the server's side a 4xx is the client's failure, not the span's. A stream
 * that failed half-way has status 200 and an error type.
 */
function isFailure({ end }: FinishedRecord): boolean {
  return end.status >= 500 || (end.status < 400 && end.errorType !== undefined);
}

function serverAttributes(record: FinishedRecord): OtlpSpan['attributes'] {
  const { request, facts, end } = record;
  const operation = operationOf(facts.door);
  return toAttributes({
    'http.request.method': request.method,
    'http.route': request.route,
    'http.response.status_code': end.status,
    'error.type': end.errorType ?? (isFailure(record) ? String(end.status) : undefined),
    'gen_ai.operation.name': operation,
    'gen_ai.provider.name': operation && PROVIDER,
    // The name of the same attribute up to version 1.36 of the conventions.
    'gen_ai.system': operation && PROVIDER,
    'gen_ai.request.model': facts.model,
    'gen_ai.response.model': facts.servedBy,
    'gen_ai.response.finish_reasons':
      facts.finishReason === undefined ? undefined : [facts.finishReason],
    'gen_ai.usage.input_tokens': facts.promptTokens,
    'gen_ai.usage.output_tokens': facts.completionTokens,
    'gen_ai.usage.cache_read.input_tokens': facts.cacheHitTokens,
    'gen_ai.usage.reasoning.output_tokens': facts.reasoningTokens,
    'hadal.trace_id': request.traceId,
    'hadal.door': facts.door,
    'hadal.stream': facts.stream,
    'hadal.account.id': facts.accountId,
    'hadal.key.id': facts.keyId,
    'hadal.leniencies': facts.leniencies?.length ? facts.leniencies : undefined,
    'hadal.abort_reason': end.abortReason,
  });
}

/** A phase that had begun and never ended lasts until the request did. */
function phasesOf({ moments, durationMs }: FinishedRecord): Phase[] {
  const { queued, admitted, started, 'first-token': first } = moments;
  const phases: Phase[] = [];
  const add = (name: string, fromMs: number | undefined, toMs: number | undefined): void => {
    if (fromMs !== undefined) phases.push({ name, fromMs, toMs: toMs ?? durationMs });
  };
  add('queue', queued, admitted);
  add('prefill', started, first);
  add('generation', first, undefined);
  return phases;
}
