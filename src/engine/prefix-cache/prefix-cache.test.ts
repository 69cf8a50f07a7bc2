// The engine with its context cache, on a model that is a plain function of the tokens it was fed or
// given back: hits are what the formula says, replies are what they are without a cache, nothing
// crosses a tenant or a model, and no memory is left over.

import assert from 'node:assert/strict';
import * as promises from 'node:fs/promises';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import fc from 'fast-check';
import type { GenerateEvent, GenerateRequest } from '../../backend/types.js';
import { Engine } from '../engine.js';
import {
  createFakeRunner,
  FAILING_TOKEN,
  fakeLogits,
  fakeTokenTable,
  type FakeRunner,
} from '../fake-runner.js';
import { BLOCK_TOKENS, hitTokens } from './block-chain.js';
import { listBlocks, type CacheFs } from './cache-folder.js';
import { DiskTier } from './disk-tier.js';
import { PrefixCache } from './prefix-cache.js';

const PLENTY = 1 << 30;

type Finish = Extract<GenerateEvent, { type: 'finish' }>;

interface Outcome {
  tokens: number[];
  finish: Finish;
  /** cacheHitTokens of each prefill-progress event. */
  progress: (number | undefined)[];
}

function createHarness(cache: PrefixCache, runner: FakeRunner = createFakeRunner()) {
  const waiting = new Map<string, { outcome: Omit<Outcome, 'finish'>; end: (f: Finish) => void }>();
  const engine = new Engine({
    runner,
    prefixCache: cache,
    tokenTable: fakeTokenTable(),
    emit: (events) => {
      for (const { id, event } of events) {
        const { outcome, end } = waiting.get(id)!;
        if (event.type === 'token') outcome.tokens.push(event.token);
        if (event.type === 'prefill-progress') outcome.progress.push(event.cacheHitTokens);
        if (event.type === 'finish') end(event);
      }
    },
  });
  let nextId = 0;
  /** Runs one greedy request. */
  const run = (prompt: readonly number[], changes: Partial<GenerateRequest> = {}) => {
    const id = `r${nextId++}`;
    const outcome: Omit<Outcome, 'finish'> = { tokens: [], progress: [] };
    const finished = new Promise<Outcome>((resolve) => {
      waiting.set(id, { outcome, end: (finish) => resolve({ ...outcome, finish }) });
    });
    engine.submit({
      id,
      promptTokens: Int32Array.from(prompt),
      sampling: { temperature: 0, topP: 1, presencePenalty: 0, frequencyPenalty: 0 },
      stopTokens: [],
      stopStrings: [],
      maxTokens: 4,
      ...changes,
    });
    return { id, finished };
  };
  return { engine, runner, run };
}

function createCache(ramBytes = PLENTY, fingerprint = 'fake'): PrefixCache {
  return new PrefixCache({ fingerprint, ramBytes, onWarning: (text) => assert.fail(text) });
}

const tokensOf = (length: number, seed = 1) =>
  Array.from({ length }, (_, i) => 1 + ((i * (seed + 2) + seed) % 50));

/** Greedy continuation by definition. */
function expectedTokens(prompt: readonly number[], count: number): number[] {
  const tokens = [...prompt];
  while (tokens.length < prompt.length + count) {
    const logits = fakeLogits(tokens);
    tokens.push(logits.indexOf(Math.max(...logits)));
  }
  return tokens.slice(prompt.length);
}

test('the next turn hits prompt and reply, the first progress event and the usage say so', async () => {
  const { run, runner } = createHarness(createCache());
  const first = await run(tokensOf(100), { maxTokens: 60 }).finished;
  assert.equal(first.finish.usage.cacheHitTokens, 0);
  // 100 + 60 tokens, the last of which was never fed: 159 rows, two blocks.
  const second = await run([...tokensOf(100), ...first.tokens, 7, 8, 9]).finished;
  assert.equal(second.finish.usage.cacheHitTokens, 128);
  assert.equal(second.progress[0], 128);
  assert.deepEqual(second.tokens, expectedTokens([...tokensOf(100), ...first.tokens, 7, 8, 9], 4));
  assert.equal(runner.liveCaches, 0);
});

test('a request that starts while another is running hits what that one has computed', async () => {
  const { run, engine } = createHarness(createCache());
  const long = run(tokensOf(200), { maxTokens: 200 });
  const short = run(tokensOf(200));
  assert.equal((await short.finished).finish.usage.cacheHitTokens, hitTokens(200));
  engine.abort(long.id);
  await long.finished;
});

test('of parallel requests that begin alike one computes, and the others hit', async () => {
  let computed = 0;
  const { run, engine, runner } = createHarness(
    createCache(),
    createFakeRunner({
      onStep: (parts) => parts.forEach(({ slice }) => void (computed += slice.tokens.length)),
    }),
  );
  const shared = tokensOf(330);
  const requests = Array.from({ length: 5 }, (_, i) => run([...shared, 50 + i]));
  const other = run(tokensOf(330, 9), { maxTokens: 1 });
  const outcomes = await Promise.all(requests.map(({ finished }) => finished));
  await other.finished;
  assert.deepEqual(
    outcomes.map(({ finish }) => finish.usage.cacheHitTokens).toSorted(),
    [0, 320, 320, 320, 320],
  );
  for (const [i, { tokens }] of outcomes.entries()) {
    assert.deepEqual(tokens, expectedTokens([...shared, 50 + i], 4));
  }
  // Two prompts, the ends of four more, and three steps each of five.
  assert.equal(computed, 331 + 330 + 4 * 11 + 5 * 3);

  // What is urgent does not wait for what is not.
  const slow = run(tokensOf(400, 11));
  const urgent = await run(tokensOf(400, 11), { priority: 1, maxTokens: 1 }).finished;
  assert.ok(urgent.finish.usage.cacheHitTokens < hitTokens(400));
  await slow.finished;

  // The one that computes goes away: the next one takes over.
  const abandoned = Array.from({ length: 3 }, () => run(tokensOf(400, 7)));
  engine.abort(abandoned[0]!.id);
  await Promise.all(abandoned.map(({ finished }) => finished));
  assert.equal(runner.liveCaches, 0);
});

test('an aborted sequence leaves what it has computed, a failed one nothing', async () => {
  const cache = createCache();
  const { run, engine } = createHarness(
    cache,
    createFakeRunner({
      onStep: (parts) => {
        for (const { tokens, slice } of parts) {
          if (tokens.length === 256) engine.abort('r0');
          if (slice.tokens.includes(FAILING_TOKEN)) throw new Error('the forward pass failed');
        }
      },
    }),
  );
  const aborted = await run(tokensOf(400)).finished;
  assert.equal(aborted.finish.reason, 'aborted');
  assert.equal((await run(tokensOf(400)).finished).finish.usage.cacheHitTokens, 256);

  const failing = [...tokensOf(100, 9), FAILING_TOKEN, ...tokensOf(100, 9)];
  const engine2 = createHarness(
    cache,
    createFakeRunner({
      onStep: () => {
        throw new Error('the forward pass failed');
      },
    }),
  );
  const failed = await engine2.run(failing).finished;
  assert.equal(failed.finish.reason, 'insufficient_system_resource');
  assert.equal((await run(failing.slice(0, 100)).finished).finish.usage.cacheHitTokens, 0);
});

test('rows that cannot be restored end the sequence, and only it', async () => {
  const runner = createFakeRunner();
  const { createCache: makeCache } = runner;
  let isFull = false;
  const { run } = createHarness(createCache(), {
    ...runner,
    createCache(maxTokens) {
      const cache = makeCache(maxTokens);
      if (!isFull) return cache;
      return {
        get length() {
          return cache.length;
        },
        exportRows: (firstRow, numRows) => cache.exportRows(firstRow, numRows),
        importRows() {
          throw new Error('not enough memory');
        },
        truncate: (length) => cache.truncate(length),
        dispose: () => cache.dispose(),
      };
    },
  });
  await run(tokensOf(100)).finished;
  isFull = true;
  const { finish } = await run(tokensOf(100)).finished;
  assert.equal(finish.reason, 'insufficient_system_resource');
  isFull = false;
  assert.equal((await run(tokensOf(100)).finished).finish.usage.cacheHitTokens, 64);
  assert.equal(runner.liveCaches, 0);
});

/** The definition: every prefix of whole blocks that was ever fed, per tenant. */
class Memory {
  readonly #prefixes = new Set<string>();

  remember(salt: string | undefined, fed: readonly number[]): void {
    for (let end = BLOCK_TOKENS; end <= fed.length; end += BLOCK_TOKENS) {
      this.#prefixes.add(this.#name(salt, fed.slice(0, end)));
    }
  }

  hits(salt: string | undefined, prompt: readonly number[]): number {
    let common = 0;
    while (this.#prefixes.has(this.#name(salt, prompt.slice(0, common + BLOCK_TOKENS)))) {
      common += BLOCK_TOKENS;
      if (common + BLOCK_TOKENS > prompt.length) break;
    }
    return hitTokens(prompt.length, common);
  }

  #name(salt: string | undefined, tokens: readonly number[]): string {
    return JSON.stringify([salt ?? null, tokens]);
  }
}

const turn = fc.record({
  tenant: fc.constantFrom(undefined, 'a', 'b', 'a/user'),
  /** Which of the few conversations of everybody it belongs to. */
  conversation: fc.integer({ min: 0, max: 2 }),
  /** New tokens of the user. */
  added: fc.integer({ min: 1, max: 150 }),
  maxTokens: fc.integer({ min: 1, max: 90 }),
  /** Before it. */
  isRestart: fc.boolean(),
});

type Turn = typeof turn extends fc.Arbitrary<infer T> ? T : never;

/** Plays turns one after another against the definition; `cacheFor` may give another cache each time. */
async function playTurns(
  turns: readonly Turn[],
  cacheFor: (isRestart: boolean) => Promise<PrefixCache>,
): Promise<void> {
  const memory = new Memory();
  const histories = new Map<string, number[]>();
  for (const { tenant, conversation, added, maxTokens, isRestart } of turns) {
    const name = `${tenant} ${conversation}`;
    const prompt = [...(histories.get(name) ?? []), ...tokensOf(added, conversation)];
    if (prompt.length > 500) continue;
    const { run, runner } = createHarness(await cacheFor(isRestart));
    const changes = { maxTokens, ...(tenant !== undefined && { cacheSalt: tenant }) };
    const { tokens, finish } = await run(prompt, changes).finished;
    assert.deepEqual(tokens, expectedTokens(prompt, tokens.length));
    assert.equal(finish.usage.cacheHitTokens, memory.hits(tenant, prompt));
    memory.remember(tenant, [...prompt, ...tokens.slice(0, -1)]);
    histories.set(name, [...prompt, ...tokens]);
    assert.equal(runner.liveCaches, 0);
  }
}

test('random conversations of random tenants: hits and replies are as defined', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { maxLength: 12 }), async (turns) => {
      const cache = createCache();
      await playTurns(turns, async () => cache);
    }),
    { numRuns: 60 },
  );
});

test('restarts in between change nothing', async (t) => {
  await fc.assert(
    fc.asyncProperty(fc.array(turn, { maxLength: 12 }), async (turns) => {
      let { cache, folder } = await diskCache(t);
      await playTurns(turns, async (isRestart) => {
        if (!isRestart) return cache;
        await cache.flush();
        return ({ cache } = await diskCache(t, { folder })).cache;
      });
      await cache.flush();
    }),
    { numRuns: 20 },
  );
});

test('parallel requests, aborts and a small budget: replies are right, the budget holds', async () => {
  const request = fc.record({
    tenant: fc.constantFrom(undefined, 'a', 'b'),
    seed: fc.integer({ min: 0, max: 3 }),
    length: fc.integer({ min: 1, max: 400 }),
    maxTokens: fc.integer({ min: 1, max: 80 }),
    isAborted: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(request, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 0, max: 20_000 }),
      async (requests, ramBytes) => {
        const cache = createCache(ramBytes);
        const { run, runner, engine } = createHarness(cache);
        await Promise.all(
          requests.map(async ({ tenant, seed, length, maxTokens, isAborted }) => {
            const prompt = tokensOf(length, seed);
            const changes = { maxTokens, ...(tenant !== undefined && { cacheSalt: tenant }) };
            const { id, finished } = run(prompt, changes);
            if (isAborted) setImmediate(() => engine.abort(id));
            const { tokens, finish } = await finished;
            assert.deepEqual(tokens, expectedTokens(prompt, tokens.length));
            if (!isAborted) assert.equal(tokens.length, Math.min(maxTokens, 512 - length));
            assert.ok(finish.usage.cacheHitTokens <= hitTokens(length));
            assert.equal(finish.usage.cacheHitTokens % BLOCK_TOKENS, 0);
            assert.ok(cache.stats().ramBytes <= ramBytes);
          }),
        );
        assert.equal(runner.liveCaches, 0);
        assert.equal(engine.stats().caches, 0);
      },
    ),
    { numRuns: 60 },
  );
});

test('tenants and models never meet', async () => {
  const cache = createCache();
  const { run } = createHarness(cache);
  await run(tokensOf(300), { cacheSalt: 'a' }).finished;
  for (const changes of [{}, { cacheSalt: 'b' }, { cacheSalt: 'a/user' }]) {
    assert.equal((await run(tokensOf(300), changes).finished).finish.usage.cacheHitTokens, 0);
  }
  assert.equal(
    (await run(tokensOf(300), { cacheSalt: 'a' }).finished).finish.usage.cacheHitTokens,
    256,
  );
});

async function diskCache(
  t: TestContext,
  { ramBytes = PLENTY, folder, fs }: { ramBytes?: number; folder?: string; fs?: CacheFs } = {},
): Promise<{ cache: PrefixCache; folder: string }> {
  const place = folder ?? (await mkdtemp(join(tmpdir(), 'hadal-cache-')));
  const onWarning = (text: string) => assert.fail(text);
  const disk = new DiskTier({
    folder: place,
    model: 'fake',
    blockBytes: createFakeRunner().rowBytes * BLOCK_TOKENS,
    maxBytes: PLENTY,
    onWarning,
    ...(fs && { fs }),
  });
  const cache = new PrefixCache({ fingerprint: 'fake', ramBytes, disk, onWarning });
  t.after(async () => {
    await cache.flush();
    if (folder === undefined) await rm(place, { recursive: true, force: true });
  });
  return { cache, folder: place };
}

test('after a restart the blocks on disk hit, prompt and reply, and then those in memory', async (t) => {
  const { cache, folder } = await diskCache(t);
  const first = await createHarness(cache).run(tokensOf(200), { maxTokens: 60 }).finished;
  await cache.flush();
  const { cache: second } = await diskCache(t, { folder });
  const { run, runner } = createHarness(second);
  const prompt = [...tokensOf(200), ...first.tokens, 1, 2, 3];
  for (const tier of ['diskHitTokens', 'ramHitTokens'] as const) {
    const { finish, tokens, progress } = await run(prompt).finished;
    assert.equal(finish.usage.cacheHitTokens, 256);
    assert.equal(progress[0], 256);
    assert.deepEqual(tokens, expectedTokens(prompt, 4));
    assert.equal(second.stats()[tier], 256);
  }
  await second.flush();
  assert.equal(runner.liveCaches, 0);
});

test('the disk alone is enough, and a chain may lie half in memory', async (t) => {
  // Memory for two blocks; a chain has five.
  const { cache } = await diskCache(t, { ramBytes: 1600 });
  const { run } = createHarness(cache);
  await run(tokensOf(330)).finished;
  await cache.flush();
  const { finish, tokens } = await run(tokensOf(330)).finished;
  assert.equal(finish.usage.cacheHitTokens, 320);
  assert.deepEqual(tokens, expectedTokens(tokensOf(330), 4));
  assert.deepEqual(cache.stats().diskHitTokens, 192);
});

test('a missing block in the middle ends the hit there', async (t) => {
  const { cache, folder } = await diskCache(t);
  await createHarness(cache).run(tokensOf(330)).finished;
  await cache.flush();
  const third = (await listBlocks(folder)).find(({ depth }) => depth === 2)!;
  await rm(third.path);
  const { cache: second } = await diskCache(t, { folder });
  const { finish, tokens } = await createHarness(second).run(tokensOf(330)).finished;
  await second.flush();
  assert.equal(finish.usage.cacheHitTokens, 128);
  assert.deepEqual(tokens, expectedTokens(tokensOf(330), 4));
});

test('a disk that does not answer holds up only who waits for it', async (t) => {
  let answer = () => {};
  const answered = new Promise<void>((resolve) => (answer = resolve));
  const { cache, folder } = await diskCache(t);
  await createHarness(cache).run(tokensOf(330)).finished;
  await cache.flush();
  const fs: CacheFs = {
    ...promises,
    open: async (...args) => {
      await answered;
      return promises.open(...args);
    },
  };
  const { cache: second } = await diskCache(t, { folder, fs });
  const { run, runner, engine } = createHarness(second);
  const waiting = run(tokensOf(330));
  const aborted = run(tokensOf(330));
  const short = await run(tokensOf(20)).finished;
  assert.deepEqual(short.tokens, expectedTokens(tokensOf(20), 4));
  engine.abort(aborted.id);
  assert.equal((await aborted.finished).finish.reason, 'aborted');
  assert.equal(runner.liveCaches, 1);
  answer();
  assert.equal((await waiting.finished).finish.usage.cacheHitTokens, 320);
  await second.flush();
  assert.equal(runner.liveCaches, 0);
});
