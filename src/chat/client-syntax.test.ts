// Actions in a client's own syntax that a model writes at the end of its reasoning: they are the
// answer. Everything else stays where the parser put it.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { CompletionEvent } from '../encoding/completion.js';
import { chatRequest, runReply, tokenizer } from '../../test/helpers/run-reply.js';
import { ChatReply } from './chat-reply.js';
import { ClientSyntax } from './client-syntax.js';
import { findClientTools } from './client-tools.js';
import type { ChatRequest, ReplyEvent } from './types.js';

const EOS = '<｜end▁of▁sentence｜>';

const SYSTEM = `You edit code. You act by writing one element per message.

## read_file
Usage:
<read_file>
<path>file to read</path>
</read_file>

## write_to_file
Usage:
<write_to_file>
<path>file to write</path>
<content>
its whole text
</content>
</write_to_file>

## reload
Usage:
<reload>
</reload>

Newer models use this format:
<function=example>
<parameter=name>value</parameter>
</function>
`;

const READ = '<read_file>\n<path>src/a.ts</path>\n</read_file>';
const WRITE =
  '<write_to_file>\n<path>a.html</path>\n<content>\n<p>1 < 2</p>\n</write_to_file>\n</content>\n</write_to_file>';

const tools = findClientTools([{ role: 'system', content: SYSTEM }]);

async function run(completion: string, changes: Partial<ChatRequest> = {}) {
  const messages: ChatRequest['messages'] = [
    { role: 'system', content: SYSTEM },
    { role: 'user', content: 'go' },
  ];
  const request = chatRequest({ thinking: true, messages, ...changes });
  return runReply(request, { complete: () => completion });
}

test('an action that ends the reasoning is the answer', async () => {
  const cases: [completion: string, reasoning: string, content: string][] = [
    [`I read it.\n\n${READ}`, 'I read it.\n\n', READ],
    [`I read it.\n${READ}\n\n</think>`, 'I read it.\n', READ],
    [`I read it.\n  ${READ}</think>\n\n`, 'I read it.\n  ', READ],
    [READ, '', READ],
    [WRITE, '', WRITE],
    [`Both.\n${READ}\n\n${WRITE}\n`, 'Both.\n', `${READ}\n\n${WRITE}`],
    [`x\n${READ}${READ}`, 'x\n', READ + READ],
    ['x\n<reload>\n</reload>', 'x\n', '<reload>\n</reload>'],
    [
      'x\n<function=run>\n<parameter=command>ls</parameter>\n</function>',
      'x\n',
      '<function=run>\n<parameter=command>ls</parameter>\n</function>',
    ],
    // The parameter was never closed: the closing tag of the whole shows what was meant.
    ['x\n<read_file>\n<path>a\n</read_file>', 'x\n', '<read_file>\n<path>a\n</read_file>'],
  ];
  for (const [completion, reasoning, content] of cases) {
    const reply = await run(completion + EOS);
    assert.deepEqual([reply.reasoning, reply.content], [reasoning, content], completion);
    assert.equal(reply.finish.reason, 'stop');
  }
});

test('with anything behind it, it is reasoning', async () => {
  const cases: [reasoning: string, content: string][] = [
    [`I could write\n${READ}\nbut no.`, ''],
    [`A draft:\n${READ}\n`, 'The answer.'],
    [`A draft:\n${READ}\n`, `\n\n${READ}`],
    [`${READ}\n<other>`, ''],
    [`${READ}\n${READ}\nHm.`, 'Done.'],
    [`${READ}\n\`\`\``, ''],
  ];
  for (const [reasoning, content] of cases) {
    const reply = await run(`${reasoning}</think>${content}${EOS}`);
    assert.deepEqual([reply.reasoning, reply.content], [reasoning, content], reasoning);
  }
});

test('a mention is reasoning', async () => {
  for (const reasoning of [
    `I call ${READ}`,
    '<read_file> is what I need',
    '<read_file>',
    '<read_file>\n<path>src',
    '<read_file>\n<path>src</path>\nThen I',
    `<read_files>\n<path>a</path>\n</read_files>`,
    '<unknown>\n<path>a</path>\n</unknown>',
    '<read_file>src/a.ts</read_file>',
    '<function=\n<parameter=a>x</parameter>\n</function>',
    'x <\n< y\n<',
  ]) {
    for (const end of ['', '</think>']) {
      const reply = await run(reasoning + end + EOS);
      assert.deepEqual([reply.reasoning, reply.content], [reasoning, ''], reasoning);
    }
  }
});

test('a native call behind it makes it reasoning', async () => {
  const call =
    '\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name="f">\n</｜DSML｜invoke>\n</｜DSML｜function_calls>';
  const reply = await run(`${READ}</think>${call}${EOS}`, {
    tools: [{ type: 'function', function: null }],
  });
  assert.deepEqual([reply.reasoning, reply.content, reply.calls.length], [READ, '', 1]);
});

test('the tokens of the answer are not counted as reasoning', async () => {
  const { finish } = await run(`I read it.\n${READ}${EOS}`);
  const plain = await run(`I read it.\n${EOS}`);
  const { completionTokens, reasoningTokens } = finish.usage;
  assert.equal(reasoningTokens, plain.finish.usage.reasoningTokens);
  assert.ok(completionTokens > reasoningTokens + 10);
});

test('a stop string that closes the element ends it', async () => {
  const reply = await run(`x\n${READ}${EOS}`, { stop: ['</read_file>'] });
  assert.deepEqual(
    [reply.reasoning, reply.content, reply.finish.stopString],
    ['x\n', '<read_file>\n<path>src/a.ts</path>', '</read_file>'],
  );
});

test('a whole element before the limit is the answer, a cut one is not', async () => {
  const whole = await run(`${READ}\n\n${' \n'.repeat(500)}`, { maxTokens: 60 });
  assert.deepEqual([whole.content, whole.finish.reason], [READ, 'length']);
  const cut = await run(READ.slice(0, -3));
  assert.deepEqual([cut.content, cut.reasoning], ['', READ.slice(0, -3)]);
});

test('a reserved answer does not interrupt an action', async () => {
  const long = WRITE.replace('1 < 2', 'a '.repeat(60));
  const completion = `x\n${long}${EOS}`;
  const maxTokens = tokenizer.encode(completion).length;
  const reply = await run(completion, { reserveAnswer: true, maxTokens });
  assert.deepEqual([reply.content, reply.backend.requests.length], [long, 1]);
});

test('requests that describe no tools, and chat mode, are left alone', async () => {
  const messages: ChatRequest['messages'] = [{ role: 'user', content: 'go' }];
  assert.equal((await run(READ + EOS, { messages })).reasoning, READ);
  assert.equal((await run(READ + EOS, { thinking: false })).content, READ);
});

function filter(pieces: readonly string[]) {
  const syntax = new ClientSyntax(tools);
  const events: CompletionEvent[] = [];
  for (const text of pieces) syntax.push({ type: 'reasoning-delta', text }, events);
  syntax.finish(undefined, events);
  const textOf = (kind: string) =>
    events.map((event) => (event.type === kind && 'text' in event ? event.text : '')).join('');
  return { events, reasoning: textOf('reasoning-delta'), content: textOf('content-delta') };
}

test('text is held back from a known opening only, and comes out when it is decided', () => {
  const syntax = new ClientSyntax(tools);
  const push = (text: string) => {
    const events: CompletionEvent[] = [];
    syntax.push({ type: 'reasoning-delta', text }, events);
    return events.map((event) => ('text' in event ? event.text : '')).join('');
  };
  assert.equal(push('a <read_file>\n <'), 'a <read_file>\n ');
  assert.equal(push('br>\n<read_'), '<br>\n');
  assert.equal(push('file>'), '');
  assert.equal(push('\n'), '');
  assert.equal(push('is a tool'), '<read_file>\nis a tool');
  assert.equal(push(`\n${READ}`), '\n');
  assert.equal(push('\n\n'), '');
  assert.equal(push('no'), `${READ}\n\nno`);
});

test('an element beyond the bound of 262,144 characters is reasoning', () => {
  const sized = (size: number) => {
    const frame = WRITE.replace('1 < 2', '');
    return WRITE.replace('1 < 2', 'x'.repeat(size - frame.length));
  };
  const pieces = (text: string) => text.match(/[^]{1,1000}/g)!;
  assert.equal(filter(pieces(sized(262_143))).reasoning, '');
  assert.equal(filter(pieces(sized(262_144))).content, '');
  assert.equal(filter([sized(300_000)]).content, '');
});

test('holding a long element takes linear time', { timeout: 30_000 }, () => {
  const text = `${WRITE.slice(0, WRITE.indexOf('<p>'))}${'<a> </b '.repeat(30_000)}`;
  const { reasoning } = filter(Array.from(text));
  assert.equal(reasoning, text);
});

const fragment = fc.constantFrom(
  'x',
  ' ',
  '\n',
  '<',
  '</think>',
  '<read_file>',
  '<path>',
  'a.ts',
  '</path>',
  '</read_file>',
  '<content>',
  '</content>',
  '<write_to_file>',
  '</write_to_file>',
  '<function=run>',
  '<parameter=x>',
  '</parameter>',
  '</function>',
  '<reload></reload>',
  READ,
  `\n${READ}`,
  WRITE,
);
const anyText = fc.array(fragment, { maxLength: 12 }).map((parts) => parts.join(''));

test('no text is lost, and what is content would have been no reply at all', () => {
  const property = fc.property(anyText, (text) => {
    const { reasoning, content } = filter([text]);
    if (content === '') assert.equal(reasoning, text);
    else assert.equal(reasoning + content, text.trimEnd());
  });
  fc.assert(property, { seed: 1, numRuns: 2000 });
});

test('any split of the text gives the same reply', () => {
  const property = fc.property(anyText, fc.array(fc.integer({ min: 1, max: 9 })), (text, sizes) => {
    const pieces: string[] = [];
    for (let at = 0, next = 0; at < text.length; next++) {
      const size = sizes.length > 0 ? sizes[next % sizes.length]! : 1;
      pieces.push(text.slice(at, at + size));
      at += size;
    }
    const whole = filter([text]);
    const split = filter(pieces);
    assert.deepEqual([split.reasoning, split.content], [whole.reasoning, whole.content]);
  });
  fc.assert(property, { seed: 1, numRuns: 3000 });
});

/** The reply to a text cut into tokens: whole words of the vocabulary, or single characters. */
function replyTo(parts: readonly string[], isCut: boolean) {
  const reply = new ChatReply({
    tokenizer,
    thinking: true,
    hasTools: false,
    clientTools: tools,
    forcedTokens: new Int32Array(0),
    newCallId: String,
  });
  const texts = isCut
    ? parts.flatMap((part) => (part === '</think>' ? part : [...part]))
    : [parts.join('')];
  const tokens = texts.flatMap((text) => [...tokenizer.encode(text)]);
  const events: ReplyEvent[] = [];
  for (const token of tokens) reply.accept({ type: 'token', token }, events);
  const usage = { promptTokens: 1, cacheHitTokens: 0, completionTokens: tokens.length };
  reply.finish({ type: 'finish', reason: 'stop', usage }, events);
  const textOf = (kind: ReplyEvent['type']) =>
    events.map((event) => (event.type === kind && 'text' in event ? event.text : '')).join('');
  const blocks = events.map(({ type }) => type).filter((type) => !type.endsWith('delta'));
  return { reasoning: textOf('reasoning-delta'), content: textOf('content-delta'), blocks };
}

test('any tokens of the same text give the same reply', () => {
  const property = fc.property(fc.array(fragment, { maxLength: 12 }), (parts) => {
    assert.deepEqual(replyTo(parts, true), replyTo(parts, false));
  });
  fc.assert(property, { seed: 1, numRuns: 500 });
});

test('on the road only replies without an answer change', async () => {
  const property = fc.asyncProperty(anyText, anyText, async (reasoning, content) => {
    const reply = await run(`${reasoning}</think>${content}${EOS}`);
    const [before, ...behind] = `${reasoning}</think>${content}`.split('</think>');
    const parsed = { reasoning: before!, content: behind.join('') };
    if (parsed.content.trim() !== '') {
      assert.deepEqual([reply.reasoning, reply.content], [parsed.reasoning, parsed.content]);
    } else if (reply.reasoning !== parsed.reasoning) {
      assert.equal(reply.reasoning + reply.content, parsed.reasoning.trimEnd());
    }
  });
  await fc.assert(property, { seed: 1, numRuns: 300 });
});
