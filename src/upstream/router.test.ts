// Routing as a pure function of what was sent where: properties over random fleets and prompts.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { blockChain, BLOCK_SIZE } from './prefix-blocks.js';
import { Router, type Candidate } from './router.js';

function fleet(loads: readonly number[], changes: Partial<Candidate> = {}): Candidate[] {
  return loads.map((inFlight, id) => ({
    id,
    inFlight,
    maxConcurrency: 100,
    weight: 1,
    isLastResort: false,
    ...changes,
  }));
}

/** A prompt of whole blocks: one number per block. */
function prompt(...blocks: number[]): number[] {
  return [...blockChain(Int32Array.from(blocks.flatMap((b) => Array<number>(BLOCK_SIZE).fill(b))))];
}

test('equal prefixes have equal blocks; another salt, or a change, changes all that follow', () => {
  const tokens = fc.array(fc.nat(3), { minLength: BLOCK_SIZE, maxLength: 5 * BLOCK_SIZE });
  fc.assert(
    fc.property(tokens, tokens, (a, b) => {
      const [chainA, chainB] = [blockChain(Int32Array.from(a)), blockChain(Int32Array.from(b))];
      assert.equal(chainA.length, Math.floor(a.length / BLOCK_SIZE));
      const difference = a.findIndex((token, i) => token !== b[i]);
      const equal = difference < 0 ? Math.min(a.length, b.length) : difference;
      chainA.forEach((hash, i) => {
        if (i < chainB.length) assert.equal(hash === chainB[i], (i + 1) * BLOCK_SIZE <= equal);
      });
      const salted = blockChain(Int32Array.from(a), 'tenant');
      assert.ok(salted.every((hash, i) => hash !== chainA[i]));
    }),
    { numRuns: 200, seed: 1 },
  );
});

test('a conversation stays where its prefix is', () => {
  const router = new Router();
  const first = router.choose(fleet([0, 0, 0]), prompt(1, 2))!;
  router.record(first.id, prompt(1, 2));
  const loads = [0, 0, 0];
  loads[first.id] = 5;
  assert.deepEqual(router.choose(fleet(loads), prompt(1, 2, 3)), {
    id: first.id,
    matchedBlocks: 2,
  });
});

test('but not when that endpoint is much busier than another', () => {
  const router = new Router({ maxExtraLoad: 8, maxLoadRatio: 1.5 });
  router.record(0, prompt(1, 2));
  assert.equal(router.choose(fleet([8, 0]), prompt(1, 2))!.id, 0);
  assert.equal(router.choose(fleet([9, 0]), prompt(1, 2))!.id, 1);
  assert.equal(router.choose(fleet([40, 30]), prompt(1, 2))!.id, 0, 'busy, but so is the other');
  const heavy = fleet([18, 0]).map((c) => ({ ...c, weight: c.id === 0 ? 4 : 1 }));
  assert.equal(router.choose(heavy, prompt(1, 2))!.id, 0, 'load counts per weight');
});

test('a short common beginning (a system prompt) does not pile everything onto one endpoint', () => {
  const router = new Router({ minShare: 0.3 });
  const system = 99;
  const used = new Set<number>();
  for (let i = 0; i < 6; i++) {
    const chain = prompt(system, i, i, i);
    const { id } = router.choose(fleet([0, 0, 0]), chain)!;
    router.record(id, chain);
    used.add(id);
  }
  assert.equal(used.size, 3);
});

test('new prompts spread over idle endpoints in turn', () => {
  const router = new Router();
  const ids = Array.from({ length: 6 }, (_, i) => {
    const { id } = router.choose(fleet([0, 0, 0]), prompt(i))!;
    router.record(id, prompt(i));
    return id;
  });
  assert.deepEqual(ids, [0, 1, 2, 0, 1, 2]);
});

test('full endpoints are left alone; a last resort is used only when it must be', () => {
  const router = new Router();
  router.record(0, prompt(1));
  const [a, b] = fleet([2, 2]) as [Candidate, Candidate];
  assert.equal(router.choose([{ ...a, maxConcurrency: 2 }, b], prompt(1))!.id, 1);
  assert.equal(router.choose([{ ...a, isLastResort: true }, b], prompt(1))!.id, 1);
  const full = { ...b, maxConcurrency: 2 };
  assert.equal(router.choose([{ ...a, isLastResort: true }, full], prompt(1))!.id, 0);
  assert.equal(router.choose([{ ...a, maxConcurrency: 2 }, full], prompt(1)), undefined);
  assert.equal(router.choose([], prompt(1)), undefined);
});

test('what is remembered is bounded; the beginnings of prompts outlive their ends', () => {
  const router = new Router({ maxBlocks: 4 });
  router.record(0, prompt(1, 2, 3));
  router.record(0, prompt(1, 5, 6));
  assert.equal(router.numBlocks(0), 4);
  assert.equal(router.matchedBlocks(0, prompt(1, 5, 6)), 3);
  assert.equal(router.matchedBlocks(0, prompt(1, 2, 3)), 2);
  router.record(0, prompt(...Array.from({ length: 20 }, (_, i) => i)));
  assert.equal(router.numBlocks(0), 4);
  router.forget(0);
  assert.equal(router.matchedBlocks(0, prompt(1)), 0);
});

test('random histories: never a full endpoint, never an overloaded one, always the same answer', () => {
  const step = fc.record({
    loads: fc.array(fc.nat(30), { minLength: 1, maxLength: 5 }),
    weights: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 5, maxLength: 5 }),
    limit: fc.integer({ min: 1, max: 30 }),
    blocks: fc.array(fc.nat(2), { minLength: 1, maxLength: 6 }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const options = { maxBlocks: 12, maxExtraLoad: 4, maxLoadRatio: 2 };
      const [router, twin] = [new Router(options), new Router(options)];
      for (const { loads, weights, limit, blocks } of steps) {
        const candidates = fleet(loads, { maxConcurrency: limit }).map((candidate) => ({
          ...candidate,
          weight: weights[candidate.id]!,
        }));
        const chain = prompt(...blocks);
        const route = router.choose(candidates, chain);
        assert.deepEqual(twin.choose(candidates.toReversed(), chain), route);
        const free = candidates.filter(({ inFlight }) => inFlight < limit);
        assert.equal(route === undefined, free.length === 0);
        if (!route) continue;
        const chosen = free.find(({ id }) => id === route.id)!;
        const load = ({ inFlight, weight }: Candidate) => inFlight / weight;
        const least = Math.min(...free.map(load));
        assert.ok(load(chosen) <= Math.max(least + 4, least * 2), 'not overloaded');
        if (load(chosen) > least)
          assert.ok(route.matchedBlocks > 0, 'only a prefix is worth a wait');
        router.record(route.id, chain);
        twin.record(route.id, chain);
        assert.ok(router.numBlocks(route.id) <= 12);
      }
    }),
    { numRuns: 200, seed: 3 },
  );
});
