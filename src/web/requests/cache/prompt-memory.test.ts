// The memory of prompts: bounded, apart per tenant, and right about which prompt began most like one.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { commonPrefix, PromptMemory, type RememberedPrompt } from './prompt-memory.js';

function prompt(sequence: number, tokens: number[], fields: Partial<RememberedPrompt> = {}) {
  return {
    traceId: `t${sequence}`,
    keyId: 'key',
    model: 'model',
    sequence,
    startedAt: sequence,
    endedAt: sequence,
    tokens: Int32Array.from(tokens),
    promptTokens: tokens.length,
    cacheHitTokens: 0,
    ...fields,
  };
}

// Few different tokens, so that prompts begin alike.
const tokenLists = fc.array(fc.array(fc.nat(1), { minLength: 1, maxLength: 12 }), {
  minLength: 1,
  maxLength: 20,
});

test('finds the longest common beginning, as looking at all of them does', () => {
  fc.assert(
    fc.property(tokenLists, fc.nat(19), (lists, which) => {
      const memory = new PromptMemory();
      const prompts = lists.map((tokens, index) => prompt(index, tokens));
      for (const each of prompts) memory.remember('tenant', each);
      const own = prompts[which % prompts.length]!;
      const common = prompts
        .filter(({ sequence }) => sequence < own.sequence)
        .map(({ tokens }) => {
          let length = 0;
          while (length < tokens.length && tokens[length] === own.tokens[length]) length++;
          return length;
        });
      const best = memory.longestCommon(own.traceId);
      assert.equal(best?.common, common.length === 0 ? undefined : Math.max(...common));
    }),
  );
});

test('never more bytes than it may, and the least recently used go first', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(400), { maxLength: 40 }), (lengths) => {
      const maxBytes = 20_000;
      const memory = new PromptMemory({ maxBytes, maxPrompts: 9 });
      for (const [index, length] of lengths.entries()) {
        memory.remember(`tenant ${index % 3}`, prompt(index, Array(length).fill(1)));
        assert.ok(memory.numBytes <= maxBytes && memory.size <= 9);
      }
    }),
  );
  const memory = new PromptMemory({ maxBytes: 5000 });
  for (let index = 0; index < 4; index++) memory.remember('tenant', prompt(index, [1, index]));
  memory.longestCommon('t1'); // uses t0
  memory.remember('tenant', prompt(4, [1]));
  assert.equal(memory.find('t1'), undefined);
  assert.ok(memory.find('t0'));
});

test('knows nothing of other tenants, nor of later requests', () => {
  const memory = new PromptMemory();
  memory.remember('a', prompt(1, [1, 2, 3]));
  memory.remember('b', prompt(2, [1, 2, 3]));
  memory.remember('a', prompt(3, [1, 2]));
  assert.equal(memory.longestCommon('t2'), undefined);
  assert.equal(memory.longestCommon('t1'), undefined);
  assert.equal(memory.longestCommon('t3')?.prompt.traceId, 't1');
});

test('of equal ones that of the same key, then the newest', () => {
  const memory = new PromptMemory();
  memory.remember('a', prompt(1, [1, 2, 3]));
  memory.remember('a', prompt(2, [1, 2, 4]));
  memory.remember('a', prompt(3, [1, 2, 5], { keyId: 'other' }));
  memory.remember('a', prompt(4, [1, 2, 6]));
  assert.equal(memory.longestCommon('t4')?.prompt.traceId, 't2');
});

test('of equal ones one that was over when the request began', () => {
  const memory = new PromptMemory();
  memory.remember('a', prompt(1, [1, 2]));
  memory.remember('a', prompt(2, [1, 2], { endedAt: 9 }));
  memory.remember('a', prompt(3, [1, 2, 3]));
  assert.equal(memory.longestCommon('t3')?.prompt.traceId, 't1');
});

test('a reply that followed counts as a beginning, the own one does not', () => {
  const memory = new PromptMemory();
  memory.remember('a', prompt(1, [1, 2, 3, 4], { promptTokens: 2 }));
  memory.remember('a', prompt(2, [1, 2, 3, 4, 5], { promptTokens: 3 }));
  assert.equal(memory.longestCommon('t2')?.common, 3);
});

test('a prompt as large as a quarter of the room is not kept', () => {
  const memory = new PromptMemory({ maxBytes: 8000 });
  memory.remember('a', prompt(1, Array(500).fill(1)));
  assert.equal(memory.size, 0);
  assert.equal(commonPrefix(Int32Array.of(1, 2), Int32Array.of(1, 3), 5), 1);
});
