// The pitfalls of the api reference, section 14, that a request can step into: what the default
// profile says, and what the leniency that answers it does, alone and reported.

import assert from 'node:assert/strict';
import test from 'node:test';
import { requestContext, type ContextOptions } from '../../../test/helpers/request-context.js';
import type { ChatRequest } from '../../chat/types.js';
import { fromPlainJson } from '../../encoding/json.js';
import { ApiError } from '../api-error.js';
import { LENIENCIES, type Leniency } from '../leniency.js';
import { parseChatRequest, type ParsedChatRequest } from './chat-request.js';

const USER = { role: 'user', content: 'hi' };
const SYSTEM = { role: 'system', content: 's' };
const CALL = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
const TOOL = { type: 'function', function: { name: 'f' } };
const CALLING = { role: 'assistant', content: '', tool_calls: [CALL] };
const RESULT = { role: 'tool', tool_call_id: 'c1', content: 'r' };
const THINKING = { model: 'deepseek-reasoner' };
const JSON_MODE = { response_format: { type: 'json_object' } };
const TEXT = (text: string) => ({ type: 'text', text });
const IMAGE = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };

interface Outcome {
  parsed: ParsedChatRequest | undefined;
  error: string | undefined;
  applied: readonly Leniency[];
}

function parse(fields: object, options: ContextOptions): Outcome {
  const context = requestContext(options);
  const body = { model: 'deepseek-chat', messages: [USER], ...fields };
  try {
    const parsed = parseChatRequest(Buffer.from(JSON.stringify(body)), context);
    return { parsed, error: undefined, applied: context.leniency.applied };
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return { parsed: undefined, error: error.message, applied: context.leniency.applied };
  }
}

interface Pitfall {
  leniency: Leniency;
  fields: object;
  /** Of the default profile. */
  error: RegExp;
  check: (chat: ChatRequest, parsed: ParsedChatRequest) => void;
}

const contents = ({ messages }: ChatRequest) =>
  messages.map(({ role, content }) => [role, content]);

const PITFALLS: Record<string, Pitfall> = {
  '1: lost reasoning in a tool loop': {
    leniency: 'heal_reasoning',
    fields: {
      ...THINKING,
      messages: [USER, CALLING, RESULT, USER, CALLING, RESULT, CALLING, RESULT],
    },
    error: /^Missing `reasoning_content` field in the assistant message at message index 4\./,
    check: (_, { missingReasoning }) => assert.deepEqual(missingReasoning, [4, 6]),
  },
  '6: JSON mode without the word': {
    leniency: 'json_word',
    fields: JSON_MODE,
    error: /^Prompt must contain the word 'json'/,
    check: ({ responseFormat }) => assert.equal(responseFormat, 'json_object'),
  },
  '7: a required tool call in thinking mode': {
    leniency: 'forced_tool_choice',
    fields: { ...THINKING, tools: [TOOL], tool_choice: 'required', max_tokens: 40_000 },
    error: /^deepseek-reasoner does not support this tool_choice$/,
    check: (chat, { mode }) => {
      assert.deepEqual([mode.alias, mode.thinking], ['deepseek-chat', false]);
      assert.equal(chat.thinking, false);
      assert.deepEqual(chat.toolChoice, { type: 'required' });
      assert.equal(chat.maxTokens, 40_000, 'the limits of the mode that was asked for');
    },
  },
  '7: a named tool in thinking mode': {
    leniency: 'forced_tool_choice',
    fields: {
      thinking: { type: 'enabled' },
      tools: [TOOL],
      tool_choice: { type: 'function', function: { name: 'f' } },
      temperature: 0.5,
    },
    error: /^deepseek-reasoner does not support this tool_choice$/,
    check: (chat, { mode }) => {
      assert.equal(mode.alias, 'deepseek-chat');
      assert.deepEqual(chat.toolChoice, { type: 'function', name: 'f' });
      assert.equal(chat.sampling.temperature, 0.5, 'sampling parameters count without thinking');
    },
  },
  '11: text parts on an assistant message': {
    leniency: 'text_parts',
    fields: { messages: [USER, { role: 'assistant', content: [TEXT('a'), TEXT('b')] }, USER] },
    error: /messages\[1\]: invalid type: sequence, expected a string/,
    check: (chat) => assert.deepEqual(contents(chat)[1], ['assistant', 'a\nb']),
  },
  '11: text parts on a tool message': {
    leniency: 'text_parts',
    fields: { messages: [USER, CALLING, { ...RESULT, content: [TEXT('r')] }] },
    error: /messages\[2\]: invalid type: sequence, expected a string/,
    check: (chat) => assert.deepEqual(contents(chat)[2], ['tool', 'r']),
  },
  '12: the developer role': {
    leniency: 'developer_role',
    fields: { messages: [{ role: 'developer', content: 'd' }, USER] },
    error: /messages\[0\]\.role: unknown variant `developer`/,
    check: (chat) => assert.deepEqual(contents(chat)[0], ['system', 'd']),
  },
  '13: a message between call and result': {
    leniency: 'reorder_tool_results',
    fields: { messages: [USER, CALLING, SYSTEM, RESULT, USER] },
    error: /^An assistant message with 'tool_calls' must be followed/,
    check: ({ messages }) =>
      assert.deepEqual(
        messages.map(({ role }) => role),
        ['user', 'assistant', 'tool', 'system', 'user'],
      ),
  },
  '14: empty parameters': {
    leniency: 'empty_parameters',
    fields: { tools: [{ type: 'function', function: { name: 'f', parameters: {}, x: 1 } }] },
    error: /^Invalid schema for function 'f': schema must be a JSON Schema of 'type: "object"'/,
    check: ({ tools }) =>
      assert.deepEqual(
        tools[0]!.function,
        fromPlainJson({ name: 'f', parameters: { type: 'object', properties: {} }, x: 1 }),
      ),
  },
  '19: max_tokens above the range': {
    leniency: 'clamp_max_tokens',
    fields: { max_tokens: 32_000 },
    error: /^Invalid max_tokens value, the valid range of max_tokens is \[1, 8192\]$/,
    check: (chat) => assert.deepEqual([chat.maxTokens, chat.maxTokensExplicit], [8192, true]),
  },
  'a schema for the answer': {
    leniency: 'schema_in_prompt',
    fields: {
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'x', schema: { type: 'object' } },
      },
    },
    error: /^This response_format type is unavailable now$/,
    check: ({ messages }) =>
      assert.deepEqual(messages, [
        { role: 'system', content: '', responseFormat: fromPlainJson({ type: 'object' }) },
        { role: 'user', content: messages[1]!.content },
      ]),
  },
  'images, which the platform refuses': {
    leniency: 'image_notes',
    fields: { messages: [{ role: 'user', content: [TEXT('What is this?'), IMAGE] }] },
    error: /messages\[0\]: data did not match any variant of untagged enum/,
    check: (chat) =>
      assert.equal(
        chat.messages[0]!.content,
        'What is this?\n[An image was attached here. It cannot be read: this model reads text only.]',
      ),
  },
};

for (const [what, { leniency, fields, error, check }] of Object.entries(PITFALLS)) {
  test(`pitfall ${what}: an error by default, forgiven by ${leniency}`, () => {
    assert.match(parse(fields, { leniencies: [] }).error ?? 'accepted', error);
    const others = LENIENCIES.filter((name) => name !== leniency);
    assert.match(parse(fields, { leniencies: others }).error ?? 'accepted', error);
    const { parsed, error: left, applied } = parse(fields, { leniencies: [leniency] });
    assert.equal(left, undefined);
    assert.deepEqual(applied, [leniency]);
    check(parsed!.chat, parsed!);
  });
}

test('pitfall 9: an eighth of the answer is reserved in thinking mode only', () => {
  const reserve = (fields: object, leniencies: readonly Leniency[]) => {
    const { parsed, applied } = parse(fields, { leniencies });
    return [parsed!.chat.reserveAnswer, applied];
  };
  assert.deepEqual(reserve(THINKING, []), [undefined, []]);
  assert.deepEqual(reserve(THINKING, ['reserve_answer']), [true, []]);
  assert.deepEqual(reserve({}, ['reserve_answer']), [undefined, []]);
});

test('pitfall 2: an empty reasoning counts as present in every profile', () => {
  const messages = [USER, { ...CALLING, reasoning_content: '' }, RESULT];
  for (const leniencies of [[], LENIENCIES]) {
    const { parsed } = parse({ ...THINKING, messages }, { leniencies });
    assert.deepEqual(parsed!.missingReasoning, []);
  }
});

test('a request that needs no forgiveness reports none', () => {
  const messages = [SYSTEM, USER, CALLING, RESULT];
  const { applied, error } = parse({ messages, tools: [TOOL] }, { leniencies: LENIENCIES });
  assert.deepEqual([error, applied], [undefined, []]);
});

const STILL_REFUSED: [what: string, fields: object, error: RegExp][] = [
  ['max_tokens below the range', { max_tokens: 0 }, /valid range of max_tokens is \[1, 8192\]/],
  ['a result without a call', { messages: [USER, CALLING, RESULT, RESULT] }, /^Messages with role/],
  ['a call without a result', { messages: [USER, CALLING, USER] }, /^An assistant message with/],
  ['a result before its call', { messages: [USER, RESULT, CALLING] }, /^Messages with role 'tool'/],
  [
    'audio',
    { messages: [{ role: 'user', content: [{ type: 'input_audio' }] }] },
    /data did not match any variant/,
  ],
  [
    'other parts on an assistant message',
    { messages: [USER, { role: 'assistant', content: [{ type: 'refusal' }] }] },
    /messages\[1\]: invalid type: sequence, expected a string/,
  ],
  ['another role', { messages: [{ role: 'function', content: '' }] }, /unknown variant `function`/],
  [
    'a schema of another type',
    { tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'array' } } }] },
    /got 'type: "array"'/,
  ],
];

test('the agents profile still refuses what it cannot make sense of', () => {
  for (const [what, fields, error] of STILL_REFUSED) {
    assert.match(parse(fields, { leniencies: LENIENCIES }).error ?? 'accepted', error, what);
  }
});

test('results find their calls over several turns that reuse an id', () => {
  const call = (id: string, name: string) => ({ ...CALL, id, function: { name, arguments: '{}' } });
  const messages = [
    USER,
    { ...CALLING, tool_calls: [call('a', 'one'), call('b', 'two')] },
    SYSTEM,
    { ...RESULT, tool_call_id: 'b', content: 'first b' },
    USER,
    { ...RESULT, tool_call_id: 'a', content: 'first a' },
    { ...CALLING, tool_calls: [call('a', 'one')] },
    USER,
    { ...RESULT, tool_call_id: 'a', content: 'second a' },
  ];
  const { parsed, error } = parse({ messages }, { leniencies: ['reorder_tool_results'] });
  assert.equal(error, undefined);
  assert.deepEqual(
    contents(parsed!.chat).map(([role, content]) => (role === 'tool' ? content : role)),
    ['user', 'assistant', 'first b', 'first a', 'system', 'user', 'assistant', 'second a', 'user'],
  );
});

test('an image in a tool result becomes a note when both leniencies are granted', () => {
  const messages = [USER, CALLING, { ...RESULT, content: [TEXT('shot'), IMAGE] }];
  const both = parse({ messages }, { leniencies: ['text_parts', 'image_notes'] });
  assert.deepEqual(both.applied, ['image_notes', 'text_parts']);
  assert.match(
    parse({ messages }, { leniencies: ['text_parts'] }).error!,
    /messages\[2\]: invalid/,
  );
});

test('empty parameters that are forgiven fit strict mode', () => {
  const tools = [{ type: 'function', function: { name: 'f', parameters: {}, strict: true } }];
  const { parsed } = parse({ tools }, { leniencies: ['empty_parameters'], base: 'beta' });
  assert.equal(parsed!.chat.strictTools, true);
});
