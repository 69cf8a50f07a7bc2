// How large steps become: near the target time while somebody decodes, large when nobody does.

import assert from 'node:assert/strict';
import test from 'node:test';
import { StepPacer } from './step-pacer.js';

const OPTIONS = { stepTokens: 64, stepTokensAlone: 256, targetStepMs: 100 };

/** Plays mixed steps on a machine with this cost until the size settles; returns the sizes. */
function settle(pacer: StepPacer, msPerToken: number, decodeTokens = 4): number[] {
  return Array.from({ length: 12 }, () => {
    const prefillTokens = pacer.prefillRoom(decodeTokens);
    pacer.record({ ms: (decodeTokens + prefillTokens) * msPerToken, decodeTokens, prefillTokens });
    return decodeTokens + prefillTokens;
  });
}

test('alone a prompt gets the large size at once', () => {
  const pacer = new StepPacer(OPTIONS);
  assert.equal(pacer.prefillRoom(0), 256);
});

test('mixed steps count all tokens, shrink where they take long and grow where they do not', () => {
  const slow = settle(new StepPacer(OPTIONS), 2);
  assert.equal(slow[0], 64);
  assert.equal(slow.at(-1), 32);
  assert.equal(settle(new StepPacer(OPTIONS), 0.1).at(-1), 256);
  assert.equal(settle(new StepPacer(OPTIONS), 0.7).at(-1), 64, 'neither too long nor roomy');
});

test('sizes are few, so that graphs are', () => {
  for (let msPerToken = 0.05; msPerToken < 10; msPerToken *= 1.3) {
    for (const size of settle(new StepPacer(OPTIONS), msPerToken)) {
      assert.ok([32, 64, 128, 256].includes(size), `${size}`);
    }
  }
});

test('prompts go on however slow it is and however many decode', () => {
  const pacer = new StepPacer(OPTIONS);
  settle(pacer, 1000);
  assert.equal(pacer.prefillRoom(100), 16);
  assert.equal(pacer.prefillRoom(4), 28);
});

test('where decoding alone takes long, a mixed step may take twice that', () => {
  const pacer = new StepPacer(OPTIONS);
  for (let i = 0; i < 50; i++) pacer.record({ ms: 400, decodeTokens: 4, prefillTokens: 0 });
  assert.equal(settle(pacer, 8).at(-1), 64, '512 ms');
});

test('without a target sizes stay', () => {
  const pacer = new StepPacer({ ...OPTIONS, targetStepMs: undefined });
  assert.deepEqual(new Set(settle(pacer, 1000)), new Set([64]));
});

test('sizes are whole numbers, whatever it starts from', () => {
  const pacer = new StepPacer({ ...OPTIONS, stepTokens: 75 });
  for (const size of settle(pacer, 1000)) assert.ok(Number.isInteger(size), `${size}`);
});
