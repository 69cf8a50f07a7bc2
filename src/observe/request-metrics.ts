// Metrics of finished requests. Everything is counted once, at the end of a request, from its
// record, in series that are looked up once per label set. Which metrics there are is
// request-metric-list.ts; here is when they count.

import type { Registry } from 'prom-client';
import { firstComeLabel, knownLabel } from './bounded-label.js';
import { DOORS, operationOf, PROVIDER } from './gen-ai.js';
import type { CounterSeries, HistogramSeries } from './metric-series.js';
import { registerRequestMetrics } from './request-metric-list.js';
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
  const metrics = registerRequestMetrics(registry);
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
    const { moments, durationMs, facts } = record;
    const outputTokens = countOf(facts.completionTokens);
    const first = moments['first-token'];
    if (first === undefined) return;
    series.firstToken.observe(first / 1000);
    // The first token is the prefill's; only those after it tell how fast decoding is.
    const decodeSeconds = (durationMs - first) / 1000;
    if (outputTokens > 1 && decodeSeconds > 0) {
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
      series.output.value += countOf(facts.completionTokens);
      series.outputReasoning.value += countOf(facts.reasoningTokens);
      if (moments.started === undefined && moments['first-token'] === undefined) return;
      durations(doorLabel, modelLabel, errorType.of(end.errorType)).observe(durationMs / 1000);
      countGeneration(record, series);
    },
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
