// The engine with a model that is a plain function of the tokens: whatever is interleaved, chunked
// or aborted, every sequence must produce what it would produce alone, and every cache must return.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { GenerateEvent, GenerateRequest } from '../backend/types.js';
import { Engine, type EngineOptions } from './engine.js';
import {
  createFakeRunner,
  FAKE_VOCAB,
  fakeLogits,
  fakeTokenTable,
  type FakeRunnerOptions,
} from './fake-runner.js';

const doNothing = () => {};

function makeRequest(id: string, changes: Partial<GenerateRequest> = {}): GenerateRequest {
  return {
    id,
    promptTokens: Int32Array.of(1, 2, 3),
    sampling: { temperature: 0, topP: 1, presencePenalty: 0, frequencyPenalty: 0 },
    stopTokens: [],
    stopStrings: [],
    maxTokens: 8,
    ...changes,
  };
}

/** Greedy continuation by definition: no cache, no chunks. */
function expectedTokens(prompt: Iterable<number>, count: number): number[] {
  const tokens = [...prompt];
  const start = tokens.length;
  while (tokens.length < start + count) {
    const logits = fakeLogits(tokens);
    tokens.push(logits.indexOf(Math.max(...logits)));
  }
  return tokens.slice(start);
}

interface Recorded {
  tokens: number[];
  finish: Extract<GenerateEvent, { type: 'finish' }> | undefined;
  events: GenerateEvent[];
}

function createHarness(
  runnerOptions: FakeRunnerOptions = {},
  engineOptions: Partial<EngineOptions> = {},
) {
  const runner = createFakeRunner(runnerOptions);
  const recorded = new Map<string, Recorded>();
  let wake = doNothing;
  const engine = new Engine({
    runner,
    tokenTable: fakeTokenTable(),
    emit: (events) => {
      for (const { id, event } of events) {
        const record = recorded.get(id) ?? { tokens: [], finish: undefined, events: [] };
        assert.equal(record.finish, undefined, `event for ${id} after its finish`);
        record.events.push(event);
        if (event.type === 'token') record.tokens.push(event.token);
        if (event.type === 'finish') record.finish = event;
        recorded.set(id, record);
      }
      wake();
    },
    ...engineOptions,
  });
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise<void>((resolve) => (wake = resolve));
  };
  const finished = async (id: string) => {
    await until(() => recorded.get(id)?.finish !== undefined);
    return recorded.get(id)!;
  };
  return { engine, runner, recorded, until, finished };
}

test('a sequence gets its greedy continuation and exact usage', async () => {
  const { engine, finished, runner } = createHarness();
  engine.submit(makeRequest('a'));
  const { tokens, finish } = await finished('a');
  assert.deepEqual(tokens, expectedTokens([1, 2, 3], 8));
  assert.deepEqual(finish, {
    type: 'finish',
    reason: 'length',
    usage: { promptTokens: 3, cacheHitTokens: 0, completionTokens: 8 },
  });
  assert.equal(runner.liveCaches, 0);
});

test('a stop token ends the sequence, is reported, and is neither emitted nor counted', async () => {
  const { engine, finished } = createHarness();
  const expected = expectedTokens([1, 2, 3], 8);
  const stop = expected[4]!;
  const before = expected.slice(0, expected.indexOf(stop));
  engine.submit(makeRequest('a', { stopTokens: [stop] }));
  const { tokens, finish } = await finished('a');
  assert.deepEqual(tokens, before);
  assert.equal(finish!.reason, 'stop');
  assert.deepEqual(finish!.stoppedBy, { token: stop });
  assert.equal(finish!.usage.completionTokens, before.length);
});

test('a stop string hides its tokens but their generation is counted', async () => {
  const { engine, finished } = createHarness();
  const expected = expectedTokens([9, 8], 8);
  const text = String.fromCharCode(...expected.map((token) => 32 + token));
  const stopString = text.slice(3, 5);
  engine.submit(makeRequest('a', { promptTokens: Int32Array.of(9, 8), stopStrings: [stopString] }));
  const { tokens, finish } = await finished('a');
  const visible = text.indexOf(stopString);
  assert.deepEqual(tokens, expected.slice(0, visible));
  assert.equal(finish!.reason, 'stop');
  assert.deepEqual(finish!.stoppedBy, { string: stopString });
  assert.equal(finish!.usage.completionTokens, visible + 2);
});

test('the context end cuts generation with length', async () => {
  const { engine, finished } = createHarness({ contextLength: 10 });
  engine.submit(makeRequest('a', { maxTokens: 1000 }));
  const { tokens, finish } = await finished('a');
  assert.equal(tokens.length, 7);
  assert.equal(finish!.reason, 'length');
});

test('a long prompt is prefilled in chunks while others keep decoding', async () => {
  const order: string[] = [];
  const { engine, finished, until, recorded } = createHarness(
    {
      contextLength: 2000,
      onForward: (_, slice) => {
        order.push(slice.tokens.length > 1 ? `prefill ${slice.tokens.length}` : 'decode');
      },
    },
    { scheduling: { prefillChunk: 10, prefillChunkAlone: 40 } },
  );
  engine.submit(makeRequest('short', { maxTokens: 30 }));
  await until(() => (recorded.get('short')?.tokens.length ?? 0) > 0);
  const long = Int32Array.from({ length: 100 }, (_, index) => (index * 7) % FAKE_VOCAB);
  engine.submit(makeRequest('long', { promptTokens: long, maxTokens: 4 }));
  const { tokens, events } = await finished('long');
  assert.deepEqual(tokens, expectedTokens(long, 4));
  const first = order.indexOf('prefill 10');
  assert.deepEqual(
    order.slice(first, first + 6),
    ['prefill 10', 'decode', 'prefill 10', 'decode', 'prefill 10', 'decode'],
    'a decode step runs between any two chunks',
  );
  assert.deepEqual(
    events.flatMap((event) => (event.type === 'prefill-progress' ? event.processedTokens : [])),
    [10, 20, 30, 40, 50, 60, 70, 80, 90, 100],
  );
  assert.deepEqual((await finished('short')).tokens, expectedTokens([1, 2, 3], 30));
});

test('abort ends a running sequence within one slice and frees its cache', async () => {
  const { engine, runner, finished, until, recorded } = createHarness({ contextLength: 100_000 });
  engine.submit(makeRequest('a', { maxTokens: 100_000 }));
  await until(() => (recorded.get('a')?.tokens.length ?? 0) >= 3);
  const slices = engine.stats().slices;
  engine.abort('a');
  const { finish } = await finished('a');
  assert.equal(finish!.reason, 'aborted');
  await engine.dispose();
  assert.ok(engine.stats().slices <= slices + 1);
  assert.equal(runner.liveCaches, 0);
});

test('a cache in use by a slice in flight is released only when the slice returns', async () => {
  let endSlice = doNothing;
  const { engine, runner, recorded } = createHarness({
    onForward: () => new Promise((resolve) => (endSlice = resolve)),
  });
  engine.submit(makeRequest('a')); // runs up to the first wait: inside the forward pass
  engine.abort('a');
  assert.equal(recorded.get('a')!.finish!.reason, 'aborted', 'the client need not wait');
  assert.equal(runner.liveCaches, 1);
  endSlice();
  await engine.dispose();
  assert.equal(runner.liveCaches, 0);
  assert.equal(recorded.get('a')!.tokens.length, 0);
});

test('an abort while another sequence computes frees the cache when that slice returns', async () => {
  let openGate = doNothing;
  const gate = new Promise<void>((resolve) => (openGate = resolve));
  let numSlices = 0;
  const { engine, runner, until, finished } = createHarness({
    // Two prefill slices, then the first decode step waits.
    onForward: () => (++numSlices === 3 ? gate : undefined),
  });
  engine.submit(makeRequest('a'));
  engine.submit(makeRequest('b'));
  while (numSlices < 3) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(runner.liveCaches, 2);
  engine.abort('b');
  engine.abort('a');
  assert.equal(runner.liveCaches, 2, 'nothing is freed under the running slice');
  openGate();
  await Promise.all([finished('a'), finished('b')]);
  while (runner.liveCaches > 0) await new Promise((resolve) => setImmediate(resolve));
  engine.submit(makeRequest('c'));
  await until(() => engine.stats().running === 1);
  const { tokens } = await finished('c');
  assert.deepEqual(tokens, expectedTokens([1, 2, 3], 8));
});

test('an abort reaches the slice in flight and is no failure', async () => {
  const errors: unknown[] = [];
  const { engine, runner } = createHarness(
    {
      onForward: (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    },
    { onError: (error) => errors.push(error) },
  );
  engine.submit(makeRequest('a'));
  engine.abort('a');
  await engine.dispose(); // would never come back if the slice went on
  assert.equal(runner.liveCaches, 0);
  assert.deepEqual(errors, []);
});

test('a failing forward pass ends its sequence only', async () => {
  const errors: string[] = [];
  const { engine, runner, finished } = createHarness(
    {
      onForward: (tokens) => {
        if (tokens[0] === 5 && tokens.length > 4) throw new Error('broken kernel');
      },
    },
    { onError: (error, id) => errors.push(`${id}: ${(error as Error).message}`) },
  );
  engine.submit(makeRequest('bad', { promptTokens: Int32Array.of(5, 5, 5) }));
  engine.submit(makeRequest('good'));
  assert.equal((await finished('bad')).finish!.reason, 'insufficient_system_resource');
  assert.equal((await finished('good')).finish!.reason, 'length');
  assert.deepEqual(errors, ['bad: broken kernel']);
  await engine.dispose();
  assert.equal(runner.liveCaches, 0);
});

test('the same seed gives the same tokens whatever else is running', async () => {
  const sampled = makeRequest('a', {
    sampling: { temperature: 1, topP: 0.9, presencePenalty: 0, frequencyPenalty: 0.1, seed: 11 },
    maxTokens: 20,
  });
  const alone = createHarness();
  alone.engine.submit(sampled);
  const { tokens } = await alone.finished('a');
  const busy = createHarness();
  for (let i = 0; i < 4; i++) busy.engine.submit(makeRequest(`other ${i}`, { maxTokens: 9 + i }));
  busy.engine.submit(sampled);
  assert.deepEqual((await busy.finished('a')).tokens, tokens);
});

test('higher priority is admitted first, equals in order of arrival', async () => {
  const firsts: number[] = [];
  const { engine, finished } = createHarness(
    {
      onForward: (tokens, slice) => {
        if (slice.tokens.length > 1) firsts.push(tokens[0]!);
      },
    },
    { scheduling: { maxRunning: 1 } },
  );
  const submit = (mark: number, priority: number) =>
    engine.submit(
      makeRequest(`${mark}`, { promptTokens: Int32Array.of(mark, 1), priority, maxTokens: 2 }),
    );
  submit(10, 0); // admitted at once: nothing else is there yet
  submit(11, 0);
  submit(12, 5);
  submit(13, 5);
  submit(14, 1);
  await finished('11');
  assert.deepEqual(firsts, [10, 12, 13, 14, 11]);
});

test('equal sequences advance in lockstep', async () => {
  const { engine, until, recorded } = createHarness({ contextLength: 100_000 });
  const ids = ['a', 'b', 'c', 'd'];
  for (const id of ids) engine.submit(makeRequest(id, { maxTokens: 100_000 }));
  const counts = () => ids.map((id) => recorded.get(id)?.tokens.length ?? 0);
  await until(() => Math.min(...counts()) >= 5);
  for (let i = 0; i < 20; i++) {
    const before = Math.max(...counts());
    await until(() => Math.max(...counts()) > before);
    assert.ok(Math.max(...counts()) - Math.min(...counts()) <= ids.length, `${counts()}`);
  }
  await engine.dispose();
});

test('random arrivals, aborts and priorities lose nothing, leak nothing, change no result', async () => {
  const job = fc.record({
    prompt: fc.array(fc.integer({ min: 1, max: FAKE_VOCAB - 1 }), { minLength: 1, maxLength: 60 }),
    maxTokens: fc.integer({ min: 1, max: 12 }),
    priority: fc.integer({ min: 0, max: 2 }),
    arrivesAfter: fc.nat(30),
    abortAfter: fc.option(fc.nat(40), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(job, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 16 }),
      async (jobs, maxRunning, prefillChunk) => {
        let tick = doNothing;
        const { engine, runner, recorded, until } = createHarness(
          { onForward: () => tick() },
          { scheduling: { maxRunning, prefillChunk, prefillChunkAlone: prefillChunk * 2 } },
        );
        const aborted = new Set<string>();
        // Time is counted in slices; when the engine idles, what is due next happens at once.
        const pending = jobs
          .flatMap((job, index) => {
            const id = `job ${index}`;
            const request = makeRequest(id, {
              promptTokens: Int32Array.from(job.prompt),
              maxTokens: job.maxTokens,
              priority: job.priority,
            });
            const arrival = { at: job.arrivesAfter, run: () => engine.submit(request) };
            if (job.abortAfter === undefined) return [arrival];
            const abort = () => {
              aborted.add(id);
              engine.abort(id);
            };
            return [arrival, { at: job.arrivesAfter + job.abortAfter, run: abort }];
          })
          .toSorted((a, b) => a.at - b.at);
        let now = 0;
        tick = () => {
          now++;
          while (pending.length > 0 && pending[0]!.at <= now) pending.shift()!.run();
        };
        const numFinished = () => [...recorded.values()].filter(({ finish }) => finish).length;
        while (pending.length > 0) {
          pending.shift()!.run();
          const { waiting, running } = engine.stats();
          assert.ok(running <= maxRunning);
          if (waiting + running > 0) await until(() => engine.stats().running >= 0);
        }
        await until(() => numFinished() === jobs.length);
        for (const [index, { prompt, maxTokens }] of jobs.entries()) {
          const id = `job ${index}`;
          const { tokens, finish } = recorded.get(id)!;
          const whole = expectedTokens(prompt, maxTokens);
          if (aborted.has(id)) assert.deepEqual(tokens, whole.slice(0, tokens.length));
          else {
            assert.deepEqual(tokens, whole);
            assert.equal(finish!.reason, 'length');
          }
          assert.equal(finish!.usage.promptTokens, prompt.length);
        }
        await engine.dispose();
        assert.equal(runner.liveCaches, 0);
        assert.deepEqual(
          { ...engine.stats(), slices: 0 },
          { waiting: 0, running: 0, caches: 0, slices: 0 },
        );
      },
    ),
    { numRuns: 60, seed: 2 },
  );
});
