// The metrics of requests: names, meanings, labels, buckets. Names follow Prometheus (base units,
// `_total`) and, where they exist, the OpenTelemetry GenAI conventions. docs/observability.md lists
// them for people, and a test keeps the two lists equal.

import type { Registry } from 'prom-client';
import { seriesCounter, seriesHistogram } from './metric-series.js';

/** Few buckets each: a bucket is a time series per label set, and a line per scrape. */
const HTTP_SECONDS = [0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 300];
const GENERATION_SECONDS = [0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];
const FIRST_TOKEN_SECONDS = [0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120];
const QUEUE_SECONDS = [0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300];
const PER_TOKEN_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5];
const TOKENS_PER_SECOND = [1, 2.5, 5, 10, 25, 50, 100, 250, 1000];

/** Registers all; each member makes the series of one metric. */
export function registerRequestMetrics(registry: Registry) {
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
