// Who runs when, seen from outside: steps are shared, memory is kept to, tenants get equal shares, the
// urgent go first, and whoever had to make room loses nothing but time.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { GenerateRequest } from '../backend/types.js';
import { createHarness, expectedTokens, makeRequest, nextTurn } from './fake-harness.js';
import { createFakeRunner, FAKE_ROWS_PER_PIECE, type FakePart } from './fake-runner.js';
import { PrefixCache } from './prefix-cache/prefix-cache.js';

const { cacheBytes } = createFakeRunner();
const FIXED = { targetStepMs: undefined };

/** Sizes of the slices of each step. */
function recordSteps(): { steps: number[][]; onStep: (parts: readonly FakePart[]) => void } {
  const steps: number[][] = [];
  const onStep = (parts: readonly FakePart[]) => {
    steps.push(parts.map(({ slice }) => slice.tokens.length));
  };
  return { steps, onStep };
}

/** The first token of a prompt tells whose it is. */
function marked(mark: number, changes: Partial<GenerateRequest> = {}, length = 2): GenerateRequest {
  const promptTokens = Int32Array.from({ length }, (_, i) => (i === 0 ? mark : 1 + (i % 40)));
  return makeRequest(`${mark}`, { promptTokens, ...changes });
}

test('one forward pass serves all decoding sequences, and several prompts share one', async () => {
  const { steps, onStep } = recordSteps();
  const { engine, finished } = createHarness({ onStep });
  engine.submit(makeRequest('a'));
  for (let i = 0; i < 7; i++) engine.submit(makeRequest(`b${i}`));
  await finished('b6');
  // The first is begun at once, the others come together: then eight go on in one pass.
  assert.deepEqual(steps[0], [3]);
  assert.deepEqual(steps[1], [1, 3, 3, 3, 3, 3, 3, 3]);
  assert.deepEqual(steps[2], Array(8).fill(1));
  assert.equal(steps.length, 9);
  const { batchedSequences, steps: numSteps, prefillTokens, decodeTokens } = engine.stats();
  assert.equal(numSteps, 9);
  assert.equal(batchedSequences, 8 * 8);
  assert.deepEqual([prefillTokens, decodeTokens], [24, 64]);
});

test('sequences that outgrow the memory are put back, junior first, and lose nothing', async () => {
  // Two pieces beyond what the prompts take.
  const cacheBudgetBytes = 4 * cacheBytes(FAKE_ROWS_PER_PIECE) + 2 * cacheBytes(1);
  const { engine, finished, runner } = createHarness(
    { cacheBudgetBytes },
    { scheduling: { headroomTokens: 0 } },
  );
  const marks = [10, 11, 12, 13];
  for (const mark of marks) engine.submit(marked(mark, { maxTokens: 60 }));
  const order: number[] = [];
  await Promise.all(
    marks.map(async (mark) => {
      const { tokens } = await finished(`${mark}`);
      order.push(mark);
      assert.deepEqual(tokens, expectedTokens([mark, 2], 60));
    }),
  );
  assert.deepEqual(order, marks, 'the senior ones were never put back');
  assert.ok(engine.stats().preemptions >= 2);
  assert.deepEqual(runner.misuse, []);
  await engine.dispose();
});

test('what could never fit is refused, and what just fits runs', async () => {
  const { engine, finished } = createHarness({ cacheBudgetBytes: cacheBytes(64) });
  assert.throws(() => engine.submit(makeRequest('large', { maxTokens: 62 })), {
    name: 'BackendError',
    code: 'context_length',
    message: /65 tokens needs 320 bytes; caches may take 256/,
  });
  assert.equal(engine.stats().waiting, 0);
  engine.submit(makeRequest('exact', { maxTokens: 61 }));
  assert.equal((await finished('exact')).tokens.length, 61);
});

test('a large sequence at the head of the queue is not passed over by small ones', async () => {
  const begun: number[] = [];
  const { engine, finished } = createHarness(
    {
      cacheBudgetBytes: cacheBytes(128),
      onStep: (parts) => {
        for (const { tokens } of parts) if (!begun.includes(tokens[0]!)) begun.push(tokens[0]!);
      },
    },
    { scheduling: { headroomTokens: 0, ...FIXED } },
  );
  engine.submit(marked(10, { maxTokens: 10 }, 60));
  engine.submit(marked(11, { maxTokens: 10 }, 100));
  for (const mark of [12, 13, 14]) engine.submit(marked(mark, { maxTokens: 2 }));
  await finished('14');
  assert.deepEqual(begun.slice(0, 2), [10, 11]);
});

test('a more urgent request takes the place of a running one, which then goes on as before', async () => {
  const { engine, finished, recorded, until } = createHarness(
    {},
    { scheduling: { maxRunning: 1, ...FIXED } },
  );
  const sampling = { temperature: 1, topP: 1, presencePenalty: 0.4, frequencyPenalty: 0, seed: 3 };
  const patient = marked(10, { maxTokens: 30, sampling, stopStrings: ['never'] });
  const alone = createHarness();
  alone.engine.submit(patient);
  engine.submit(patient);
  await until(() => (recorded.get('10')?.tokens.length ?? 0) >= 5);
  engine.submit(marked(11, { priority: 1 }));
  await finished('11');
  assert.equal(recorded.get('10')!.finish, undefined);
  const [{ tokens, events }, expected] = [await finished('10'), await alone.finished('10')];
  assert.deepEqual(tokens, expected.tokens);
  assert.deepEqual(events, expected.events, 'progress is not told twice');
  assert.equal(engine.stats().preemptions, 1);
});

test('an equal one waits for a place', async () => {
  const { engine, finished } = createHarness({}, { scheduling: { maxRunning: 1 } });
  engine.submit(marked(10, { maxTokens: 30 }));
  engine.submit(marked(11));
  await finished('11');
  assert.equal(engine.stats().preemptions, 0);
});

test('a request of another tenant waits for a place, not for a queue', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 5, max: 30 }),
      fc.integer({ min: 0, max: 40 }),
      async (maxRunning, numQueued, arrivesAfter) => {
        const begun: string[] = [];
        let numSteps = 0;
        let begunBefore = 0;
        const { engine, finished } = createHarness(
          {
            onStep: (parts) => {
              for (const { tokens } of parts) {
                const mark = `${tokens[0]}`;
                if (!begun.includes(mark)) begun.push(mark);
              }
              if (numSteps++ !== arrivesAfter) return;
              begunBefore = begun.length;
              engine.submit(marked(60, { tenant: 'small' }));
            },
          },
          { scheduling: { maxRunning, ...FIXED } },
        );
        for (let i = 0; i < numQueued; i++) {
          engine.submit(marked(10 + i, { tenant: 'large', maxTokens: 12 }));
        }
        await finished(`${9 + numQueued}`);
        if (numSteps <= arrivesAfter) return; // it never came
        await finished('60');
        // None of the queue is let in between its arrival and its turn.
        assert.equal(begun.indexOf('60'), begunBefore, begun.join(' '));
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});

test('tenants that always have something to do get equal shares, whatever they ask for', async () => {
  const ask = fc.record({
    promptLength: fc.integer({ min: 2, max: 90 }),
    maxTokens: fc.integer({ min: 1, max: 30 }),
  });
  const asks = fc.array(ask, { minLength: 25, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(asks, asks, fc.integer({ min: 1, max: 5 }), async (a, b, maxRunning) => {
      const served = { a: 0, b: 0 };
      const left = { a: a.length, b: b.length };
      const longest = 120;
      const { engine, recorded, until } = createHarness(
        {
          onStep: (parts) => {
            for (const { tokens, slice } of parts) {
              served[tokens[0] === 60 ? 'a' : 'b'] += slice.tokens.length;
            }
          },
        },
        { scheduling: { maxRunning, stepTokens: 20, stepTokensAlone: 60, ...FIXED } },
      );
      for (const [tenant, list, mark] of [['a', a, 60] as const, ['b', b, 61] as const]) {
        for (const [i, { promptLength, maxTokens }] of list.entries()) {
          const request = marked(mark, { tenant, maxTokens, id: `${tenant}${i}` }, promptLength);
          engine.submit(request);
        }
      }
      const isDone = () => {
        left.a = a.filter((_, i) => !recorded.get(`a${i}`)?.finish).length;
        left.b = b.filter((_, i) => !recorded.get(`b${i}`)?.finish).length;
        return Math.min(left.a, left.b) <= maxRunning;
      };
      await until(isDone); // until then both have something waiting
      const difference = Math.abs(served.a - served.b);
      // What one tenant can be ahead by: all places filled with its longest requests.
      assert.ok(difference <= maxRunning * longest, `${served.a} and ${served.b}`);
      await engine.dispose();
    }),
    { numRuns: 40, seed: 1 },
  );
});

test('prompts of two tenants are prefilled in turn, and a short one does not wait for a long', async () => {
  const order: number[] = [];
  const { engine, finished } = createHarness(
    {
      onStep: (parts) => {
        for (const { tokens, slice } of parts) if (slice.tokens.length > 1) order.push(tokens[0]!);
      },
    },
    { scheduling: { stepTokens: 20, stepTokensAlone: 20, ...FIXED } },
  );
  for (const mark of [10, 11]) engine.submit(marked(mark, { tenant: 'a', maxTokens: 1 }, 200));
  engine.submit(marked(12, { tenant: 'b', maxTokens: 1 }, 100));
  await finished('11');
  const upTo = order.lastIndexOf(12) + 1;
  const share = order.slice(0, upTo).filter((mark) => mark === 12).length / upTo;
  assert.ok(share > 0.4 && share < 0.6, order.join(' '));
  const ofFirst = order.slice(0, upTo).filter((mark) => mark === 10).length;
  const ofSecond = order.slice(0, upTo).filter((mark) => mark === 11).length;
  assert.ok(Math.abs(ofFirst - ofSecond) <= 1, 'in turn within a tenant');
});

test('a sequence put back finds its rows in the prefix cache; that is no hit', async () => {
  const onWarning = (text: string) => assert.fail(text);
  const prefixCache = new PrefixCache({ fingerprint: 'fake', ramBytes: 1 << 20, onWarning });
  const { steps, onStep } = recordSteps();
  const { engine, finished, recorded, until } = createHarness(
    { onStep },
    { prefixCache, scheduling: { maxRunning: 1, ...FIXED } },
  );
  engine.submit(marked(10, { maxTokens: 100 }, 150));
  await until(() => (recorded.get('10')?.tokens.length ?? 0) === 50);
  const before = steps.length;
  engine.submit(marked(11, { priority: 1, maxTokens: 1 }));
  const { tokens, finish } = await finished('10');
  assert.deepEqual(tokens.length, 100);
  assert.equal(finish.usage.cacheHitTokens, 0);
  const again = steps.slice(before).flat();
  // 199 or 200 tokens stood in its cache, 192 of them in whole blocks.
  assert.ok(Math.max(...again) <= 9, `${again}`);
  assert.deepEqual(
    [prefixCache.stats().promptTokens, prefixCache.stats().ramHitTokens],
    [150 + 2, 0],
  );
});

test('an aborted waiting or put-back sequence is gone at once', async () => {
  const { engine, finished, recorded, until, runner } = createHarness(
    {},
    { scheduling: { maxRunning: 1 } },
  );
  engine.submit(marked(10, { maxTokens: 400 }));
  await until(() => (recorded.get('10')?.tokens.length ?? 0) >= 3);
  engine.submit(marked(11, { priority: 1, maxTokens: 400 }));
  engine.submit(marked(12, { priority: 1 }));
  await until(() => (recorded.get('11')?.tokens.length ?? 0) >= 3);
  for (const id of ['10', '12', '11']) {
    engine.abort(id);
    assert.equal((await finished(id)).finish.reason, 'aborted');
  }
  while (runner.liveCaches > 0) await nextTurn();
  assert.deepEqual([engine.stats().waiting, engine.stats().running], [0, 0]);
});

test('whoever waited for the rows of one that could not begin is next', async () => {
  const onWarning = (text: string) => assert.fail(text);
  const prefixCache = new PrefixCache({ fingerprint: 'fake', ramBytes: 1 << 20, onWarning });
  const { engine, finished, runner } = createHarness({}, { prefixCache });
  const promptTokens = Int32Array.from({ length: 200 }, (_, i) => 1 + (i % 40));
  engine.submit(makeRequest('known', { promptTokens: promptTokens.slice(0, 70), maxTokens: 1 }));
  await finished('known');
  const { createCache } = runner;
  runner.createCache = (maxTokens) => {
    runner.createCache = createCache;
    const cache = createCache(maxTokens);
    cache.importRows = () => {
      throw new Error('not enough memory');
    };
    return cache;
  };
  engine.submit(makeRequest('a', { promptTokens }));
  engine.submit(makeRequest('b', { promptTokens }));
  assert.equal((await finished('b')).finish.usage.cacheHitTokens, 64);
  assert.equal((await finished('a')).finish.reason, 'insufficient_system_resource');
});
