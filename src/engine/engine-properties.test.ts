// Whatever arrives when, however little memory there is and whoever goes away or fails: every sequence
// gets what it would get alone, one finish, and nothing is left over.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { GenerateRequest } from '../backend/types.js';
import { createHarness, makeRequest, nextTurn, type Recorded } from './fake-harness.js';
import { createFakeRunner, FAILING_TOKEN, fakeLogits, POISON_TOKEN } from './fake-runner.js';
import { PrefixCache } from './prefix-cache/prefix-cache.js';
import { Speculation } from './speculation.js';

/** Prompts of one family begin alike. */
function promptOf(family: number, length: number): number[] {
  return Array.from({ length }, (_, i) => 1 + ((i * (family + 3) + family) % 50));
}

const job = fc.record({
  family: fc.integer({ min: 0, max: 1 }),
  promptLength: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 60, max: 220 })),
  /** Its forward pass fails when this part of the prompt is reached. */
  failsAt: fc.option(fc.nat(219), { nil: undefined, freq: 8 }),
  maxTokens: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 40, max: 120 })),
  temperature: fc.constantFrom(0, 1),
  seed: fc.nat(1000),
  penalty: fc.constantFrom(0, 0.5),
  priority: fc.constantFrom(0, 0, 0, 1, 2),
  tenant: fc.constantFrom(undefined, 'a', 'b'),
  arrivesAfter: fc.nat(40),
  abortsAfter: fc.option(fc.nat(60), { nil: undefined, freq: 4 }),
});

type Job = typeof job extends fc.Arbitrary<infer T> ? T : never;

const setting = fc.record({
  maxRunning: fc.integer({ min: 1, max: 6 }),
  stepTokens: fc.integer({ min: 2, max: 40 }),
  stepTokensAlone: fc.integer({ min: 40, max: 200 }),
  headroomTokens: fc.constantFrom(0, 1, 16, 64),
  /** Memory beyond that of the longest sequence. */
  spareBytes: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3000 }), fc.constant(1 << 20)),
  /** Of the prefix cache; undefined = none. */
  ramBytes: fc.constantFrom(undefined, 0, 3000, 1 << 20),
  /** Share of drafts that are the most likely token; undefined = no drafts. */
  rightDrafts: fc.constantFrom(undefined, 0, 0.5, 0.95),
});

type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never;

function requestOf(job: Job, index: number): GenerateRequest {
  const promptTokens = Int32Array.from(promptOf(job.family, job.promptLength));
  if (willFail(job)) promptTokens[job.failsAt!] = FAILING_TOKEN;
  const { temperature, seed, penalty, maxTokens, priority, tenant } = job;
  return makeRequest(`job ${index}`, {
    promptTokens,
    sampling: { temperature, topP: 0.9, presencePenalty: 0, frequencyPenalty: penalty, seed },
    maxTokens,
    priority,
    // A reply must not make the fake model fail: its end is as good as any.
    stopTokens: [POISON_TOKEN, FAILING_TOKEN],
    ...(tenant !== undefined && { tenant, cacheSalt: tenant }),
  });
}

function willFail({ failsAt, promptLength }: Job): boolean {
  return failsAt !== undefined && failsAt < promptLength;
}

/** By definition: nothing else is there, no cache, all memory. */
async function resultAlone(request: GenerateRequest): Promise<Recorded> {
  const { engine, finished } = createHarness();
  engine.submit(request);
  return finished(request.id);
}

/** Guesses the most likely token so often, else another one. Never one that must not be fed. */
function guess(tokens: readonly number[], share: number): number {
  const logits = fakeLogits(tokens).subarray(0, FAILING_TOKEN);
  const best = logits.indexOf(Math.max(...logits));
  const isRight = ((tokens.at(-1)! * 7 + tokens.length * 13) % 20) / 20 < share;
  return isRight ? best : (best + 1) % FAILING_TOKEN;
}

const totals = { preemptions: 0, hits: 0, failures: 0, aborts: 0, refused: 0, accepted: 0 };

async function play(jobs: readonly Job[], setting: Setting): Promise<void> {
  const requests = jobs.map(requestOf);
  const { ramBytes, spareBytes, rightDrafts, ...scheduling } = setting;
  const { cacheBytes, fingerprint } = createFakeRunner();
  const longest = Math.max(...jobs.map((one) => one.promptLength + one.maxTokens));
  const prefixCache =
    ramBytes === undefined
      ? undefined
      : new PrefixCache({ fingerprint, ramBytes, onWarning: (text) => assert.fail(text) });
  let tick = (): void => {};
  const { engine, runner, recorded, until } = createHarness(
    {
      cacheBudgetBytes: cacheBytes(longest) + spareBytes,
      onStep: (parts) => {
        tick();
        const isFed = parts.some(({ slice }) => slice.tokens.includes(FAILING_TOKEN));
        if (isFed) throw new Error('the forward pass failed');
      },
      ...(rightDrafts !== undefined && { onDraft: (tokens) => guess(tokens, rightDrafts) }),
    },
    {
      scheduling: { ...scheduling, targetStepMs: undefined },
      ...(prefixCache && { prefixCache }),
      ...(rightDrafts !== undefined && { speculation: new Speculation({ mode: 'on' }) }),
    },
  );

  // Time is counted in steps; when the engine idles, what is due next happens at once.
  const pending = jobs
    .flatMap(({ arrivesAfter, abortsAfter }, index) => {
      const request = requests[index]!;
      const arrival = { at: arrivesAfter, run: () => engine.submit(request) };
      if (abortsAfter === undefined) return [arrival];
      const abort = () => engine.abort(request.id);
      return [arrival, { at: arrivesAfter + abortsAfter, run: abort }];
    })
    .toSorted((a, b) => a.at - b.at);
  let now = 0;
  tick = () => {
    now++;
    while (pending.length > 0 && pending[0]!.at <= now) pending.shift()!.run();
  };
  const isIdle = () => engine.stats().waiting + engine.stats().running === 0;
  while (pending.length > 0) {
    pending.shift()!.run();
    while (pending.length > 0 && !isIdle()) {
      const { running, caches, cacheBytes: used, cacheBudgetBytes } = engine.stats();
      assert.ok(running <= setting.maxRunning && caches >= running, `${running}, ${caches}`);
      assert.ok(used <= cacheBudgetBytes);
      await nextTurn();
    }
  }
  await until(() => requests.every(({ id }) => recorded.get(id)?.finish));

  for (const [index, request] of requests.entries()) {
    const { tokens, finish, events } = recorded.get(request.id)!;
    const alone = await resultAlone(request);
    assert.equal(finish!.usage.promptTokens, request.promptTokens.length);
    if (finish!.reason === 'aborted') {
      totals.aborts++;
      assert.notEqual(jobs[index]!.abortsAfter, undefined);
      assert.deepEqual(tokens, alone.tokens.slice(0, tokens.length));
    } else if (willFail(jobs[index]!)) {
      totals.failures++;
      assert.equal(finish!.reason, 'insufficient_system_resource');
      assert.deepEqual(tokens, []);
    } else {
      assert.deepEqual(tokens, alone.tokens);
      const usage = { ...alone.finish!.usage, cacheHitTokens: finish!.usage.cacheHitTokens };
      assert.deepEqual(finish, { ...alone.finish, usage });
      checkProgress(events, request.promptTokens.length, finish!.usage.cacheHitTokens);
    }
  }
  await engine.dispose();
  assert.deepEqual(runner.misuse, []);
  assert.equal(runner.liveCaches, 0);
  const { waiting, running, caches, cacheBytes: left, preemptions } = engine.stats();
  const { draftedTokens, acceptedTokens } = engine.stats();
  assert.deepEqual([waiting, running, caches, left], [0, 0, 0, 0]);
  assert.ok(!prefixCache || prefixCache.stats().ramBytes <= ramBytes!);
  totals.preemptions += preemptions;
  totals.accepted += acceptedTokens;
  totals.refused += draftedTokens - acceptedTokens;
}

/** Each part of the prompt is reported once, from the hit to the end, whatever is computed twice. */
function checkProgress(events: Recorded['events'], promptTokens: number, hits: number): void {
  const reports = events.filter((event) => event.type === 'prefill-progress');
  assert.equal(hits % 64, 0);
  assert.ok(hits < promptTokens);
  let last = hits;
  for (const { processedTokens, cacheHitTokens } of reports) {
    assert.equal(cacheHitTokens, hits);
    assert.ok(processedTokens > last);
    last = processedTokens;
  }
  assert.equal(last, promptTokens);
  totals.hits += hits;
}

test('every sequence gets what it would get alone, and nothing is left over', async () => {
  await fc.assert(fc.asyncProperty(fc.array(job, { minLength: 1, maxLength: 14 }), setting, play), {
    numRuns: 250,
    seed: 4,
  });
  // The runs were worth something.
  assert.ok(totals.preemptions > 40, `${totals.preemptions} preemptions`);
  assert.ok(totals.hits > 1000, `${totals.hits} tokens hit`);
  assert.ok(totals.failures > 20 && totals.aborts > 50, JSON.stringify(totals));
  assert.ok(totals.accepted > 1000 && totals.refused > 1000, JSON.stringify(totals));
});
