import assert from 'node:assert/strict';
import test from 'node:test';
import { BlockMemory } from './block-memory.js';

const tokens = (length: number, first = 0) => Int32Array.from({ length }, (_, i) => first + i);

test('whole 64-token blocks of a known prefix count, per salt', () => {
  const memory = new BlockMemory();
  memory.remember(tokens(339), 'a');
  assert.equal(memory.hits(tokens(339), 'a'), 320);
  assert.equal(memory.hits(tokens(339), 'b'), 0);
  assert.equal(memory.hits(tokens(339, 1), 'a'), 0);
  const changed = tokens(339);
  changed[130] = -1;
  assert.equal(memory.hits(changed, 'a'), 128);
});

test('at least one token of a prompt is computed', () => {
  const memory = new BlockMemory();
  memory.remember(tokens(128));
  assert.equal(memory.hits(tokens(128)), 64);
  assert.equal(memory.hits(tokens(63)), 0);
});

test('the oldest blocks are forgotten', () => {
  const memory = new BlockMemory(2);
  memory.remember(tokens(128));
  memory.remember(tokens(128, 1000));
  assert.equal(memory.hits(tokens(129)), 0);
  assert.equal(memory.hits(tokens(129, 1000)), 128);
});
