// The observer as the server uses it: metrics with bounded labels, spans with their relations,
// incidents that nobody watched, and an end that comes.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { anyText } from '../../test/helpers/any-text.js';
import { localCollector } from '../../test/helpers/local-collector.js';
import { ManualTimers } from '../../test/helpers/manual-timers.js';
import { createObserver, type ObserverOptions } from './observer.js';
import type { OtlpSpan } from './otlp-span.js';
import type { ComponentReport, Observer, RequestObservation, RequestStart } from './types.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const OWN_TRACE = '11112222333344445555666677778888';
const START_MS = 1_764_583_230_000;

function newObserver(options: Partial<ObserverOptions> = {}) {
  let elapsed = 0;
  let components: ComponentReport[] = [{ name: 'engine', status: 'operational' }];
  const timers = new ManualTimers();
  const observer = createObserver({
    gauges: {
      activeRequests: () => 3,
      queuedRequests: () => 2,
      journalDepth: () => 7,
      components: () => components,
    },
    serviceVersion: '1.2.3',
    now: () => START_MS + elapsed,
    elapsed: () => elapsed,
    timers,
    ...options,
  });
  return {
    observer,
    timers,
    pass(ms: number) {
      elapsed += ms;
      timers.advance(ms);
    },
    setComponents: (next: ComponentReport[]) => (components = next),
  };
}

const POST: RequestStart = {
  traceId: OWN_TRACE,
  method: 'POST',
  route: '/chat/completions',
  traceparent: undefined,
};

/** 100 ms queued, 50 ms admitted, first token at 400 ms, 11 tokens, 1400 ms in all. */
function generate(observer: Observer, pass: (ms: number) => void, start = POST): void {
  const observation = observer.start(start);
  observation.mark('queued');
  pass(100);
  observation.mark('admitted');
  observation.set({ door: 'chat', model: 'deepseek-reasoner', stream: true, keyId: 'k1' });
  pass(50);
  observation.mark('started');
  pass(250);
  observation.mark('first-token');
  pass(1000);
  observation.set({
    promptTokens: 40,
    cacheHitTokens: 32,
    completionTokens: 11,
    reasoningTokens: 4,
    finishReason: 'stop',
    leniencies: ['developer_role'],
    servedBy: 'hadal-mini',
  });
  observation.end({ status: 200 });
}

async function samples(observer: Observer): Promise<Map<string, number>> {
  const { contentType, body } = await observer.metrics();
  assert.match(contentType, /^text\/plain; version=0\.0\.4/);
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const [, series, value] = /^(\S+?(?:\{.*\})?) (\S+)$/.exec(line)!;
      return [series!, Number(value)];
    }),
  );
}

test('a generation is counted once in every metric it concerns', async () => {
  const { observer, pass } = newObserver();
  generate(observer, pass);
  const metrics = await samples(observer);
  const genAi =
    'gen_ai_operation_name="chat",gen_ai_provider_name="hadal",' +
    'gen_ai_request_model="deepseek-reasoner"';
  const door = 'door="chat",model="deepseek-reasoner"';
  const rows: [series: string, value: number][] = [
    [`hadal_requests_total{method="POST",route="/chat/completions",${door},status="2xx"}`, 1],
    ['http_server_request_duration_seconds_sum{http_route="/chat/completions"}', 1.4],
    [`gen_ai_server_request_duration_seconds_sum{${genAi},error_type="none"}`, 1.4],
    [`gen_ai_server_time_to_first_token_seconds_sum{${genAi}}`, 0.4],
    [`gen_ai_server_time_per_output_token_seconds_sum{${genAi}}`, 0.1],
    ['hadal_output_tokens_per_second_sum{model="deepseek-reasoner"}', 10],
    ['hadal_queue_wait_seconds_sum', 0.1],
    [`hadal_tokens_total{${door},type="input"}`, 40],
    [`hadal_tokens_total{${door},type="input_cached"}`, 32],
    [`hadal_tokens_total{${door},type="output"}`, 11],
    [`hadal_tokens_total{${door},type="output_reasoning"}`, 4],
    [`hadal_finish_reasons_total{${door},reason="stop"}`, 1],
    ['hadal_leniencies_applied_total{door="chat",leniency="developer_role"}', 1],
    ['hadal_running_requests', 3],
    ['hadal_queued_requests', 2],
    ['hadal_journal_depth', 7],
    ['hadal_component_status{component="engine",status="operational"}', 1],
    ['hadal_component_status{component="engine",status="down"}', 0],
    ['hadal_build_info{version="1.2.3"}', 1],
    ['http_server_active_requests', 0],
  ];
  for (const [series, value] of rows) {
    const seen = metrics.get(series);
    assert.ok(seen !== undefined && Math.abs(seen - value) < 1e-9, `${series}: ${seen}`);
  }
  for (const name of [
    'nodejs_eventloop_lag_p50_seconds',
    'nodejs_eventloop_lag_p99_seconds',
    'process_resident_memory_bytes',
    'process_cpu_seconds_total',
  ]) {
    assert.ok(metrics.get(name)! >= 0, name);
  }
  await observer.close();
});

test('failures before a model count as requests only; aborts by reason', async () => {
  const { observer, pass } = newObserver();
  observer.start(POST).end({ status: 400, errorType: 'invalid_request_error' });
  const cut = observer.start(POST);
  cut.set({ door: 'anthropic', model: 'deepseek-chat' });
  cut.mark('started');
  pass(10);
  cut.end({ status: 200, abortReason: 'client disconnected' });
  const open = observer.start(POST);
  const metrics = await samples(observer);
  const get = (start: string): number[] =>
    [...metrics].filter(([series]) => series.startsWith(start)).map(([, value]) => value);
  assert.deepEqual(
    get('hadal_requests_total{method="POST",route="/chat/completions",door="none"'),
    [1],
  );
  assert.deepEqual(get('gen_ai_server_request_duration_seconds_count'), [1]);
  assert.deepEqual(get('gen_ai_server_time_to_first_token_seconds_count'), []);
  assert.deepEqual(
    get('hadal_aborted_requests_total{door="anthropic",reason="client disconnected"}'),
    [1],
  );
  assert.deepEqual(get('http_server_active_requests'), [1]);
  open.end({ status: 200 });
  await observer.close();
});

test('whatever clients send, the number of series stays bounded and the text parseable', async () => {
  const { observer } = newObserver();
  const text = anyText();
  const record = fc.tuple(text, text, text, text, fc.double(), fc.integer());
  fc.assert(
    fc.property(record, ([route, model, door, reason, count, status]) => {
      const observation = observer.start({ ...POST, method: door, route });
      observation.set({ door, model, finishReason: reason, leniencies: [reason, model] });
      observation.set({ promptTokens: count, completionTokens: count });
      observation.mark('started');
      observation.mark('first-token');
      observation.end({ status, abortReason: reason, errorType: reason });
    }),
    { numRuns: 600 },
  );
  const { body } = await observer.metrics();
  assert.ok(!body.includes('NaN'));
  const metrics = await samples(observer);
  assert.ok(metrics.size < 6000, `${metrics.size} series`);
  const models = new Set([...metrics.keys()].map((key) => /[,{]model="([^"]*)"/.exec(key)?.[1]));
  assert.deepEqual([...models].toSorted(), ['other', undefined]);
  await observer.close();
});

test('metrics can be off', async () => {
  const { observer, pass } = newObserver({ metrics: false });
  generate(observer, pass);
  assert.equal((await observer.metrics()).body, '# metrics are off\n');
  await observer.close();
});

async function exported(
  act: (observer: Observer, pass: (ms: number) => void) => void,
): Promise<OtlpSpan[]> {
  const collector = await localCollector();
  const { observer, pass } = newObserver({ otlp: { endpoint: collector.endpoint } });
  act(observer, pass);
  await observer.close();
  await observer.close();
  await collector.close();
  return collector.spans();
}

function attributesOf(span: OtlpSpan): Record<string, unknown> {
  return Object.fromEntries(
    span.attributes.map(({ key, value }) => [key, Object.values(value)[0]]),
  );
}

test('a request is a server span with its phases inside', async () => {
  const spans = await exported(generate);
  assert.deepEqual(
    spans.map(({ name }) => name),
    ['chat deepseek-reasoner', 'queue', 'prefill', 'generation'],
  );
  const [server, ...phases] = spans as [OtlpSpan, ...OtlpSpan[]];
  assert.equal(server.parentSpanId, undefined);
  assert.equal(server.kind, 2);
  for (const span of spans) {
    assert.equal(span.traceId, OWN_TRACE);
    assert.match(span.spanId, /^[0-9a-f]{16}$/);
    assert.match(span.startTimeUnixNano, /^\d{19}$/);
    assert.match(span.endTimeUnixNano, /^\d{19}$/);
  }
  const at = (ms: number): string => `${START_MS + ms}000000`;
  assert.deepEqual(
    spans.map((span) => [span.startTimeUnixNano, span.endTimeUnixNano]),
    [
      [at(0), at(1400)],
      [at(0), at(100)],
      [at(150), at(400)],
      [at(400), at(1400)],
    ],
  );
  for (const phase of phases) assert.equal(phase.parentSpanId, server.spanId);
  assert.equal(new Set(spans.map(({ spanId }) => spanId)).size, 4);
  assert.deepEqual(attributesOf(server), {
    'http.request.method': 'POST',
    'http.route': '/chat/completions',
    'http.response.status_code': '200',
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'hadal',
    'gen_ai.system': 'hadal',
    'gen_ai.request.model': 'deepseek-reasoner',
    'gen_ai.response.model': 'hadal-mini',
    'gen_ai.response.finish_reasons': { values: [{ stringValue: 'stop' }] },
    'gen_ai.usage.input_tokens': '40',
    'gen_ai.usage.output_tokens': '11',
    'gen_ai.usage.cache_read.input_tokens': '32',
    'gen_ai.usage.reasoning.output_tokens': '4',
    'hadal.trace_id': OWN_TRACE,
    'hadal.door': 'chat',
    'hadal.stream': true,
    'hadal.key.id': 'k1',
    'hadal.leniencies': { values: [{ stringValue: 'developer_role' }] },
  });
});

test("a client's trace is continued when it is sampled, and left alone when not", async () => {
  const parent = '00f067aa0ba902b7';
  const [server] = await exported((observer, pass) =>
    generate(observer, pass, { ...POST, traceparent: `00-${TRACE}-${parent}-01` }),
  );
  assert.equal(server!.traceId, TRACE);
  assert.equal(server!.parentSpanId, parent);
  assert.equal(attributesOf(server!)['hadal.trace_id'], OWN_TRACE);
  const none = await exported((observer, pass) =>
    generate(observer, pass, { ...POST, traceparent: `00-${TRACE}-${parent}-00` }),
  );
  assert.deepEqual(none, []);
});

test('server faults are errors, client faults are not', async () => {
  const get = { ...POST, method: 'GET', route: '/models/{id}' };
  const [fault, mistake, halfway] = await exported((observer) => {
    observer.start(get).end({ status: 503 });
    observer.start(get).end({ status: 404, errorType: 'not_found' });
    observer.start(POST).end({ status: 200, errorType: 'server_error' });
  });
  assert.equal(fault!.name, 'GET /models/{id}');
  assert.deepEqual(fault!.status, { code: 2 });
  assert.equal(attributesOf(fault!)['error.type'], '503');
  assert.deepEqual(mistake!.status, {});
  assert.deepEqual(halfway!.status, { code: 2 });
  assert.equal(attributesOf(mistake!)['error.type'], 'not_found');
});

test('incidents are noticed when nobody looks', async () => {
  const { observer, pass, setComponents, timers } = newObserver();
  pass(10_000);
  setComponents([{ name: 'engine', status: 'down', detail: 'crashed' }]);
  pass(10_000);
  setComponents([{ name: 'engine', status: 'operational' }]);
  pass(10_000);
  const report = observer.status();
  assert.equal(report.status, 'operational');
  assert.equal(report.since, START_MS);
  assert.equal(report.at, START_MS + 30_000);
  assert.deepEqual(report.incidents, [
    {
      component: 'engine',
      status: 'down',
      detail: 'crashed',
      from: START_MS + 20_000,
      until: START_MS + 30_000,
    },
  ]);
  await observer.close();
  assert.equal(timers.numPending, 0);
});

test('a gauge that throws is a component that is down, not a crash', async () => {
  const { observer } = newObserver({
    gauges: {
      activeRequests: () => 0,
      queuedRequests: () => 0,
      journalDepth: () => 0,
      components: () => {
        throw new Error('no list');
      },
    },
  });
  assert.deepEqual(observer.status().components, [
    { name: 'health checks', status: 'down', detail: 'no list' },
  ]);
  await observer.close();
});

test('two observers in one process do not meet', async () => {
  const [one, two] = [newObserver(), newObserver()];
  generate(one.observer, one.pass);
  const seen = await samples(two.observer);
  assert.ok(![...seen.keys()].some((series) => series.startsWith('hadal_requests_total')));
  await Promise.all([one.observer.close(), two.observer.close()]);
});

test('observations may outlive the observer', async () => {
  const { observer } = newObserver({ otlp: { endpoint: 'http://127.0.0.1:9/v1/traces' } });
  const late: RequestObservation = observer.start(POST);
  await observer.close();
  late.end({ status: 200 });
});
