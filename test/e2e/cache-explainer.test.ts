// The cache explainer over real prompts: two requests as clients send them, rendered and tokenised by
// the same road, and the cause that a person would name. Then the same through a server, whose cache
// is real.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { inSlices } from '../../src/chat/in-slices.js';
import { buildPrompt } from '../../src/chat/prompt.js';
import { markersOf } from '../../src/server/requests-host.js';
import {
  BLOCK_TOKENS,
  explainCache,
  hitTokens,
} from '../../src/web/requests/cache/explain-cache.js';
import { commonPrefix, type RememberedPrompt } from '../../src/web/requests/cache/prompt-memory.js';
import { promptSections } from '../../src/web/requests/cache/prompt-sections.js';
import type { CacheReport } from '../../src/web/requests-wire.js';
import { chatDoor } from '../../src/protocol/openai/chat-door.js';
import { testTokenizer } from '../helpers/scripted-backend.js';
import { requestContext } from '../helpers/request-context.js';

const tokenizer = testTokenizer();
const reader = {
  decode: (tokens: Int32Array) => tokenizer.decode(tokens),
  markers: markersOf(tokenizer),
};

type Body = Record<string, unknown> & { messages: object[] };

async function tokensOf(body: Body): Promise<Int32Array> {
  const bytes = Buffer.from(JSON.stringify({ model: 'deepseek-chat', ...body }));
  const { request } = chatDoor.parse(bytes, requestContext());
  assert.equal(request.kind, 'chat');
  return (await inSlices(buildPrompt(request as never, tokenizer))).tokens;
}

interface Said {
  /** What the model answered, as text behind the earlier prompt. */
  reply?: string;
  /** Default: whole blocks of what both have in common, as a cache that lost nothing serves. */
  hit?: number;
  fields?: Partial<RememberedPrompt>;
}

async function explain(earlier: Body, current: Body, { reply = '', hit, fields }: Said = {}) {
  const [a, b] = [await tokensOf(earlier), await tokensOf(current)];
  const said = tokenizer.encode(reply);
  const whole = new Int32Array(a.length + said.length);
  whole.set(a);
  whole.set(said, a.length);
  const common = commonPrefix(b, whole, b.length);
  const stored = Math.max(a.length, whole.length - 1);
  const base = { keyId: 'key', model: 'm', startedAt: 0, endedAt: 1, cacheHitTokens: 0 };
  const before = { ...base, traceId: 'a', sequence: 1, tokens: whole, promptTokens: a.length };
  const own: RememberedPrompt = {
    ...base,
    traceId: 'b',
    sequence: 2,
    startedAt: 2,
    endedAt: 3,
    tokens: b,
    promptTokens: b.length,
    cacheHitTokens: hit ?? hitTokens(b.length, Math.min(common, stored)),
  };
  return explainCache(
    own,
    { prompt: { ...before, ...fields }, common },
    { reader, mayRead: ({ keyId }) => keyId === 'key', moneyOf: (tokens) => ({ X: `${tokens}` }) },
  );
}

const PAD = 'Answer briefly, in plain words, and say so when you do not know. '.repeat(12);
const system = (content: string) => ({ role: 'system', content });
const user = (content: string) => ({ role: 'user', content });
const said = (content: string, more: object = {}) => ({ role: 'assistant', content, ...more });
const tool = (name: string, properties: object = { path: { type: 'string' } }) => ({
  type: 'function',
  function: {
    name,
    description: `Does ${name}. ${PAD}`,
    parameters: { type: 'object', properties },
  },
});
const call = (args: string, id = 'c1') => ({
  tool_calls: [{ id, type: 'function', function: { name: 'read', arguments: args } }],
});
const result = (content: string, id = 'c1') => ({ role: 'tool', tool_call_id: id, content });
const thinking = { thinking: { type: 'enabled' } };

const Q = user(`What is the deepest lake? ${PAD}`);
const NEXT = user('And the second deepest?');

interface Case {
  name: string;
  cause: CacheReport['cause'];
  earlier: Body;
  current: Body;
  said?: Said;
  part?: string;
}

const CASES: Case[] = [
  {
    name: 'a clock in the system prompt',
    cause: 'time-in-prompt',
    earlier: { messages: [system(`Now: 2025-12-01T10:00:01Z. ${PAD}`), Q] },
    current: { messages: [system(`Now: 2025-12-01T10:07:59Z. ${PAD}`), Q] },
    part: 'system',
  },
  {
    name: 'a date in Chinese',
    cause: 'time-in-prompt',
    earlier: { messages: [system(`今天是2025年12月1日。${PAD}`), Q] },
    current: { messages: [system(`今天是2025年12月2日。${PAD}`), Q] },
  },
  {
    name: 'a month spelled out',
    cause: 'time-in-prompt',
    earlier: { messages: [system(`Today is Monday, December 1, 2025. ${PAD}`), Q] },
    current: { messages: [system(`Today is Tuesday, December 2, 2025. ${PAD}`), Q] },
  },
  {
    name: 'a session id behind a block of text',
    cause: 'id-in-prompt',
    earlier: {
      messages: [system(`${PAD}Session 6f1c9a52-77c1-4a0e-9a3b-d0c4a1b2e3f4.`), Q],
    },
    current: {
      messages: [system(`${PAD}Session 0b2d5c11-12f3-4f6e-8c7d-aa11bb22cc33.`), Q],
    },
    part: 'system',
  },
  {
    name: 'a counter',
    cause: 'number-in-prompt',
    earlier: { messages: [system(`${PAD}Requests so far: 41.`), Q] },
    current: { messages: [system(`${PAD}Requests so far: 42.`), Q] },
  },
  {
    name: 'another system prompt',
    cause: 'system-changed',
    earlier: { messages: [system(`${PAD}Speak like a sailor.`), Q] },
    current: { messages: [system(`${PAD}Speak as a lawyer does.`), Q] },
    part: 'system',
  },
  {
    name: 'a tool more',
    cause: 'tools-changed',
    earlier: { messages: [system(PAD), Q], tools: [tool('read')] },
    current: { messages: [system(PAD), Q], tools: [tool('read'), tool('write')] },
    part: 'tools',
  },
  {
    name: 'tools where there were none',
    cause: 'tools-changed',
    earlier: { messages: [system(PAD), Q] },
    current: { messages: [system(PAD), Q], tools: [tool('read')] },
  },
  {
    name: 'the same tools in another order',
    cause: 'tools-reordered',
    earlier: { messages: [system(PAD), Q], tools: [tool('read'), tool('write')] },
    current: { messages: [system(PAD), Q], tools: [tool('write'), tool('read')] },
    part: 'tools',
  },
  {
    name: 'the same tool with its keys in another order',
    cause: 'json-key-order',
    earlier: {
      messages: [system(PAD), Q],
      tools: [tool('read', { path: { type: 'string', description: 'Where.' } })],
    },
    current: {
      messages: [system(PAD), Q],
      tools: [tool('read', { path: { description: 'Where.', type: 'string' } })],
    },
    part: 'tools',
  },
  {
    name: 'arguments sent back with their keys in another order',
    cause: 'arguments-key-order',
    earlier: {
      messages: [Q, said('', call('{"path":"a.txt","line":1}')), result('one'), said('One.'), NEXT],
      tools: [tool('read')],
    },
    current: {
      messages: [Q, said('', call('{"line":1,"path":"a.txt"}')), result('one'), said('One.'), NEXT],
      tools: [tool('read')],
    },
    part: 'calls',
  },
  {
    name: 'reasoning of the running question left out',
    cause: 'reasoning-changed',
    earlier: {
      ...thinking,
      messages: [
        Q,
        said('', { reasoning_content: 'I have to look.', ...call('{"path":"a"}') }),
        result('one'),
      ],
      tools: [tool('read')],
    },
    current: {
      ...thinking,
      messages: [
        Q,
        said('', { reasoning_content: '', ...call('{"path":"a"}') }),
        result('one'),
        said('', { reasoning_content: 'More.', ...call('{"path":"b"}', 'c2') }),
        result('two', 'c2'),
      ],
      tools: [tool('read')],
    },
    part: 'reasoning',
  },
  {
    name: 'reasoning of an answered question, which the format drops',
    cause: 'reasoning-left-out',
    earlier: { ...thinking, messages: [system(PAD), Q] },
    current: { ...thinking, messages: [system(PAD), Q, said('Baikal.'), user(`Next? ${PAD}`)] },
    said: { reply: 'Lakes are deep.</think>Baikal.' },
    part: 'mark',
  },
  {
    name: 'thinking switched off',
    cause: 'mode-changed',
    earlier: {
      ...thinking,
      messages: [Q, said('', { reasoning_content: 'Hm.', ...call('{"path":"a"}') }), result(PAD)],
      tools: [tool('read')],
    },
    current: {
      messages: [Q, said('', call('{"path":"a"}')), result(PAD)],
      tools: [tool('read')],
    },
    part: 'mark',
  },
  {
    name: 'an earlier question edited',
    cause: 'message-edited',
    earlier: { messages: [system(PAD), user('Hello there'), said('Hi.'), Q] },
    current: { messages: [system(PAD), user('Hello you'), said('Hi.'), Q] },
    part: 'user',
  },
  {
    name: 'the reply sent back in other words',
    cause: 'reply-changed',
    earlier: { messages: [system(PAD), Q] },
    current: { messages: [system(PAD), Q, said('It is Tanganyika.'), user(`Next? ${PAD}`)] },
    said: { reply: 'It is Baikal, surely.' },
    part: 'answer',
  },
  {
    name: 'the oldest turns dropped',
    cause: 'history-truncated',
    earlier: {
      messages: [
        system(PAD),
        user('One?'),
        said('1'),
        user(`Two? ${PAD}`),
        said('2'),
        user('Three?'),
      ],
    },
    current: {
      messages: [
        system(PAD),
        user(`Two? ${PAD}`),
        said('2'),
        user('Three?'),
        said('3'),
        user('Four?'),
      ],
    },
    part: 'user',
  },
  {
    name: 'the next question',
    cause: 'new-content',
    earlier: { messages: [system(PAD), Q] },
    current: { messages: [system(PAD), Q, said('Baikal.'), user(`And then? ${PAD}`)] },
    said: { reply: 'Baikal.' },
  },
  {
    name: 'another question behind the same system prompt',
    cause: 'new-content',
    earlier: { messages: [system(PAD), user(`Name a river. ${PAD}`)] },
    current: { messages: [system(PAD), user(`Which lake is it? ${PAD}`)] },
    part: 'user',
  },
  {
    name: 'nothing in common',
    cause: 'first-request',
    earlier: { messages: [system(`Speak. ${PAD}`), Q] },
    current: { messages: [system(`Write. ${PAD}`), Q] },
  },
  {
    name: 'all but the last block served',
    cause: 'hit',
    earlier: { messages: [system(PAD), Q] },
    current: { messages: [system(PAD), Q] },
  },
  {
    name: 'a prompt of less than a block',
    cause: 'short-prompt',
    earlier: { messages: [user('Hi')] },
    current: { messages: [user('Hi')] },
  },
  {
    name: 'known to the memory, gone from the cache',
    cause: 'evicted',
    earlier: { messages: [system(PAD), Q] },
    current: { messages: [system(PAD), Q] },
    said: { hit: 0 },
  },
  {
    name: 'sent while the earlier one was running',
    cause: 'not-finished-yet',
    earlier: { messages: [system(PAD), Q] },
    current: { messages: [system(PAD), Q] },
    said: { hit: 0, fields: { endedAt: 10 } },
  },
  {
    name: 'served by a cache that remembers more',
    cause: 'not-remembered',
    earlier: { messages: [system(`Speak. ${PAD}`), Q] },
    current: { messages: [system(`Write. ${PAD}`), Q] },
    said: { hit: 2 * BLOCK_TOKENS },
  },
];

for (const { name, cause, earlier, current, said: options, part } of CASES) {
  test(`${cause}: ${name}`, async () => {
    const report = await explain(earlier, current, options);
    assert.equal(report.cause, cause, JSON.stringify(report, null, 1));
    if (part !== undefined) assert.equal(report.difference?.part, part);
    assert.equal(report.hit_tokens + report.miss_tokens, report.prompt_tokens);
    if (!report.is_avoidable) assert.equal(report.lost.tokens, 0);
    assert.equal(report.lost.tokens % BLOCK_TOKENS, 0);
  });
}

test('long hostile texts take no long time', async () => {
  const marks = ['\n\n## Tools\n\n<functions>\n', '<｜DSML｜invoke name="', '['];
  for (const mark of marks) {
    const text = mark.repeat(20_000);
    const startedAt = performance.now();
    await explain(
      {
        messages: [system(PAD), Q, said('', call(JSON.stringify({ a: text, b: 1 }))), result('x')],
      },
      { messages: [system(`${PAD}${text}`), Q, said(text), NEXT] },
    );
    await explain(
      {
        messages: [system(PAD), Q, said('', call(JSON.stringify({ a: text, b: 1 }))), result('x')],
      },
      {
        messages: [system(PAD), Q, said('', call(JSON.stringify({ b: text, a: 1 }))), result('x')],
      },
    );
    assert.ok(performance.now() - startedAt < 10_000, mark);
  }
});

test('a tool that was added is named', async () => {
  const messages = [system(PAD), Q];
  const report = await explain(
    { messages, tools: [tool('read'), tool('old')] },
    { messages, tools: [tool('read', { line: { type: 'number' } }), tool('write')] },
  );
  assert.deepEqual(report.tools, { added: ['write'], removed: ['old'], changed: ['read'] });
});

test('what the same words in other tokens cost is told as such', async () => {
  const messages = [system(PAD), Q];
  const next = { messages: [...messages, said('Baikal, in Siberia, of course.'), NEXT] };
  const whole = tokenizer.encode('Baikal, in Siberia, of course.');
  // The model may write its words letter by letter.
  const letters = [...'Baikal, in Siberia, of course.'].flatMap((text) => [
    ...tokenizer.encode(text),
  ]);
  assert.ok(letters.length > whole.length);
  const a = await tokensOf({ messages });
  const tokens = Int32Array.from([...a, ...letters]);
  const b = await tokensOf(next);
  const common = commonPrefix(b, tokens, b.length);
  const base = { keyId: 'key', model: 'm', startedAt: 0, endedAt: 1 };
  const report = explainCache(
    {
      ...base,
      traceId: 'b',
      sequence: 2,
      tokens: b,
      promptTokens: b.length,
      cacheHitTokens: hitTokens(b.length, common),
    },
    {
      prompt: {
        ...base,
        traceId: 'a',
        sequence: 1,
        tokens,
        promptTokens: a.length,
        cacheHitTokens: 0,
      },
      common,
    },
    { reader, mayRead: () => true, moneyOf: () => ({}) },
  );
  assert.equal(report.cause, 'retokenised');
});

test("another key's text is not shown, the place and the cause are", async () => {
  const report = await explain(
    { messages: [system(`Now: 10:00:01, secret of another key. ${PAD}`), Q] },
    { messages: [system(`Now: 10:07:59, mine. ${PAD}`), Q] },
    { fields: { keyId: 'other' } },
  );
  assert.equal(report.cause, 'time-in-prompt');
  assert.equal(report.earlier?.trace_id, null);
  assert.equal(report.difference?.earlier, null);
  assert.ok(!JSON.stringify(report).includes('secret'));
});

test('the sides of the difference join to the text of their block', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 });
  return fc.assert(
    fc.asyncProperty(text, text, text, async (head, one, other) => {
      const report = await explain(
        { messages: [system(`${PAD}${head}${one}`), Q] },
        { messages: [system(`${PAD}${head}${other}`), Q] },
      );
      const { difference } = report;
      if (!difference) return;
      const tokens = await tokensOf({ messages: [system(`${PAD}${head}${other}`), Q] });
      const end = (difference.block + 1) * BLOCK_TOKENS;
      const upTo = tokenizer.decode(tokens.subarray(0, end));
      assert.ok(upTo.endsWith(difference.before + difference.current));
    }),
    { numRuns: 60 },
  );
});

test('the sections of any prompt cover it without gaps', () => {
  const turn = fc.record({ question: fc.string(), answer: fc.string(), thought: fc.string() });
  return fc.assert(
    fc.asyncProperty(fc.array(turn, { maxLength: 4 }), fc.boolean(), async (turns, thinks) => {
      const messages = turns.flatMap(({ question, answer, thought }) => [
        user(`${question}<｜User｜>`),
        said(answer, { reasoning_content: thought }),
      ]);
      const tokens = await tokensOf({
        ...(thinks && thinking),
        messages: [...messages, user('last')],
      });
      const sections = promptSections(tokens, reader.markers);
      assert.equal(sections[0]!.start, 0);
      assert.equal(sections.at(-1)!.end, tokens.length);
      for (const [index, { start, end }] of sections.entries()) {
        assert.ok(start < end);
        if (index > 0) assert.equal(start, sections[index - 1]!.end);
      }
      // Text that spells a marker opens no question.
      assert.equal(sections.at(-1)!.question, turns.length + 1);
    }),
    { numRuns: 40 },
  );
});
