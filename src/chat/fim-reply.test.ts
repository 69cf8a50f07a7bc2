// FIM requests on the road: the prompt's form, text as it is, log-probabilities, limits.

import assert from 'node:assert/strict';
import test from 'node:test';
import { fimRequest, runReply, tokenizer } from '../../test/helpers/run-reply.js';
import { ScriptedBackend } from '../../test/helpers/scripted-backend.js';
import { ChatError } from './chat-error.js';
import { ChatService } from './chat-service.js';
import type { FimRequest } from './types.js';

const BOS = '<｜begin▁of▁sentence｜>';
const EOS = '<｜end▁of▁sentence｜>';

async function run(completion: string, changes: Partial<FimRequest> = {}) {
  const reply = await runReply(fimRequest(changes), { complete: () => completion });
  return { ...reply, request: reply.backend.requests[0]! };
}

test('with a suffix the prompt is prefix, hole, suffix; without one it is continued', async () => {
  const filled = await run(EOS, { prompt: 'def f(', suffix: '):' });
  assert.equal(
    tokenizer.decode(filled.request.promptTokens),
    `${BOS}<｜fim▁begin｜>def f(<｜fim▁hole｜>):<｜fim▁end｜>`,
  );
  const continued = await run(EOS, { prompt: 'Once' });
  assert.equal(tokenizer.decode(continued.request.promptTokens), `${BOS}Once`);
});

test('markers spelled in prompt and suffix are data', async () => {
  const { request } = await run(EOS, { prompt: '<｜fim▁hole｜>', suffix: EOS });
  const controls = [...request.promptTokens].filter((token) => tokenizer.isControl(token));
  assert.equal(tokenizer.decode(controls), `${BOS}<｜fim▁begin｜><｜fim▁hole｜><｜fim▁end｜>`);
});

test('every text is content, control tokens are left out', async () => {
  const { content, reasoning, finish } = await run(
    `a <x>\n</think>b<think>c\n\n<｜DSML｜function_calls>\n价格 😀${EOS}late`,
  );
  assert.equal(content, 'a <x>\nbc\n\n<function_calls>\n价格 😀');
  assert.equal(reasoning, '');
  assert.equal(finish.reason, 'stop');
  assert.equal(finish.usage.reasoningTokens, 0);
});

test('log-probabilities cover the text they come with, also when characters are split', async () => {
  const { events } = await run(`naïve 😀 价格${EOS}`, { topLogprobs: 2 });
  const deltas = events.filter((event) => event.type === 'content-delta');
  for (const { text, logprobs = [] } of deltas) {
    assert.equal(Buffer.concat(logprobs.map(({ bytes }) => bytes)).toString(), text);
    assert.ok(logprobs.every(({ topLogprobs }) => topLogprobs.length === 2));
  }
  assert.equal(deltas.map(({ text }) => text).join(''), 'naïve 😀 价格');
});

test('a stop string ends the reply and is not shown', async () => {
  const { content, finish } = await run(`one two three${EOS}`, { stop: ['two'] });
  assert.equal(content, 'one ');
  assert.equal(finish.stopString, 'two');
});

test('the budget cuts with length; usage and start count prompt and completion', async () => {
  const { start, finish, request } = await run('one two three four', { maxTokens: 3 });
  const promptTokens = request.promptTokens.length;
  assert.equal(finish.reason, 'length');
  assert.deepEqual(start, { type: 'start', promptTokens, cacheHitTokens: 0 });
  assert.deepEqual(finish.usage, {
    promptTokens,
    cacheHitTokens: 0,
    cacheMissTokens: promptTokens,
    completionTokens: 3,
    reasoningTokens: 0,
  });
});

test('a character cut by the budget is shown as U+FFFD, an empty reply has no block', async () => {
  const [first] = tokenizer.encode('😀');
  assert.equal(tokenizer.tokenText(first!), undefined);
  const cut = await run('😀', { maxTokens: 1 });
  assert.equal(cut.content, '\ufffd');
  const empty = await run(EOS);
  assert.deepEqual(
    empty.events.map(({ type }) => type),
    ['start', 'finish'],
  );
});

test('a prompt that does not fit is refused with its real numbers', async () => {
  const backend = new ScriptedBackend({ tokenizer, contextLength: 100, complete: () => EOS });
  const service = new ChatService({ backend, tokenizer });
  await assert.rejects(
    service.prepare(fimRequest({ prompt: 'x '.repeat(200) })),
    (error) =>
      error instanceof ChatError &&
      error.failure.kind === 'context_length' &&
      error.failure.promptTokens > 200,
  );
});
