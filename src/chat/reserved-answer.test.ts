// An answer within the budget although the reasoning never ends: two requests at the backend, one
// reply to the client, one bill.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { BackendError } from '../backend/types.js';
import { parseJson } from '../encoding/json-reader.js';
import type { ToolDefinition } from '../encoding/message.js';
import { chatRequest, runReply, tokenizer } from '../../test/helpers/run-reply.js';
import type { ScriptedBackendOptions } from '../../test/helpers/scripted-backend.js';
import type { ChatRequest } from './types.js';

const EOS = '<｜end▁of▁sentence｜>';
const THINK_CLOSE = '</think>';

/** A model that thinks `reasoning`, and answers as soon as it is behind `</think>`. */
function thinker(reasoning: string, answer: string): ScriptedBackendOptions['complete'] {
  return (prompt) => (prompt.endsWith(THINK_CLOSE) ? answer : reasoning);
}

const reserving = (changes: Partial<ChatRequest> = {}) =>
  chatRequest({ thinking: true, reserveAnswer: true, ...changes });

const many = (numWords: number) => 'a '.repeat(numWords);

test('reasoning is stopped at seven eighths, closed, and followed by an answer', async () => {
  const request = reserving({ maxTokens: 80 });
  const { backend, reasoning, content, finish } = await runReply(request, {
    complete: thinker(many(500), `42.${EOS}`),
    cacheHitTokens: 3,
  });
  const [first, second] = backend.requests;
  assert.equal(content, '42.');
  assert.equal(finish.reason, 'stop');

  const seen = tokenizer.encode(many(500)).slice(0, 70);
  assert.equal(reasoning, tokenizer.decode(seen));
  const close = tokenizer.tokenId(THINK_CLOSE)!;
  assert.deepEqual([...second!.promptTokens], [...first!.promptTokens, ...seen, close]);
  assert.equal(second!.maxTokens, 9);
  assert.notEqual(second!.id, first!.id);
  assert.deepEqual(
    { ...second, id: '', promptTokens: [], maxTokens: 0 },
    {
      ...first,
      id: '',
      promptTokens: [],
      maxTokens: 0,
    },
  );

  assert.equal(finish.reservedAnswer, true);
  assert.deepEqual(finish.usage, {
    promptTokens: first!.promptTokens.length,
    cacheHitTokens: 3,
    cacheMissTokens: first!.promptTokens.length - 3,
    completionTokens: 71 + tokenizer.encode('42.').length,
    reasoningTokens: 71,
  });
});

test('an answer that does not fit either is cut with length', async () => {
  const { finish, content } = await runReply(reserving({ maxTokens: 80 }), {
    complete: thinker(many(500), many(500)),
  });
  assert.equal(finish.reason, 'length');
  assert.equal(finish.usage.completionTokens, 80);
  assert.equal(tokenizer.encode(content).length, 9);
});

test('the budget ends at the context end when that is nearer', async () => {
  const { finish, content } = await runReply(reserving({ maxTokens: 4096 }), {
    complete: thinker(many(500), `ok${EOS}`),
    contextLength: 64,
  });
  assert.equal(content, 'ok');
  assert.ok(finish.usage.promptTokens + finish.usage.completionTokens <= 64);
});

test('nothing changes for reasoning that ends in time, without the option, or in chat mode', async () => {
  const completion = `${many(5)}${THINK_CLOSE}${many(500)}`;
  for (const [request, complete] of [
    [reserving({ maxTokens: 80 }), () => completion],
    [reserving({ maxTokens: 80, reserveAnswer: false }), () => many(500)],
    [reserving({ maxTokens: 80, thinking: false }), () => many(500)],
  ] as const) {
    const { backend, finish } = await runReply(request, { complete });
    assert.equal(backend.requests.length, 1);
    assert.equal(finish.usage.completionTokens, 80);
    assert.equal(finish.reason, 'length');
  }
});

test('a stop string in the first or the second part ends the reply', async () => {
  const complete = thinker(`${many(5)}STOP`, 'an answer STOP more');
  const first = await runReply(reserving({ maxTokens: 80, stop: ['STOP'] }), { complete });
  assert.equal(first.finish.stopString, 'STOP');
  assert.equal(first.backend.requests.length, 1);
  const second = await runReply(reserving({ maxTokens: 200, stop: ['STOP'] }), {
    complete: thinker(many(500), 'an answer STOP more'),
  });
  assert.equal(second.content, 'an answer ');
  assert.equal(second.finish.stopString, 'STOP');
});

test('a stop string that begins inside the last token before the limit still ends the reply', async () => {
  const text = 'ab';
  const lead = `${'7 '.repeat(34)}\n`;
  assert.equal(tokenizer.encode(lead + text).length, 70);
  assert.equal(tokenizer.encode(lead).length, 69);
  const { backend, reasoning, finish } = await runReply(reserving({ maxTokens: 80, stop: ['b'] }), {
    complete: thinker(lead + text, `no${EOS}`),
  });
  assert.equal(reasoning, `${lead}a`);
  assert.equal(finish.reason, 'stop');
  assert.equal(backend.requests.length, 1);
});

const weather: ToolDefinition = {
  type: 'function',
  function: parseJson('{"name": "weather", "parameters": {"type": "object"}}'),
};
const CALL =
  '\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name="weather">\n</｜DSML｜invoke>\n</｜DSML｜function_calls>';

test('reasoning is not stopped inside a call that ends it', async () => {
  const lead = many(400);
  // The limit falls right behind the mark of the block's tag, where a name must follow.
  const numLead = tokenizer.encode(lead + CALL.slice(0, CALL.indexOf('function'))).length;
  const maxTokens = Math.ceil((numLead * 8) / 7);
  const { backend, calls, finish } = await runReply(reserving({ maxTokens, tools: [weather] }), {
    complete: thinker(lead + CALL + EOS, `stopped${EOS}`),
  });
  assert.equal(backend.requests.length, 1);
  assert.equal(calls.length, 1);
  assert.equal(finish.reason, 'tool_calls');
});

test('an abort ends either part', async () => {
  for (const inAnswer of [false, true]) {
    const abort = new AbortController();
    const { backend, finish } = await runReply(
      reserving({ maxTokens: 400 }),
      { complete: thinker(many(500), many(500)) },
      {
        signal: abort.signal,
        onEvent: ({ type }) => {
          if (type === (inAnswer ? 'content-delta' : 'reasoning-delta')) abort.abort();
        },
      },
    );
    assert.equal(finish.reason, 'aborted');
    assert.equal(backend.requests.length, inAnswer ? 2 : 1);
    assert.equal(backend.numRunning, 0);
    const { completionTokens, reasoningTokens } = finish.usage;
    assert.ok(inAnswer ? completionTokens > 350 : completionTokens < 350);
    assert.ok(reasoningTokens <= completionTokens);
  }
});

test('no engine for the second part ends the reply as a dying engine does', async () => {
  const { finish, content } = await runReply(reserving({ maxTokens: 80 }), {
    complete: (prompt) => {
      if (prompt.endsWith(THINK_CLOSE)) throw new BackendError('unavailable', 'gone');
      return many(500);
    },
  });
  assert.equal(content, '');
  assert.equal(finish.reason, 'insufficient_system_resource');
});

test('for any lengths and budgets: within the budget, one bill, room for an answer', async () => {
  const property = fc.asyncProperty(
    fc.nat(120),
    fc.nat(60),
    fc.integer({ min: 1, max: 100 }),
    async (numReasoning, numAnswer, maxTokens) => {
      const reasoning = many(numReasoning);
      const answer = many(numAnswer);
      const { backend, finish, ...reply } = await runReply(reserving({ maxTokens }), {
        complete: (prompt) =>
          prompt.endsWith(THINK_CLOSE) ? answer + EOS : reasoning + THINK_CLOSE + answer + EOS,
      });
      const { usage } = finish;
      assert.equal(usage.promptTokens, backend.requests[0]!.promptTokens.length);
      assert.ok(usage.completionTokens <= maxTokens);
      assert.ok(usage.reasoningTokens <= usage.completionTokens);
      assert.ok(reasoning.startsWith(reply.reasoning));
      assert.ok(answer.startsWith(reply.content));
      if (maxTokens >= 3 && numAnswer > 0) assert.notEqual(reply.content, '');
      if (finish.reason === 'length') assert.equal(usage.completionTokens, maxTokens);
      else assert.equal(reply.content, answer);
    },
  );
  await fc.assert(property, { seed: 1, numRuns: 300 });
});
