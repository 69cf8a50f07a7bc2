// Self-speculation with the fake model: right drafts save steps, wrong ones change nothing, and both
// hold at the edges: stop strings, limits, grammars, failures. That every mix of sequences gets what
// it would get alone is engine-properties.test.ts.

import assert from 'node:assert/strict';
import test from 'node:test';
import type { EngineStats } from './engine-stats.js';
import { createHarness, expectedTokens, makeRequest, type Recorded } from './fake-harness.js';
import { FAILING_TOKEN, fakeLogits } from './fake-runner.js';
import { Speculation } from './speculation.js';
import type { GenerateRequest } from '../backend/types.js';

/** The most likely token: always right for greedy sequences without penalties. */
function best(tokens: readonly number[]): number {
  const logits = fakeLogits(tokens);
  return logits.indexOf(Math.max(...logits));
}

async function run(
  request: Partial<GenerateRequest>,
  onDraft: ((tokens: readonly number[]) => number) | undefined,
  speculation = new Speculation({ mode: 'on' }),
): Promise<Recorded & { stats: EngineStats }> {
  const { engine, runner, finished } = createHarness(
    onDraft ? { onDraft } : {},
    onDraft ? { speculation } : {},
  );
  engine.submit(makeRequest('a', request));
  const recorded = await finished('a');
  await engine.dispose();
  assert.deepEqual(runner.misuse, []);
  assert.equal(runner.liveCaches, 0);
  return { ...recorded, stats: engine.stats() };
}

test('right drafts halve the steps and wrong ones cost none', async () => {
  const maxTokens = 41;
  const plain = await run({ maxTokens }, undefined);
  assert.deepEqual(plain.tokens, expectedTokens([1, 2, 3], maxTokens));
  const right = await run({ maxTokens }, best);
  const wrong = await run({ maxTokens }, (tokens) => (best(tokens) + 1) % FAILING_TOKEN);
  assert.deepEqual(right.events, plain.events);
  assert.deepEqual(wrong.events, plain.events);
  assert.equal(plain.stats.steps, 41);
  assert.equal(right.stats.steps, 21);
  assert.equal(wrong.stats.steps, 41);
  const counts = ({ stats }: { stats: EngineStats }) => [stats.draftedTokens, stats.acceptedTokens];
  assert.deepEqual(counts(plain), [0, 0]);
  assert.deepEqual(counts(right), [20, 20]);
  // After the last token but one there is no room for two.
  assert.deepEqual(counts(wrong), [39, 0]);
  assert.equal(right.stats.decodeTokens, 41);
  assert.equal(right.stats.isDrafting, true);
  assert.equal(plain.stats.isDrafting, false);
});

test('seeded sampling, penalties and log-probabilities are those of plain decoding', async () => {
  const sampling = { temperature: 0.3, topP: 0.9, presencePenalty: 0.4, frequencyPenalty: 0.2 };
  let accepted = 0;
  for (let seed = 0; seed < 20; seed++) {
    const request = { maxTokens: 60, topLogprobs: 3, sampling: { ...sampling, seed } };
    const plain = await run(request, undefined);
    const drafting = await run(request, best);
    assert.deepEqual(drafting.events, plain.events);
    accepted += drafting.stats.acceptedTokens;
  }
  assert.ok(accepted > 20, `${accepted} accepted`);
});

test('every limit cuts between a token and its draft, or behind both', async () => {
  const expected = expectedTokens([1, 2, 3], 30);
  const text = String.fromCharCode(...expected.map((token) => 32 + token));
  for (let end = 1; end < 24; end++) {
    const requests: Partial<GenerateRequest>[] = [
      { maxTokens: end },
      { maxTokens: 30, stopStrings: [text.slice(end, end + 3)] },
      { maxTokens: 30, stopTokens: [expected[end]!] },
    ];
    for (const request of requests) {
      const plain = await run(request, undefined);
      const drafting = await run(request, best);
      assert.deepEqual(drafting.events, plain.events, JSON.stringify(request));
    }
  }
});

test('drafting that fails is told once and generation goes on without', async () => {
  const warnings: string[] = [];
  const onWarning = (text: string) => warnings.push(text);
  const fail = () => {
    throw new Error('no drafts today');
  };
  const speculation = new Speculation({ mode: 'on', onWarning });
  const { tokens, stats } = await run({ maxTokens: 20 }, fail, speculation);
  assert.deepEqual(tokens, expectedTokens([1, 2, 3], 20));
  assert.deepEqual(warnings, ['drafting failed and is off until the next start: no drafts today']);
  assert.equal(stats.draftedTokens, 0);
  assert.equal(stats.isDrafting, false);
});

test('a step that fails with a draft in it loses its sequence only', async () => {
  let fails = false;
  const { engine, runner, finished, recorded, until } = createHarness(
    {
      onDraft: best,
      onStep: (parts) => {
        const isFailing = parts.some(({ tokens }) => tokens[0] === 9 && tokens.length > 8);
        if (fails && isFailing) throw new Error('the forward pass failed');
      },
    },
    { speculation: new Speculation({ mode: 'on' }) },
  );
  engine.submit(makeRequest('bad', { promptTokens: Int32Array.of(9, 9), maxTokens: 100 }));
  engine.submit(makeRequest('good', { maxTokens: 40 }));
  await until(() => (recorded.get('bad')?.tokens.length ?? 0) > 4);
  fails = true;
  assert.equal((await finished('bad')).finish.reason, 'insufficient_system_resource');
  assert.deepEqual((await finished('good')).tokens, expectedTokens([1, 2, 3], 40));
  await engine.dispose();
  assert.deepEqual(runner.misuse, []);
  assert.equal(runner.liveCaches, 0);
});

test('an abort while drafts are being made frees the cache after them', async () => {
  let abort = (): void => {};
  const { engine, runner, finished } = createHarness(
    {
      onDraft: (tokens) => {
        if (tokens.length === 8) setImmediate(abort);
        return best(tokens);
      },
    },
    { speculation: new Speculation({ mode: 'on' }) },
  );
  abort = () => engine.abort('a');
  engine.submit(makeRequest('a', { maxTokens: 300 }));
  assert.equal((await finished('a')).finish.reason, 'aborted');
  await engine.dispose();
  assert.deepEqual(runner.misuse, []);
  assert.equal(runner.liveCaches, 0);
});
