// The engine with a model that is a plain function of the tokens: whatever is interleaved, chunked
// or aborted, every sequence must produce what it would produce alone, and every cache must return.

import assert from 'node:assert/strict';
import test from 'node:test';
import { createHarness, expectedTokens, makeRequest, nextTurn } from './fake-harness.js';
import { FAKE_VOCAB } from './fake-runner.js';

const doNothing = () => {};

test('a sequence gets its greedy continuation and exact usage', async () => {
  const { engine, finished, runner } = createHarness();
  engine.submit(makeRequest('a'));
  const { tokens, finish } = await finished('a');
  assert.deepEqual(tokens, expectedTokens([1, 2, 3], 8));
  assert.deepEqual(finish, {
    type: 'finish',
    reason: 'length',
    usage: { promptTokens: 3, cacheHitTokens: 0, completionTokens: 8 },
  });
  assert.equal(runner.liveCaches, 0);
});

test('a stop token ends the sequence, is reported, and is neither emitted nor counted', async () => {
  const { engine, finished } = createHarness();
  const expected = expectedTokens([1, 2, 3], 8);
  const stop = expected[4]!;
  const before = expected.slice(0, expected.indexOf(stop));
  engine.submit(makeRequest('a', { stopTokens: [stop] }));
  const { tokens, finish } = await finished('a');
  assert.deepEqual(tokens, before);
  assert.equal(finish.reason, 'stop');
  assert.deepEqual(finish.stoppedBy, { token: stop });
  assert.equal(finish.usage.completionTokens, before.length);
});

test('a stop string hides its tokens but their generation is counted', async () => {
  const { engine, finished } = createHarness();
  const expected = expectedTokens([9, 8], 8);
  const text = String.fromCharCode(...expected.map((token) => 32 + token));
  const stopString = text.slice(3, 5);
  engine.submit(makeRequest('a', { promptTokens: Int32Array.of(9, 8), stopStrings: [stopString] }));
  const { tokens, finish } = await finished('a');
  const visible = text.indexOf(stopString);
  assert.deepEqual(tokens, expected.slice(0, visible));
  assert.equal(finish.reason, 'stop');
  assert.deepEqual(finish.stoppedBy, { string: stopString });
  assert.equal(finish.usage.completionTokens, visible + 2);
});

test('the context end cuts generation with length', async () => {
  const { engine, finished } = createHarness({ contextLength: 10 });
  engine.submit(makeRequest('a', { maxTokens: 1000 }));
  const { tokens, finish } = await finished('a');
  assert.equal(tokens.length, 7);
  assert.equal(finish.reason, 'length');
});

test('a long prompt is prefilled in chunks while others keep decoding', async () => {
  const order: string[] = [];
  const { engine, finished, until, recorded } = createHarness(
    {
      contextLength: 2000,
      onStep: (parts) => {
        order.push(parts.map(({ slice }) => slice.tokens.length).join('+'));
      },
    },
    { scheduling: { stepTokens: 11, stepTokensAlone: 40, targetStepMs: undefined } },
  );
  engine.submit(makeRequest('short', { maxTokens: 30 }));
  await until(() => (recorded.get('short')?.tokens.length ?? 0) > 0);
  const long = Int32Array.from({ length: 100 }, (_, index) => (index * 7) % FAKE_VOCAB);
  engine.submit(makeRequest('long', { promptTokens: long, maxTokens: 4 }));
  const { tokens, events } = await finished('long');
  assert.deepEqual(tokens, expectedTokens(long, 4));
  const first = order.indexOf('1+10');
  assert.deepEqual(
    order.slice(first, first + 11),
    [...Array<string>(10).fill('1+10'), '1+1'],
    'every step with a chunk decodes too',
  );
  assert.deepEqual(
    events.flatMap((event) => (event.type === 'prefill-progress' ? event.processedTokens : [])),
    [10, 20, 30, 40, 50, 60, 70, 80, 90, 100],
  );
  assert.deepEqual((await finished('short')).tokens, expectedTokens([1, 2, 3], 30));
});

test('abort ends a running sequence within one step and frees its cache', async () => {
  const { engine, runner, finished, until, recorded } = createHarness({ contextLength: 100_000 });
  engine.submit(makeRequest('a', { maxTokens: 100_000 }));
  await until(() => (recorded.get('a')?.tokens.length ?? 0) >= 3);
  const { steps } = engine.stats();
  engine.abort('a');
  const { finish } = await finished('a');
  assert.equal(finish.reason, 'aborted');
  await engine.dispose();
  assert.ok(engine.stats().steps <= steps + 1);
  assert.equal(runner.liveCaches, 0);
});

test('a cache in use by a step in flight is released only when the step returns', async () => {
  let endStep = doNothing;
  const { engine, runner, recorded } = createHarness({
    onStep: () => new Promise<void>((resolve) => (endStep = resolve)),
  });
  engine.submit(makeRequest('a')); // runs up to the first wait: inside the forward pass
  engine.abort('a');
  assert.equal(recorded.get('a')!.finish!.reason, 'aborted', 'the client need not wait');
  assert.equal(runner.liveCaches, 1);
  endStep();
  await engine.dispose();
  assert.equal(runner.liveCaches, 0);
  assert.equal(recorded.get('a')!.tokens.length, 0);
});

test('an abort of one sequence of a step neither stops the others nor frees memory under them', async () => {
  let openGate = doNothing;
  let stepSignal: AbortSignal | undefined;
  let numSteps = 0;
  const { engine, runner, finished } = createHarness({
    onStep: (_, signal) => {
      if (++numSteps !== 2) return;
      stepSignal = signal;
      return new Promise<void>((resolve) => (openGate = resolve));
    },
  });
  for (const id of ['a', 'b']) engine.submit(makeRequest(id));
  while (numSteps < 2) await nextTurn();
  engine.abort('b');
  assert.equal((await finished('b')).finish.reason, 'aborted', 'the client need not wait');
  assert.equal(stepSignal!.aborted, false);
  assert.equal(runner.liveCaches, 2, 'nothing is freed under the running step');
  openGate();
  assert.deepEqual((await finished('a')).tokens, expectedTokens([1, 2, 3], 8));
  while (runner.liveCaches > 0) await nextTurn();
  assert.deepEqual(runner.misuse, []);
});

test('the abort of all sequences of a step stops it and is no failure', async () => {
  const errors: unknown[] = [];
  const { engine, runner } = createHarness(
    {
      onStep: (_, signal) =>
        new Promise((_resolve, reject) => {
          signal!.addEventListener('abort', () => reject(signal!.reason as Error));
        }),
    },
    { onError: (error) => errors.push(error) },
  );
  engine.submit(makeRequest('a'));
  engine.abort('a');
  await engine.dispose(); // would never come back if the step went on
  assert.equal(runner.liveCaches, 0);
  assert.deepEqual(errors, []);
});

test('a failing forward pass ends its sequence only', async () => {
  const errors: string[] = [];
  const { engine, runner, finished } = createHarness(
    {
      onStep: (parts) => {
        const isBad = parts.some(({ tokens }) => tokens[0] === 5 && tokens.length > 4);
        if (isBad) throw new Error('broken kernel');
      },
    },
    { onError: (error, id) => errors.push(`${id}: ${(error as Error).message}`) },
  );
  engine.submit(makeRequest('bad', { promptTokens: Int32Array.of(5, 5, 5) }));
  engine.submit(makeRequest('good'));
  assert.equal((await finished('bad')).finish.reason, 'insufficient_system_resource');
  assert.equal((await finished('good')).finish.reason, 'length');
  assert.deepEqual(errors, ['bad: broken kernel']);
  assert.deepEqual(
    [(await finished('bad')).tokens, (await finished('good')).tokens],
    [expectedTokens([5, 5, 5], 2), expectedTokens([1, 2, 3], 8)],
  );
  await engine.dispose();
  assert.equal(runner.liveCaches, 0);
});

test('the same seed gives the same tokens whatever else is running', async () => {
  const sampled = makeRequest('a', {
    sampling: { temperature: 1, topP: 0.9, presencePenalty: 0, frequencyPenalty: 0.1, seed: 11 },
    maxTokens: 20,
  });
  const alone = createHarness();
  alone.engine.submit(sampled);
  const { tokens } = await alone.finished('a');
  const busy = createHarness();
  for (let i = 0; i < 4; i++) busy.engine.submit(makeRequest(`other ${i}`, { maxTokens: 9 + i }));
  busy.engine.submit(sampled);
  assert.deepEqual((await busy.finished('a')).tokens, tokens);
});

test('higher priority comes first and takes the place of lower, equals in order of arrival', async () => {
  const firsts: number[] = [];
  const { engine, finished } = createHarness(
    {
      onStep: ([part]) => {
        if (part!.slice.tokens.length > 1) firsts.push(part!.tokens[0]!);
      },
    },
    { scheduling: { maxRunning: 1 } },
  );
  const submit = (mark: number, priority: number) =>
    engine.submit(
      makeRequest(`${mark}`, { promptTokens: Int32Array.of(mark, 1), priority, maxTokens: 2 }),
    );
  submit(10, 0); // admitted at once: nothing else is there yet; put back when 12 comes
  submit(11, 0);
  submit(12, 5);
  submit(13, 5);
  submit(14, 1);
  await finished('11');
  assert.deepEqual(firsts, [10, 12, 13, 14, 10, 11]);
});

test('equal sequences advance in lockstep', async () => {
  const { engine, until, recorded } = createHarness({ contextLength: 100_000 });
  const ids = ['a', 'b', 'c', 'd'];
  for (const id of ids) engine.submit(makeRequest(id, { maxTokens: 100_000 }));
  const counts = () => ids.map((id) => recorded.get(id)?.tokens.length ?? 0);
  await until(() => Math.min(...counts()) >= 5);
  for (let i = 0; i < 20; i++) {
    const before = Math.max(...counts());
    await until(() => Math.max(...counts()) > before);
    assert.ok(Math.max(...counts()) - Math.min(...counts()) <= ids.length, `${counts()}`);
  }
  await engine.dispose();
});
