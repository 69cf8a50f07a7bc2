// Metrics of finished requests. Everything is counted once, at the end of a request, from its
// record. Names follow Prometheus (base units, `_total`) and, where they exist, the OpenTelemetry
// GenAI conventions; the whole list with meanings is docs/observability.md.

import type { Registry } from 'prom-client';
import { firstComeLabel, knownLabel } from './bounded-label.js';
import { DOORS, operationOf, PROVIDER } from './gen-ai.js';
import {
  seriesCounter,
  seriesHistogram,
  type CounterSeries,
  type HistogramSeries,
} from './metric-series.js';
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

/** Series that share door and model. */
interface ModelSeries {
  input: CounterSeries;
  inputCached: CounterSeries;
  output: CounterSeries;
  outputReasoning: CounterSeries;
  firstToken: HistogramSeries;
  perToken: HistogramSeries;
  rate: HistogramSeries;
}

/** @param models names allowed as label values; any other model is `other`. */
export function createRequestMetrics(
  registry: Registry,
  models: readonly string[],
): RequestMetrics {
  const metrics = register(registry);
  const method = knownLabel(METHODS);
  const door = knownLabel(DOORS);
  const model = knownLabel(models);
  const finishReason = knownLabel(FINISH_REASONS);
  const route = firstComeLabel(256);
  const leniency = firstComeLabel(32);
  const abortReason = firstComeLabel(32);
  const errorType = firstComeLabel(32);

  const requests = byLabels(metrics.requests, 'method', 'route', 'door', 'model', 'status');
  const httpDuration = byLabels(metrics.httpDuration, 'http_route');
  const finishes = byLabels(metrics.finishes, 'door', 'model', 'reason');
  const leniencies = byLabels(metrics.leniencies, 'door', 'leniency');
  const aborts = byLabels(metrics.aborts, 'door', 'reason');
  const queueWait = metrics.queueWait({});
  const durations = byLabels(
    ({ door: name, model: modelName, error_type }) =>
      metrics.duration({ ...genAiLabels(name!, modelName!), error_type: error_type! }),
    'door',
    'model',
    'error_type',
  );
  const rates = byLabels(metrics.rate, 'model');
  const byModel = byLabels(
    ({ door: name, model: modelName }): ModelSeries => {
      const labels = { door: name!, model: modelName! };
      const genAi = genAiLabels(name!, modelName!);
      return {
        input: metrics.tokens({ ...labels, type: 'input' }),
        inputCached: metrics.tokens({ ...labels, type: 'input_cached' }),
        output: metrics.tokens({ ...labels, type: 'output' }),
        outputReasoning: metrics.tokens({ ...labels, type: 'output_reasoning' }),
        firstToken: metrics.firstToken(genAi),
        perToken: metrics.perToken(genAi),
        rate: rates(modelName!),
      };
    },
    'door',
    'model',
  );

  function countGeneration(record: FinishedRecord, series: ModelSeries): void {
    const { moments, durationMs, outputTokens } = record;
    const first = moments['first-token'];
    if (first === undefined) return;
    series.firstToken.observe(first / 1000);
    // The first token is the prefill's; only those after it tell how fast decoding is.
    const decodeSeconds = (durationMs - first) / 1000;
    if (countOf(outputTokens) > 1 && decodeSeconds > 0) {
      series.perToken.observe(decodeSeconds / (outputTokens - 1));
      series.rate.observe((outputTokens - 1) / decodeSeconds);
    }
  }

  return {
    count(record) {
      const { request, facts, end, moments, durationMs } = record;
      const doorLabel = door.of(facts.door);
      const modelLabel = model.of(facts.model);
      const routeLabel = route.of(request.route);
      const status = STATUS_CLASSES[Math.floor(end.status / 100)] ?? 'other';
      requests(method.of(request.method), routeLabel, doorLabel, modelLabel, status).value += 1;
      httpDuration(routeLabel).observe(durationMs / 1000);
      if (facts.finishReason !== undefined) {
        finishes(doorLabel, modelLabel, finishReason.of(facts.finishReason)).value += 1;
      }
      for (const name of facts.leniencies ?? []) {
        leniencies(doorLabel, leniency.of(name)).value += 1;
      }
      if (end.abortReason !== undefined) {
        aborts(doorLabel, abortReason.of(end.abortReason)).value += 1;
      }
      if (moments.queued !== undefined && moments.admitted !== undefined) {
        queueWait.observe((moments.admitted - moments.queued) / 1000);
      }
      if (facts.door === undefined) return;
      const series = byModel(doorLabel, modelLabel);
      series.input.value += countOf(facts.promptTokens);
      series.inputCached.value += countOf(facts.cacheHitTokens);
      series.output.value += countOf(record.outputTokens);
      series.outputReasoning.value += countOf(facts.reasoningTokens);
      if (moments.started === undefined && moments['first-token'] === undefined) return;
      durations(doorLabel, modelLabel, errorType.of(end.errorType)).observe(durationMs / 1000);
      countGeneration(record, series);
    },
  };
}

function register(registry: Registry) {
  const genAi = ['gen_ai_operation_name', 'gen_ai_provider_name', 'gen_ai_request_model'];
  return {
    requests: seriesCounter({
      registry,
      name: 'hadal_requests_total',
      help: 'Answered HTTP requests.',
      labelNames: ['method', 'route', 'door', 'model', 'status'],
    }),
    tokens: seriesCounter({
      registry,
      name: 'hadal_tokens_total',
      help: 'Tokens by type; input_cached is a part of input, output_reasoning a part of output.',
      labelNames: ['door', 'model', 'type'],
    }),
    finishes: seriesCounter({
      registry,
      name: 'hadal_finish_reasons_total',
      help: 'Generations by finish reason.',
      labelNames: ['door', 'model', 'reason'],
    }),
    leniencies: seriesCounter({
      registry,
      name: 'hadal_leniencies_applied_total',
      help: 'Requests on which a leniency acted.',
      labelNames: ['door', 'leniency'],
    }),
    aborts: seriesCounter({
      registry,
      name: 'hadal_aborted_requests_total',
      help: 'Exchanges cut before their end.',
      labelNames: ['door', 'reason'],
    }),
    httpDuration: seriesHistogram(
      {
        registry,
        name: 'http_server_request_duration_seconds',
        help: 'From the head of the request to the end of the answer, every route.',
        labelNames: ['http_route'],
      },
      HTTP_SECONDS,
    ),
    duration: seriesHistogram(
      {
        registry,
        name: 'gen_ai_server_request_duration_seconds',
        help: 'Requests that reached a model, queue included, to the last byte.',
        labelNames: [...genAi, 'error_type'],
      },
      GENERATION_SECONDS,
    ),
    firstToken: seriesHistogram(
      {
        registry,
        name: 'gen_ai_server_time_to_first_token_seconds',
        help: 'From the head of the request to the first token, queue included.',
        labelNames: genAi,
      },
      FIRST_TOKEN_SECONDS,
    ),
    perToken: seriesHistogram(
      {
        registry,
        name: 'gen_ai_server_time_per_output_token_seconds',
        help: 'Mean time per token after the first, one value per request.',
        labelNames: genAi,
      },
      PER_TOKEN_SECONDS,
    ),
    rate: seriesHistogram(
      {
        registry,
        name: 'hadal_output_tokens_per_second',
        help: 'Tokens per second after the first token, one value per request.',
        labelNames: ['model'],
      },
      TOKENS_PER_SECOND,
    ),
    queueWait: seriesHistogram(
      {
        registry,
        name: 'hadal_queue_wait_seconds',
        help: 'Time between entering the queue and being admitted.',
      },
      QUEUE_SECONDS,
    ),
  };
}

function genAiLabels(door: string, model: string): Record<string, string> {
  return {
    gen_ai_operation_name: operationOf(door) ?? 'other',
    gen_ai_provider_name: PROVIDER,
    gen_ai_request_model: model,
  };
}

/** Series by the values of their labels, each made on first use. Values are bounded labels. */
function byLabels<T>(
  make: (labels: Record<string, string>) => T,
  ...names: readonly string[]
): (...values: readonly string[]) => T {
  const all = new Map<string, T>();
  return (...values) => {
    const key = values.length === 1 ? values[0]! : values.join('\n');
    const known = all.get(key);
    if (known !== undefined) return known;
    const made = make(Object.fromEntries(names.map((name, index) => [name, values[index]!])));
    all.set(key, made);
    return made;
  };
}

/** A wrong count from an upstream must not spoil a sum for ever. */
function countOf(count: number | undefined): number {
  return count !== undefined && Number.isSafeInteger(count) && count > 0 ? count : 0;
}
