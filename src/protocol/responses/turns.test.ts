// Items to messages: what belongs to one turn, where outputs and system texts go, what becomes of
// the reasoning.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { encodeMessages } from '../../encoding/encode-messages.js';
import { messagesOf, parseRequest } from './door-fixtures.js';
import { openReasoning, sealReasoning } from './reasoning-capsule.js';

fc.configureGlobal({ seed: 32 });

const THINKING = { model: 'deepseek-reasoner' };
const user = (text: string) => ({ role: 'user', content: text });
const said = (text: string) => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text }],
});
const reasoning = (text: string) => ({
  type: 'reasoning',
  summary: [],
  content: [{ type: 'reasoning_text', text }],
});
const call = (call_id: string, args = '{}') => ({
  type: 'function_call',
  call_id,
  name: 'f',
  arguments: args,
});
const output = (call_id: string, text: unknown = `of ${call_id}`) => ({
  type: 'function_call_output',
  call_id,
  output: text,
});
const toolCall = (id: string, args = '{}') => ({ id, name: 'f', arguments: args });

test('reasoning, text and calls of one turn become one message', () => {
  const input = [
    user('Q'),
    reasoning('hm'),
    said('Looking.'),
    call('a'),
    call('b'),
    output('a'),
    output('b'),
  ];
  assert.deepEqual(messagesOf({ ...THINKING, input }), [
    { role: 'user', content: 'Q' },
    {
      role: 'assistant',
      content: 'Looking.',
      reasoningContent: 'hm',
      toolCalls: [toolCall('a'), toolCall('b')],
    },
    { role: 'tool', content: 'of a', toolCallId: 'a' },
    { role: 'tool', content: 'of b', toolCallId: 'b' },
  ]);
});

test('a new turn begins with reasoning, after an output, and with a second text', () => {
  const input = [
    user('Q'),
    reasoning('one'),
    call('a'),
    output('a'),
    reasoning('two'),
    call('b'),
    output('b'),
    call('c'),
    output('c'),
    said('x'),
    said('y'),
  ];
  const turns = messagesOf({ input }).filter(({ role }) => role === 'assistant');
  assert.deepEqual(
    turns.map((turn) => [turn.content, 'toolCalls' in turn && turn.toolCalls?.[0]?.id]),
    [
      ['', 'a'],
      ['', 'b'],
      ['', 'c'],
      ['x', false],
      ['y', false],
    ],
  );
});

test('outputs are moved to their calls, in the order of the calls', () => {
  const input = [user('Q'), call('a'), call('b'), user('and?'), output('b'), output('a')];
  assert.deepEqual(
    messagesOf({ input }).map(({ role, content }) => [role, content]),
    [
      ['user', 'Q'],
      ['assistant', ''],
      ['tool', 'of a'],
      ['tool', 'of b'],
      ['user', 'and?'],
    ],
  );
});

test('an id that is used again belongs to the later call', () => {
  const input = [user('Q'), call('a'), output('a', '1'), user('R'), call('a'), output('a', '2')];
  const tools = messagesOf({ input }).filter(({ role }) => role === 'tool');
  assert.deepEqual(
    tools.map(({ content }) => content),
    ['1', '2'],
  );
});

test('calls and outputs without each other are refused', () => {
  assert.throws(() => messagesOf({ input: [user('Q'), call('a')] }), {
    message: 'No tool output found for function call a.',
  });
  assert.throws(() => messagesOf({ input: [user('Q'), output('a')] }), {
    message: 'No tool call found for function call output with call_id a.',
  });
});

test('outputs may be lists of texts', () => {
  const parts = [
    { type: 'input_text', text: 'x' },
    { type: 'input_text', text: 'y' },
  ];
  assert.equal(
    messagesOf({ input: [user('Q'), call('a'), output('a', parts)] }).at(-1)?.content,
    'x\ny',
  );
});

test('a system text inside a question goes in front of it, after an answer it stays', () => {
  const developer = (text: string) => ({ role: 'developer', content: text });
  const input = [
    user('Q'),
    said('A'),
    developer('1'),
    user('R'),
    developer('2'),
    call('a'),
    output('a'),
    developer('3'),
  ];
  assert.deepEqual(
    messagesOf({ input }).map(({ role, content }) => `${role} ${content}`),
    ['user Q', 'assistant A', 'system 1\n\n2\n\n3', 'user R', 'assistant ', 'tool of a'],
  );
});

test('reasoning comes back from the readable text, the capsule or the summary', () => {
  const turn = (item: Record<string, unknown>) => {
    const input = [user('Q'), { type: 'reasoning', ...item }, call('a'), output('a')];
    const message = messagesOf({ ...THINKING, input })[1];
    return message?.role === 'assistant' ? message.reasoningContent : 'none';
  };
  const encrypted_content = sealReasoning('sealed 😀');
  assert.equal(turn({ summary: [], encrypted_content }), 'sealed 😀');
  assert.equal(turn({ summary: [], content: null, encrypted_content }), 'sealed 😀');
  const content = [{ type: 'reasoning_text', text: 'read' }];
  assert.equal(turn({ summary: [], content, encrypted_content }), 'read');
  assert.equal(turn({ summary: [{ type: 'summary_text', text: 'sum' }] }), 'sum');
  assert.equal(turn({ summary: [], encrypted_content: 'gAAAA foreign' }), undefined);
});

test('lost reasoning is never an error, and is healed where that is granted', () => {
  const input = [user('Q'), call('a'), output('a'), said('x'), call('b'), output('b')];
  const plain = parseRequest({ ...THINKING, input });
  assert.deepEqual(plain.missingReasoning, []);
  const healed = parseRequest({ ...THINKING, input }, { leniencies: ['heal_reasoning'] });
  assert.deepEqual(healed.missingReasoning, [1, 3]);
  assert.deepEqual(healed.leniency.applied, ['heal_reasoning']);
  const chat = parseRequest({ input }, { leniencies: ['heal_reasoning'] });
  assert.deepEqual(chat.missingReasoning, []);
  const old = [user('P'), call('z'), output('z'), said('x'), user('Q')];
  const earlier = parseRequest({ ...THINKING, input: old }, { leniencies: ['heal_reasoning'] });
  assert.deepEqual(earlier.missingReasoning, []);
});

test('freeform and shell calls become function calls, broken ones are passed on', () => {
  const input = [
    user('Q'),
    { type: 'custom_tool_call', call_id: 'a', name: 'patch', input: 'x"y' },
    { type: 'local_shell_call', call_id: 'b', action: { type: 'exec', command: ['ls'] } },
    call('c', '{"cut'),
    call('d', ''),
    call('e', '[1]'),
    { type: 'custom_tool_call_output', call_id: 'a', output: 'ok' },
    { type: 'local_shell_call_output', id: 'b', output: 'ok' },
    ...['c', 'd', 'e'].map((id) => output(id)),
  ];
  const message = messagesOf({ input })[1];
  assert.deepEqual(
    message?.role === 'assistant' &&
      message.toolCalls?.map(({ name, arguments: text }) => [name, text]),
    [
      ['patch', '{"input":"x\\"y"}'],
      ['local_shell', '{"type":"exec","command":["ls"]}'],
      ['f', '{"cut'],
      ['f', ''],
      ['f', '[1]'],
    ],
  );
});

test('calls of namespaced tools are sent back under their flat name', () => {
  const called = { ...call('a'), name: 'read', namespace: 'mcp__fs__' };
  const message = messagesOf({ input: [user('Q'), called, output('a')] })[1];
  assert.equal(message?.role === 'assistant' && message.toolCalls?.[0]?.name, 'mcp__fs__read');
});

const anyItem = fc.oneof(
  fc.string().map((text) => [user(text)]),
  fc.string().map((text) => [{ role: 'developer', content: text }]),
  fc.string().map((text) => [said(text)]),
  fc.string().map((text) => [reasoning(text)]),
  fc.constant([{ type: 'web_search_call', id: 'w' }]),
  fc.uniqueArray(fc.nat(99), { minLength: 1, maxLength: 3 }).map((ids) => {
    const names = ids.map((id) => `call_${id}`);
    return [...names.map((id) => call(id)), ...names.toReversed().map((id) => output(id))];
  }),
);

test('every conversation with its outputs renders, and no text is lost', () => {
  fc.assert(
    fc.property(fc.array(anyItem), fc.boolean(), (groups, thinking) => {
      const input = [user('Q'), ...groups.flat()];
      const model = thinking ? 'deepseek-reasoner' : 'deepseek-chat';
      const messages = messagesOf({ model, input });
      encodeMessages(messages, { thinkingMode: thinking ? 'thinking' : 'chat', forgives: true });
      const all = messages.map(({ content }) => content).join('\n');
      for (const item of input) {
        if ('content' in item && typeof item.content === 'string') {
          assert.ok(all.includes(item.content), `lost: ${item.content}`);
        }
      }
      const numCalls = input.filter((item) => 'arguments' in item).length;
      assert.equal(messages.filter(({ role }) => role === 'tool').length, numCalls);
    }),
  );
});

test('a capsule gives back any well-formed text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      assert.equal(openReasoning(sealReasoning(text)), text);
    }),
  );
});
