// Upstreams that fail in every way we know: before the first byte another one takes over, after it
// the stream ends with what was delivered.

import assert from 'node:assert/strict';
import test from 'node:test';
import { fakeUpstream, type Fault } from '../helpers/fake-upstream.js';
import { ManualTimers } from '../helpers/manual-timers.js';
import {
  collect,
  finishOf,
  makeRequest,
  never,
  startBackend,
  textOf,
  tokenizer,
  tokensOf,
} from '../helpers/upstream-fixtures.js';
import type { GenerateEvent } from '../../src/backend/types.js';
import { UpstreamBackend } from '../../src/upstream/upstream-backend.js';

const VLLM = { dialect: 'vllm', tokenizer, reply: tokensOf('abcdef') } as const;

const BEFORE_FIRST_BYTE: Record<string, Fault> = {
  'a connection that dies': { type: 'die' },
  'headers and nothing else': { type: 'empty' },
  'a stream cut before its first event': { type: 'cut', after: 0 },
  429: { type: 'status', status: 429 },
  503: { type: 'status', status: 503, body: 'not even JSON' },
  504: { type: 'status', status: 504 },
  'a redirect': { type: 'status', status: 307, headers: { location: 'http://127.0.0.1:1/' } },
  'a model that is not there': { type: 'status', status: 404 },
  'an error event': {
    type: 'raw',
    after: 0,
    bytes: 'data: {"error":{"message":"x","code":500}}\n\n',
  },
};

for (const [name, fault] of Object.entries(BEFORE_FIRST_BYTE)) {
  test(`before the first byte: ${name}: another endpoint serves`, async (t) => {
    const engines = [await fakeUpstream(t, VLLM), await fakeUpstream(t, VLLM)] as const;
    engines[0].faults.push(fault);
    const { backend, counts, notices } = await startBackend(t, engines);
    const events = await collect(backend.generate(makeRequest(), never));
    assert.equal(textOf(events), 'abcdef');
    assert.equal(finishOf(events).reason, 'stop');
    assert.deepEqual([engines[0].asked.length, engines[1].asked.length], [1, 1]);
    assert.equal(counts.retries, 1);
    assert.equal(notices.filter(({ type }) => type === 'retry').length, 1);
  });
}

test('503, then well: a single endpoint is asked again', async (t) => {
  const engine = await fakeUpstream(t, VLLM);
  engine.faults.push({ type: 'status', status: 503 });
  const { backend } = await startBackend(t, [engine]);
  const events = await collect(backend.generate(makeRequest(), never));
  assert.equal(textOf(events), 'abcdef');
  assert.equal(engine.asked.length, 2);
});

test('attempts are bounded, and the request is then refused as unavailable', async (t) => {
  const engine = await fakeUpstream(t, VLLM);
  for (let i = 0; i < 9; i++) engine.faults.push({ type: 'status', status: 503 });
  const { backend } = await startBackend(t, [engine], { maxAttempts: 3 });
  await assert.rejects(collect(backend.generate(makeRequest(), never)), {
    name: 'BackendError',
    code: 'unavailable',
    message: 'no upstream server took the request; the last answered 503: try later',
  });
  assert.equal(engine.asked.length, 3);
  assert.equal(backend.describe().endpoints[0]!.inFlight, 0);
});

test('500 is not played through the fleet', async (t) => {
  const engines = [await fakeUpstream(t, VLLM), await fakeUpstream(t, VLLM)] as const;
  engines[0].faults.push({ type: 'status', status: 500 });
  const { backend } = await startBackend(t, engines);
  await assert.rejects(collect(backend.generate(makeRequest(), never)), { code: 'unavailable' });
  assert.equal(engines[1].asked.length, 0);
});

const LONG_LINE = `data: ${'x'.repeat(2 ** 20 + 10)}`;
const MID_STREAM: Record<string, Fault> = {
  'a cut connection': { type: 'cut', after: 3 },
  'a polite end without a finish reason': { type: 'end', after: 3 },
  'bytes that are no JSON': { type: 'raw', after: 3, bytes: 'data: {"choices":[\n\n' },
  'JSON that is no chunk': { type: 'raw', after: 3, bytes: 'data: 7\n\ndata: [DONE]\n\n' },
  'a token id that is none': {
    type: 'raw',
    after: 3,
    bytes: 'data: {"choices":[{"text":"","token_ids":[-1]}]}\n\n',
  },
  'an endless line': { type: 'raw', after: 3, bytes: LONG_LINE },
  'an error event': { type: 'raw', after: 3, bytes: 'data: {"error":{"message":"gone"}}\n\n' },
  'an abort over there': {
    type: 'raw',
    after: 3,
    bytes: 'data: {"choices":[{"text":"","token_ids":[],"finish_reason":"abort"}]}\n\n',
  },
};

for (const [name, fault] of Object.entries(MID_STREAM)) {
  test(`mid-stream: ${name}: ends with the usage so far, and nobody else is asked`, async (t) => {
    const engines = [await fakeUpstream(t, VLLM), await fakeUpstream(t, VLLM)] as const;
    engines[0].faults.push(fault);
    const { backend } = await startBackend(t, engines);
    const request = makeRequest();
    const events = await collect(backend.generate(request, never));
    assert.equal(textOf(events), 'abc');
    assert.deepEqual(finishOf(events), {
      type: 'finish',
      reason: 'insufficient_system_resource',
      usage: {
        promptTokens: request.promptTokens.length,
        cacheHitTokens: 0,
        completionTokens: 3,
      },
    });
    assert.equal(engines[1].asked.length, 0);
    assert.equal(backend.describe().endpoints[0]!.inFlight, 0);
  });
}

test('an answer that is no event stream is a failure', async (t) => {
  const engine = await fakeUpstream(t, VLLM);
  engine.faults.push({ type: 'raw', after: 0, bytes: '<html>', contentType: 'text/html' });
  const { backend } = await startBackend(t, [engine]);
  await assert.rejects(collect(backend.generate(makeRequest(), never)), {
    code: 'unavailable',
    message: 'the upstream server answered with text/html',
  });
});

/** Lets I/O happen until `condition` holds; no time is waited for. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

test('a slow first byte: after the limit another endpoint is asked', async (t) => {
  for (const headers of [true, false]) {
    const timers = new ManualTimers();
    const engines = [await fakeUpstream(t, VLLM), await fakeUpstream(t, VLLM)] as const;
    engines[0].faults.push({ type: 'silence', after: 0, headers });
    const { backend } = await startBackend(t, engines, {
      timers,
      firstByteTimeoutMs: 1_000,
      healthIntervalMs: 1e9,
    });
    const reply = collect(backend.generate(makeRequest(), never));
    await until(() => engines[0].asked.length === 1);
    timers.advance(1_000);
    assert.equal(textOf(await reply), 'abcdef');
    await engines[0].cancelled;
  }
});

test('a stream that falls silent ends after the idle limit', async (t) => {
  const timers = new ManualTimers();
  const engine = await fakeUpstream(t, VLLM);
  engine.faults.push({ type: 'silence', after: 2 });
  const { backend } = await startBackend(t, [engine], {
    timers,
    idleTimeoutMs: 500,
    firstByteTimeoutMs: 1e8,
    healthIntervalMs: 1e9,
  });
  const events: GenerateEvent[] = [];
  const pendingBefore = timers.numPending;
  const stream = backend.generate(makeRequest(), never)[Symbol.asyncIterator]();
  events.push((await stream.next()).value as GenerateEvent);
  events.push((await stream.next()).value as GenerateEvent);
  timers.advance(10_000); // a slow consumer: nobody waits, so no time runs
  const last = stream.next();
  await until(() => timers.numPending > pendingBefore);
  timers.advance(500);
  events.push((await last).value as GenerateEvent);
  assert.equal(textOf(events), 'ab');
  assert.equal(finishOf(events).reason, 'insufficient_system_resource');
});

test('aborting ends the stream at once and cancels the request upstream', async (t) => {
  const engine = await fakeUpstream(t, VLLM);
  engine.faults.push({ type: 'silence', after: 2 });
  const { backend } = await startBackend(t, [engine]);
  const controller = new AbortController();
  const events: GenerateEvent[] = [];
  for await (const event of backend.generate(makeRequest(), controller.signal)) {
    events.push(event);
    if (events.length === 2) controller.abort();
  }
  assert.equal(finishOf(events).reason, 'aborted');
  assert.equal(finishOf(events).usage.completionTokens, 2);
  await engine.cancelled;
});

test('aborting before the first byte, and before the start', async (t) => {
  const engine = await fakeUpstream(t, VLLM);
  engine.faults.push({ type: 'silence', after: 0, headers: false });
  const { backend } = await startBackend(t, [engine]);
  const controller = new AbortController();
  const reply = collect(backend.generate(makeRequest(), controller.signal));
  await until(() => engine.asked.length === 1);
  controller.abort();
  assert.equal(finishOf(await reply).reason, 'aborted');
  await engine.cancelled;
  const events = await collect(backend.generate(makeRequest(), controller.signal));
  assert.deepEqual(
    events.map(({ type }) => type),
    ['finish'],
  );
  assert.equal(engine.asked.length, 1);
});

test('leaving the loop cancels the request upstream', async (t) => {
  const engine = await fakeUpstream(t, VLLM);
  engine.faults.push({ type: 'silence', after: 2 });
  const { backend } = await startBackend(t, [engine]);
  for await (const event of backend.generate(makeRequest(), never)) {
    assert.equal(event.type, 'token');
    break;
  }
  await engine.cancelled;
  assert.equal(backend.describe().endpoints[0]!.inFlight, 0);
});

test('disposing ends what runs, and nothing can be started after', async (t) => {
  const engine = await fakeUpstream(t, VLLM);
  engine.faults.push({ type: 'silence', after: 1 });
  const { backend } = await startBackend(t, [engine]);
  const events: GenerateEvent[] = [];
  for await (const event of backend.generate(makeRequest(), never)) {
    events.push(event);
    if (event.type === 'token') void backend.dispose();
  }
  assert.equal(finishOf(events).reason, 'aborted');
  await assert.rejects(collect(backend.generate(makeRequest(), never)), { code: 'unavailable' });
  assert.deepEqual(backend.health(), { status: 'closed' });
});

test('a refused request goes back to its sender, without our key', async (t) => {
  const apiKey = 'sk-upstream-secret';
  const engine = await fakeUpstream(t, { ...VLLM, apiKey });
  const { backend, notices } = await startBackend(t, [engine], { endpoints: { apiKey } });
  await collect(backend.generate(makeRequest(), never)); // it takes everything we say
  const refusal = (message: string): Fault => ({
    type: 'status',
    status: 400,
    body: { error: { message } },
  });
  engine.faults.push(refusal(`bad request from ${apiKey}\n`));
  await assert.rejects(collect(backend.generate(makeRequest(), never)), {
    code: 'invalid_request',
    message: 'the upstream server answered 400: bad request from ***',
  });
  engine.faults.push(refusal("This model's maximum context length is 4096 tokens."));
  await assert.rejects(collect(backend.generate(makeRequest(), never)), { code: 'context_length' });
  assert.ok(!JSON.stringify([notices, backend.describe(), backend.health()]).includes(apiKey));
});

test('what an engine writes into its stream is shown short, printable and without our key', async (t) => {
  const apiKey = 'sk-upstream-secret';
  const engine = await fakeUpstream(t, { ...VLLM, apiKey });
  const message = `gone ${apiKey} \u001b[31m ${'x'.repeat(9_000)}`;
  const bytes = `data: ${JSON.stringify({ error: { message } })}\n\n`;
  engine.faults.push({ type: 'raw', after: 1, bytes });
  const { backend, notices } = await startBackend(t, [engine], { endpoints: { apiKey } });
  const events = await collect(backend.generate(makeRequest(), never));
  assert.equal(finishOf(events).reason, 'insufficient_system_resource');
  const broken = notices.find(({ type }) => type === 'stream-broken');
  assert.ok(broken?.type === 'stream-broken');
  assert.match(broken.detail, /^reported an error: gone \*\*\* {2}\[31m x+$/);
  assert.ok(broken.detail.length <= 300);
});

test('an error whose body never ends does not hold the request', async (t) => {
  const timers = new ManualTimers();
  const engines = [await fakeUpstream(t, VLLM), await fakeUpstream(t, VLLM)] as const;
  engines[0].faults.push({ type: 'status', status: 503, hangs: true });
  const { backend } = await startBackend(t, engines, { timers, healthIntervalMs: 1e9 });
  const pendingBefore = timers.numPending;
  const reply = collect(backend.generate(makeRequest(), never));
  await until(() => timers.numPending === pendingBefore + 2); // first byte, error body
  timers.advance(5_000);
  assert.equal(textOf(await reply), 'abcdef');
});

test('a wrong key takes the endpoint out, and start-up says why', async (t) => {
  const engine = await fakeUpstream(t, { ...VLLM, apiKey: 'sk-right' });
  await assert.rejects(
    UpstreamBackend.start({ endpoints: [{ url: engine.url, apiKey: 'sk-wrong' }], tokenizer }),
    {
      name: 'UpstreamConfigError',
      message: /context length.*answered 401: invalid key Bearer \*\*\*/,
    },
  );
});

test('an endpoint that refuses our extensions or token prompts is spoken to plainly', async (t) => {
  const strict = await fakeUpstream(t, {
    ...VLLM,
    refusedFields: ['return_token_ids'],
    refusesTokenPrompts: true,
  });
  const { backend, notices } = await startBackend(t, [strict]);
  const request = makeRequest();
  assert.equal(textOf(await collect(backend.generate(request, never))), 'abcdef');
  const plain = strict.asked.at(-1)!;
  assert.equal(plain.prompt, tokenizer.decode(request.promptTokens));
  assert.ok(!('skip_special_tokens' in plain));
  assert.equal(notices.filter(({ type }) => type === 'reduced-request').length, 1);
  const numAsked = strict.asked.length;
  await collect(backend.generate(makeRequest(), never));
  assert.equal(strict.asked.length, numAsked + 1, 'what worked is kept');

  // As text, this prompt would hold a control token that it does not hold.
  const hostile = tokenizer.encode('<｜User｜>', { special: false });
  await assert.rejects(collect(backend.generate(makeRequest({ promptTokens: hostile }), never)), {
    code: 'invalid_request',
    message: /spells a control token/,
  });
});

test('an endpoint with another vocabulary is refused', async (t) => {
  const engine = await fakeUpstream(t, { ...VLLM, tokenize: () => [1, 2, 3] });
  const { backend } = await startBackend(t, [engine], { contextLength: 100, modelId: 'm' });
  assert.equal(backend.health().status, 'restarting');
  assert.match(backend.health().detail!, /another vocabulary/);
  await assert.rejects(collect(backend.generate(makeRequest(), never)), { code: 'unavailable' });
});

test('a request id that runs already is refused', async (t) => {
  const engine = await fakeUpstream(t, VLLM);
  engine.faults.push({ type: 'silence', after: 1 });
  const { backend } = await startBackend(t, [engine]);
  const request = makeRequest();
  for await (const event of backend.generate(request, never)) {
    assert.equal(event.type, 'token');
    await assert.rejects(collect(backend.generate(request, never)), { code: 'invalid_request' });
    break;
  }
});
