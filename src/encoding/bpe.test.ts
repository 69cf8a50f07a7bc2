import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { MAX_CACHED_UNITS, PieceCache } from './bpe-cache.js';
import { LongPieceMerge } from './bpe-long-piece.js';
import { MergeTable, NO_RANK, type MergeList } from './bpe-merges.js';
import { BytePairEncoder } from './bpe.js';
import { toUnits } from './bpe-units.js';

/** A merge list over symbols 0-255 and up: each pair makes the next new id. */
function mergeList(pairs: readonly (readonly [number, number])[]): MergeList {
  return {
    lefts: Int32Array.from(pairs, ([left]) => left),
    rights: Int32Array.from(pairs, ([, right]) => right),
    results: Int32Array.from(pairs, (_, rank) => 256 + rank),
  };
}

/** The definition: find the lowest rank anywhere, merge its leftmost place, repeat. */
function naiveMerge(symbols: number[], merges: MergeList): number[] {
  const list = [...symbols];
  for (;;) {
    let best = { rank: NO_RANK, at: -1 };
    for (let at = 0; at + 1 < list.length; at++) {
      const rank = merges.lefts.findIndex(
        (left, r) => left === list[at] && merges.rights[r] === list[at + 1],
      );
      if (rank >= 0 && rank < best.rank) best = { rank, at };
    }
    if (best.at < 0) return list;
    list.splice(best.at, 2, merges.results[best.rank]!);
  }
}

/** Merges over the letters a-d, each of earlier symbols, without repeated pairs. */
const randomMerges = fc
  .array(fc.tuple(fc.nat(), fc.nat()), { minLength: 1, maxLength: 30 })
  .map((draws) => {
    const letters = [97, 98, 99, 100];
    const pairs: [number, number][] = [];
    for (const [a, b] of draws) {
      const symbols = [...letters, ...pairs.map((_, rank) => 256 + rank)];
      const pair: [number, number] = [symbols[a % symbols.length]!, symbols[b % symbols.length]!];
      if (!pairs.some(([left, right]) => left === pair[0] && right === pair[1])) pairs.push(pair);
    }
    return mergeList(pairs);
  });
const randomText = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 150 });
const BYTE_IDS = Int32Array.from({ length: 256 }, (_, byte) => byte);

test('short, long and naive merging agree', () => {
  fc.assert(
    fc.property(randomMerges, randomText, (merges, text) => {
      const expected = naiveMerge([...Buffer.from(text)], merges);
      const encoder = new BytePairEncoder(merges, BYTE_IDS);
      encoder.addPiece(toUnits(text), 0, text.length);
      assert.deepEqual([...encoder.take()], expected);
      const symbols = Int32Array.from(Buffer.from(text));
      const steps = new LongPieceMerge(new MergeTable(merges)).run(symbols, symbols.length, 3);
      let step = steps.next();
      while (!step.done) step = steps.next();
      assert.deepEqual([...symbols.subarray(0, step.value)], expected);
    }),
    { seed: 7, numRuns: 500 },
  );
});

test('a cached piece gives the same ids again', () => {
  const encoder = new BytePairEncoder(mergeList([[97, 98]]), BYTE_IDS);
  const units = toUnits('abcab€😀');
  encoder.addPiece(units, 0, units.length);
  const first = encoder.take();
  assert.deepEqual([...first], [256, 99, 256, ...Buffer.from('€😀')]);
  encoder.reset();
  encoder.addPiece(units, 0, units.length);
  assert.deepEqual(encoder.take(), first);
});

test('the merge table keeps every pair and the last rank of a repeated one', () => {
  const pairs = Array.from({ length: 5000 }, (_, i) => [i % 71, Math.floor(i / 71)] as const);
  const table = new MergeTable(mergeList(pairs));
  pairs.forEach(([left, right], rank) => assert.equal(table.rank(left, right), rank));
  assert.equal(table.rank(71, 0), NO_RANK);
  assert.equal(
    new MergeTable(
      mergeList([
        [1, 2],
        [3, 4],
        [1, 2],
      ]),
    ).rank(1, 2),
    2,
  );
});

test('a full cache forgets old pieces and never mixes two up', () => {
  const cache = new PieceCache(4);
  const out = new Int32Array(8);
  for (let round = 0; round < 200; round++) {
    const units = toUnits(`p${round % 23}`);
    const count = cache.read(units, 0, units.length, out, 0);
    if (count > 0) assert.deepEqual([...out.subarray(0, count)], [round % 23, 1]);
    else cache.write(units, 0, units.length, Int32Array.of(round % 23, 1), 0, 2);
    assert.equal(cache.read(units, 0, units.length, out, 0), 2);
  }
  const long = toUnits('x'.repeat(MAX_CACHED_UNITS));
  cache.write(long, 0, long.length, new Int32Array(8), 0, 8);
  assert.equal(cache.read(long, 0, long.length, out, 0), 0);
  cache.clear();
  assert.equal(cache.read(toUnits('p1'), 0, 2, out, 0), 0);
});
