// Metrics of finished requests. Everything is counted once, at the end of a request, from its
// record. Names follow Prometheus (base units, `_total`) and, where they exist, the OpenTelemetry
// GenAI conventions; the whole list with meanings is docs/observability.md.

import { Counter, Histogram, type Registry } from 'prom-client';
import { firstComeLabel, knownLabel } from './bounded-label.js';
import { DOORS, operationOf, PROVIDER } from './gen-ai.js';
import type { FinishedRecord } from './request-record.js';

const METHODS = ['GET', 'POST', 'OPTIONS', 'HEAD', 'PUT', 'PATCH', 'DELETE'];
const FINISH_REASONS = [
  'stop',
  'length',
  'tool_calls',
  'content_filter',
  'insufficient_system_resource',
  'aborted',
];
const STATUS_CLASSES = ['other', '1xx', '2xx', '3xx', '4xx', '5xx'];

/** Few buckets each: a bucket is a time series per label set, and a line per scrape. */
const HTTP_SECONDS = [0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 300];
const GENERATION_SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const FIRST_TOKEN_SECONDS = [0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];
const QUEUE_SECONDS = [0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300];
const PER_TOKEN_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5];
const TOKENS_PER_SECOND = [1, 2.5, 5, 10, 25, 50, 100, 250, 1000];

export interface RequestMetrics {
  count(record: FinishedRecord): void;
}

/** @param models names allowed as label values; any other model is `other`. */
export function createRequestMetrics(
  registry: Registry,
  models: readonly string[],
): RequestMetrics {
  const registers = [registry];
  const requests = new Counter({
    name: 'hadal_requests_total',
    help: 'Answered HTTP requests.',
    labelNames: ['method', 'route', 'door', 'model', 'status'],
    registers,
  });
  const httpDuration = new Histogram({
    name: 'http_server_request_duration_seconds',
    help: 'From the head of the request to the end of the answer, every route.',
    labelNames: ['http_route'],
    buckets: HTTP_SECONDS,
    registers,
  });
  const genAi = ['gen_ai_operation_name', 'gen_ai_provider_name', 'gen_ai_request_model'] as const;
  const duration = new Histogram({
    name: 'gen_ai_server_request_duration_seconds',
    help: 'Requests that reached a model, queue included, to the last byte.',
    labelNames: [...genAi, 'error_type'],
    buckets: GENERATION_SECONDS,
    registers,
  });
  const firstToken = new Histogram({
    name: 'gen_ai_server_time_to_first_token_seconds',
    help: 'From the head of the request to the first token, queue included.',
    labelNames: genAi,
    buckets: FIRST_TOKEN_SECONDS,
    registers,
  });
  const perToken = new Histogram({
    name: 'gen_ai_server_time_per_output_token_seconds',
    help: 'Mean time per token after the first, one value per request.',
    labelNames: genAi,
    buckets: PER_TOKEN_SECONDS,
    registers,
  });
  const rate = new Histogram({
    name: 'hadal_output_tokens_per_second',
    help: 'Tokens per second after the first token, one value per request.',
    labelNames: ['model'],
    buckets: TOKENS_PER_SECOND,
    registers,
  });
  const queueWait = new Histogram({
    name: 'hadal_queue_wait_seconds',
    help: 'Time between entering the queue and being admitted.',
    buckets: QUEUE_SECONDS,
    registers,
  });
  const tokens = new Counter({
    name: 'hadal_tokens_total',
    help: 'Tokens by type; input_cached is a part of input, output_reasoning a part of output.',
    labelNames: ['door', 'model', 'type'],
    registers,
  });
  const finishes = new Counter({
    name: 'hadal_finish_reasons_total',
    help: 'Generations by finish reason.',
    labelNames: ['door', 'model', 'reason'],
    registers,
  });
  const leniencies = new Counter({
    name: 'hadal_leniencies_applied_total',
    help: 'Requests on which a leniency acted.',
    labelNames: ['door', 'leniency'],
    registers,
  });
  const aborts = new Counter({
    name: 'hadal_aborted_requests_total',
    help: 'Exchanges cut before their end.',
    labelNames: ['door', 'reason'],
    registers,
  });

  const method = knownLabel(METHODS);
  const door = knownLabel(DOORS);
  const model = knownLabel(models);
  const finishReason = knownLabel(FINISH_REASONS);
  const route = firstComeLabel(256);
  const leniency = firstComeLabel(32);
  const abortReason = firstComeLabel(32);
  const errorType = firstComeLabel(32);

  function countTokens(record: FinishedRecord, labels: { door: string; model: string }): void {
    const { promptTokens, cacheHitTokens, reasoningTokens } = record.facts;
    const add = (type: string, count: number | undefined): void => {
      if (isPositive(count)) tokens.inc({ ...labels, type }, count);
    };
    add('input', promptTokens);
    add('input_cached', cacheHitTokens);
    add('output', record.outputTokens);
    add('output_reasoning', reasoningTokens);
  }

  function countGeneration(record: FinishedRecord, labels: { door: string; model: string }): void {
    const { facts, end, moments, durationMs, outputTokens } = record;
    const shared = {
      gen_ai_operation_name: operationOf(facts.door) ?? 'other',
      gen_ai_provider_name: PROVIDER,
      gen_ai_request_model: labels.model,
    };
    duration.observe({ ...shared, error_type: errorType.of(end.errorType) }, durationMs / 1000);
    const first = moments['first-token'];
    if (first === undefined) return;
    firstToken.observe(shared, first / 1000);
    // The first token is the prefill's; only those after it tell how fast decoding is.
    const decodeSeconds = (durationMs - first) / 1000;
    if (outputTokens > 1 && decodeSeconds > 0) {
      perToken.observe(shared, decodeSeconds / (outputTokens - 1));
      rate.observe({ model: labels.model }, (outputTokens - 1) / decodeSeconds);
    }
  }

  return {
    count(record) {
      const { request, facts, end, moments } = record;
      const labels = { door: door.of(facts.door), model: model.of(facts.model) };
      const routeLabel = route.of(request.route);
      const status = STATUS_CLASSES[Math.floor(end.status / 100)] ?? 'other';
      requests.inc({ ...labels, method: method.of(request.method), route: routeLabel, status });
      httpDuration.observe({ http_route: routeLabel }, record.durationMs / 1000);
      countTokens(record, labels);
      if (facts.finishReason !== undefined) {
        finishes.inc({ ...labels, reason: finishReason.of(facts.finishReason) });
      }
      for (const name of facts.leniencies ?? []) {
        leniencies.inc({ door: labels.door, leniency: leniency.of(name) });
      }
      if (end.abortReason !== undefined) {
        aborts.inc({ door: labels.door, reason: abortReason.of(end.abortReason) });
      }
      if (moments.queued !== undefined && moments.admitted !== undefined) {
        queueWait.observe((moments.admitted - moments.queued) / 1000);
      }
      if (moments.started !== undefined || moments['first-token'] !== undefined) {
        countGeneration(record, labels);
      }
    },
  };
}

/** Counters throw for anything else; a wrong count must not take the answer down. */
function isPositive(count: number | undefined): count is number {
  return count !== undefined && Number.isFinite(count) && count > 0;
}
