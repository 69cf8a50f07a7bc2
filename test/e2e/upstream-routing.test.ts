// Several endpoints: affinity, balance, limits, outages and returns, with real servers and a clock
// that the tests move.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { fakeUpstream, type FakeUpstream } from '../helpers/fake-upstream.js';
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
import { UpstreamBackend } from '../../src/upstream/upstream-backend.js';

const VLLM = { dialect: 'vllm', tokenizer, reply: tokensOf('abcdef') } as const;

async function twoEngines(t: TestContext): Promise<[FakeUpstream, FakeUpstream]> {
  return [await fakeUpstream(t, VLLM), await fakeUpstream(t, VLLM)];
}

const numAsked = (engines: readonly FakeUpstream[]) => engines.map(({ asked }) => asked.length);

/** Lets I/O happen until `condition` holds; no time is waited for. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

function conversation(letter: string, turns: number): Int32Array {
  return tokenizer.encode(`${letter}bcdefgh`.repeat(20 * turns));
}

test('each conversation returns to the endpoint that has its prefix', async (t) => {
  const engines = await twoEngines(t);
  const { backend, counts } = await startBackend(t, engines);
  const letters = ['q', 'r', 's', 't'];
  for (const turns of [1, 2, 3]) {
    for (const letter of letters) {
      const promptTokens = conversation(letter, turns);
      await collect(backend.generate(makeRequest({ promptTokens }), never));
    }
  }
  assert.deepEqual(numAsked(engines), [6, 6]);
  for (const { asked } of engines) {
    const firstTokens = asked.map(({ prompt }) => (prompt as number[])[0]);
    assert.equal(new Set(firstTokens).size, 2, 'two conversations each, all of their turns');
  }
  assert.equal(counts.prefix_hits, 8);
});

test('tenants do not share affinity', async (t) => {
  const engines = await twoEngines(t);
  const { backend } = await startBackend(t, engines);
  const promptTokens = conversation('q', 2);
  for (const cacheSalt of ['a', 'b', 'a', 'b']) {
    await collect(backend.generate(makeRequest({ promptTokens, cacheSalt }), never));
  }
  for (const { asked } of engines) {
    assert.equal(asked.length, 2);
    assert.equal(asked[0]!.cache_salt, asked[1]!.cache_salt);
  }
});

test('maxConcurrency is kept: requests wait for a place, and leave when aborted', async (t) => {
  const engine = await fakeUpstream(t, VLLM);
  engine.faults.push({ type: 'silence', after: 1 });
  const { backend } = await startBackend(t, [engine], {
    endpoints: { maxConcurrency: 1 },
    maxWaiting: 2,
  });
  const first = new AbortController();
  const running = backend.generate(makeRequest(), first.signal)[Symbol.asyncIterator]();
  await running.next();
  const second = collect(backend.generate(makeRequest(), never));
  const third = new AbortController();
  const aborted = collect(backend.generate(makeRequest(), third.signal));
  await until(() => backend.describe().waiting === 2);
  await assert.rejects(collect(backend.generate(makeRequest(), never)), {
    code: 'unavailable',
    message: /the queue/,
  });
  third.abort();
  assert.equal(finishOf(await aborted).reason, 'aborted');
  assert.equal(engine.asked.length, 1);
  first.abort();
  while (!(await running.next()).done);
  assert.equal(textOf(await second), 'abcdef');
  assert.equal(engine.asked.length, 2);
});

test('an endpoint that goes away is left out, comes back on trial, and is trusted again', async (t) => {
  const timers = new ManualTimers();
  const engines = await twoEngines(t);
  const options = { timers, healthIntervalMs: 1_000, checkTimeoutMs: 1e9 };
  const { backend, notices } = await startBackend(t, engines, options);
  const status = () => backend.describe().endpoints.map((endpoint) => endpoint.status);
  const firstBecomes = (state: string) =>
    until(() => {
      timers.advance(100);
      return status()[0] === state;
    });
  assert.deepEqual(status(), ['ready', 'ready']);

  engines[0].isHealthy = false;
  await firstBecomes('suspect');
  await firstBecomes('down');
  assert.equal(backend.health().status, 'ready');
  assert.match(backend.health().detail!, /answered 503: Loading model/);
  for (let i = 0; i < 3; i++) await collect(backend.generate(makeRequest(), never));
  assert.deepEqual(numAsked(engines), [0, 3]);

  engines[0].isHealthy = true;
  await firstBecomes('suspect');
  engines[0].faults.push({ type: 'die' });
  const events = await collect(backend.generate(makeRequest(), never));
  assert.equal(textOf(events), 'abcdef', 'a failed trial is served by the other');
  assert.equal(status()[0], 'down');

  await firstBecomes('suspect');
  await collect(backend.generate(makeRequest(), never));
  assert.deepEqual(status(), ['ready', 'ready']);
  const states = notices.flatMap((n) => (n.type === 'endpoint-state' ? [`${n.from}>${n.to}`] : []));
  assert.deepEqual(states, [
    'ready>suspect',
    'suspect>down',
    'down>suspect',
    'suspect>down',
    'down>suspect',
    'suspect>ready',
  ]);
});

test('a stopped server: its requests go to the other, then it is not asked any more', async (t) => {
  const engines = await twoEngines(t);
  const { backend } = await startBackend(t, engines);
  await engines[0].stop();
  for (let i = 0; i < 8; i++) {
    const events = await collect(backend.generate(makeRequest(), never));
    assert.equal(textOf(events), 'abcdef');
  }
  assert.equal(engines[1].asked.length, 8);
  await engines[1].stop();
  await assert.rejects(collect(backend.generate(makeRequest(), never)), { code: 'unavailable' });
});

test('starting before the engines needs the numbers that they would tell', async (t) => {
  const engine = await fakeUpstream(t, VLLM);
  engine.isHealthy = false;
  const endpoints = [{ url: engine.url }];
  await assert.rejects(UpstreamBackend.start({ endpoints, tokenizer }), {
    name: 'UpstreamConfigError',
    message: /context length.*must be given.*Loading model/,
  });
  const timers = new ManualTimers();
  const options = { timers, contextLength: 128, modelId: 'm', healthIntervalMs: 1_000 };
  const { backend } = await startBackend(t, [engine], options);
  assert.equal(backend.health().status, 'restarting');
  engine.isHealthy = true;
  timers.advance(1_000);
  await until(() => backend.health().status === 'ready');
  assert.equal(textOf(await collect(backend.generate(makeRequest(), never))), 'abcdef');
  assert.equal(engine.asked[0]!.model, 'deepseek-v3.2', 'learned when it came up');
});

test('settings that cannot work are refused', async (t) => {
  const engine = await fakeUpstream(t, VLLM);
  const other = await fakeUpstream(t, { ...VLLM, model: 'another' });
  const { url } = engine;
  const refused: [Parameters<typeof UpstreamBackend.start>[0]['endpoints'], RegExp][] = [
    [[], /no upstream URL/],
    [[{ url, weight: 0 }], /weight must be above 0/],
    [[{ url, maxConcurrency: 0 }], /maxConcurrency/],
    [[{ url }, { url: other.url }], /different models \(deepseek-v3.2, another\)/],
    [[{ url, model: 'missing' }], /serves deepseek-v3.2, not missing/],
  ];
  for (const [endpoints, message] of refused) {
    await assert.rejects(UpstreamBackend.start({ endpoints, tokenizer }), {
      name: 'UpstreamConfigError',
      message,
    });
  }
  const { notices } = await startBackend(t, [engine], { contextLength: 9_999 });
  assert.match(JSON.stringify(notices), /holds 4096 tokens, less than the 9999 promised/);
});
