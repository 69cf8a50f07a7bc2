// The tier in memory under any use: within its budget, and never a block without its beginning.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { RamTier } from './ram-tier.js';

/** A chain in a tree of blocks: the key of a block is the path to it. */
const chain = fc
  .array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 8 })
  .map((path) => path.map((_, i) => path.slice(0, i + 1).join('.')));

const blocksOf = (keys: string[], byteLength = 1000) =>
  new Map(keys.map((key) => [key, new Uint8Array(byteLength)]));

test('budget held, chains whole, and what was used last stays longest', () => {
  fc.assert(
    fc.property(
      fc.array(chain, { maxLength: 40 }),
      fc.integer({ min: 0, max: 20_000 }),
      (chains, maxBytes) => {
        const tier = new RamTier(maxBytes);
        const seen = new Set<string>();
        for (const keys of chains) {
          for (const key of keys) seen.add(key);
          tier.use(keys, blocksOf(keys));
          assert.ok(tier.byteLength <= maxBytes);
          for (const key of seen) {
            const parent = key.slice(0, Math.max(0, key.lastIndexOf('.')));
            if (tier.get(key) && parent !== '') assert.ok(tier.get(parent), `${key} is stranded`);
          }
          // The chain just used goes first only when it does not fit by itself.
          const held = keys.filter((key) => tier.get(key)).length;
          assert.equal(held, Math.min(keys.length, Math.floor(maxBytes / 1512)));
        }
        assert.equal(tier.size, [...seen].filter((key) => tier.get(key)).length);
      },
    ),
  );
});

test('an orphan does not outlive an ancestor that returns', () => {
  const tier = new RamTier(3 * 1512);
  tier.use(['a', 'a.b', 'a.b.c'], blocksOf(['a.b.c']));
  tier.use(['a', 'a.b'], blocksOf(['a', 'a.b']));
  tier.use(['x'], blocksOf(['x']));
  assert.equal(tier.get('a.b.c'), undefined);
  assert.ok(tier.get('a.b') && tier.get('a') && tier.get('x'));
});
