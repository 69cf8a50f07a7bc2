// The validation of chat requests against the texts of the api reference, section 11, in the order
// of section 2.3; and the translation of what is accepted.

import assert from 'node:assert/strict';
import test from 'node:test';
import { stringifyJson } from '../../encoding/json-writer.js';
import { ApiError } from '../api-error.js';
import { requestContext, type ContextOptions } from '../../../test/helpers/request-context.js';
import { parseChatRequest } from './chat-request.js';
import { errorBody } from './errors.js';

const USER = { role: 'user', content: 'hi' };
const CALL = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
const TOOL = { type: 'function', function: { name: 'f' } };

function parse(body: unknown, context: ContextOptions = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return parseChatRequest(Buffer.from(text), requestContext(context));
}

/** A valid request with some fields changed. */
function chat(fields: object = {}): object {
  return { model: 'deepseek-chat', messages: [USER], ...fields };
}

function messageOf(body: unknown, context: ContextOptions = {}): string {
  try {
    parse(body, context);
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    assert.equal(error.status, 400);
    assert.equal(error.type, 'invalid_request_error');
    return error.message;
  }
  return 'accepted';
}

const SHAPE = 'Failed to deserialize the JSON body into the target type: ';
const SYNTAX = 'Failed to parse the request body as JSON: ';
const GUIDE = 'https://api-docs.deepseek.com/guides';

/** [what, body, message]; for shape errors the position at the end is checked apart. */
const SHAPE_ERRORS: [body: unknown, message: string][] = [
  ['{}', 'missing field `messages` at line 1 column 2'],
  ['[]', 'invalid type: sequence, expected struct ChatCompletionRequest at line 1 column 2'],
  ['{"messages": {}}', 'messages: invalid type: map, expected a sequence at line 1 column 15'],
  [{ messages: [USER] }, 'missing field `model` at line 1 column 45'],
  [
    '{"model":"deepseek-chat","messages":[{"role":"developer","content":"x"}]}',
    'messages[0].role: unknown variant `developer`, expected one of `system`, `user`, ' +
      '`assistant`, `tool` at line 1 column 56',
  ],
  [chat({ messages: [{ content: 'x' }] }), 'messages[0]: missing field `role`'],
  [chat({ messages: ['x'] }), 'messages[0]: invalid type: string "x", expected struct Message'],
  [chat({ messages: [{ role: 'user' }] }), 'messages[0]: missing field `content`'],
  [
    chat({ messages: [USER, { role: 'user', content: [{ type: 'image_url', image_url: {} }] }] }),
    'messages[1]: data did not match any variant of untagged enum ChatCompletionRequestContent',
  ],
  [
    chat({ messages: [{ role: 'user', content: 3 }] }),
    'messages[0]: data did not match any variant of untagged enum ChatCompletionRequestContent',
  ],
  [
    chat({ messages: [USER, { role: 'assistant', content: [{ type: 'text', text: 'x' }] }] }),
    'messages[1]: invalid type: sequence, expected a string',
  ],
  [
    chat({ messages: [{ role: 'tool', tool_call_id: 'c1', content: [] }] }),
    'messages[0]: invalid type: sequence, expected a string',
  ],
  [
    chat({ messages: [{ role: 'tool', content: 'x' }] }),
    'messages[0]: missing field `tool_call_id`',
  ],
  [
    chat({
      messages: [{ role: 'assistant', tool_calls: [{ id: 'c', name: 'f', arguments: '' }] }],
    }),
    'messages[0]: missing field `type`',
  ],
  [
    chat({ thinking: true }),
    'thinking: invalid type: boolean `true`, expected struct ThinkingOptions',
  ],
  [
    chat({ thinking: { type: 'auto' } }),
    'thinking.type: unknown variant `auto`, expected `enabled` or `disabled`',
  ],
  [chat({ max_tokens: 1.5 }), 'max_tokens: invalid type: floating point `1.5`, expected i64'],
  [chat({ max_tokens: '5' }), 'max_tokens: invalid type: string "5", expected i64'],
  [chat({ temperature: 'hot' }), 'temperature: invalid type: string "hot", expected f64'],
  [chat({ stream: 1 }), 'stream: invalid type: integer `1`, expected a boolean'],
  [
    chat({ stop: 5 }),
    'stop: invalid type: integer `5`, expected a string or a sequence of strings',
  ],
  [chat({ stop: ['a', null] }), 'stop[1]: invalid type: null, expected a string'],
  [
    chat({ tools: [{ type: 'web_search', function: {} }] }),
    'tools[0].type: unknown variant `web_search`, expected `function`',
  ],
  [chat({ tools: [{ type: 'function' }] }), 'tools[0]: missing field `function`'],
  [
    chat({ tools: [{ type: 'function', function: {} }] }),
    'tools[0].function: missing field `name`',
  ],
  [
    chat({ tool_choice: 'any' }),
    'tool_choice: unknown variant `any`, expected one of `none`, `auto`, `required`',
  ],
  [
    chat({ response_format: { type: 'xml' } }),
    'response_format.type: unknown variant `xml`, expected one of `text`, `json_object`, ' +
      '`json_schema`',
  ],
];

test('wrong shapes are refused in serde words with path and position', () => {
  for (const [body, expected] of SHAPE_ERRORS) {
    const message = messageOf(body);
    const withPosition = / at line \d+ column \d+$/.test(expected);
    const compared = withPosition ? message : message.replace(/ at line 1 column \d+$/, '');
    assert.equal(compared, SHAPE + expected, JSON.stringify(body));
  }
});

test('bodies that are not JSON name the place', () => {
  assert.equal(messageOf(''), `${SYNTAX}EOF while parsing a value at line 1 column 0`);
  assert.equal(
    messageOf('{"messages":[{"role":}]}'),
    `${SYNTAX}messages[0].role: expected value at line 1 column 22`,
  );
});

const jsonMode = { response_format: { type: 'json_object' } };
const thinking = { model: 'deepseek-reasoner' };
const calling = { role: 'assistant', content: null, tool_calls: [CALL] };
const result = { role: 'tool', tool_call_id: 'c1', content: 'r' };
const MISSING_REASONING = (index: number) =>
  `Missing \`reasoning_content\` field in the assistant message at message index ${index}. For ` +
  `more information, please refer to ${GUIDE}/thinking_mode#tool-calls`;
const UNANSWERED =
  "An assistant message with 'tool_calls' must be followed by tool messages responding to each " +
  "'tool_call_id'. (insufficient tool messages following tool_calls message)";
const LAST_MESSAGE =
  'The last message of deepseek-reasoner must be a user message, or an assistant message with ' +
  `prefix mode on (refer to ${GUIDE}/chat_prefix_completion).`;

const RULE_ERRORS: [what: string, fields: object, message: string][] = [
  ['E20', { model: 'gpt-4o' }, 'Model Not Exist'],
  ['E20 before ranges', { model: 'x', temperature: 9 }, 'Model Not Exist'],
  ['no messages', { messages: [] }, 'Empty input messages'],
  [
    'E6',
    { max_tokens: 8193 },
    'Invalid max_tokens value, the valid range of max_tokens is [1, 8192]',
  ],
  ['E6', { max_tokens: 0 }, 'Invalid max_tokens value, the valid range of max_tokens is [1, 8192]'],
  [
    'E6 thinking',
    { ...thinking, max_tokens: 65_537 },
    'Invalid max_tokens value, the valid range of max_tokens is [1, 65536]',
  ],
  [
    'E7',
    { temperature: 2.1 },
    'Invalid temperature value, the valid range of temperature is [0, 2]',
  ],
  [
    'E7 in thinking too',
    { ...thinking, temperature: -1 },
    'Invalid temperature value, the valid range of temperature is [0, 2]',
  ],
  ['E7 top_p', { top_p: 0 }, 'Invalid top_p value, the valid range of top_p is (0, 1.0]'],
  [
    'E7 penalty',
    { presence_penalty: 3 },
    'Invalid presence_penalty value, the valid range of presence_penalty is [-2, 2]',
  ],
  [
    'E7 top_logprobs',
    { logprobs: true, top_logprobs: 21 },
    'Invalid top_logprobs value, the valid range of top_logprobs is [0, 20]',
  ],
  [
    'top_logprobs alone',
    { top_logprobs: 2 },
    'top_logprobs should be set along with logprobs = true',
  ],
  ['E13', { n: 2 }, 'Invalid n value (currently only n = 1 is supported)'],
  [
    'stops',
    { stop: Array.from({ length: 17 }, String) },
    'Too many stop sequences: at most 16 are allowed, got 17',
  ],
  [
    'tools',
    { tools: Array.from({ length: 129 }, () => TOOL) },
    'Too many tools: at most 128 are allowed, got 129',
  ],
  [
    'stream_options',
    { stream_options: { include_usage: true } },
    'stream_options should be set along with stream = true',
  ],
  [
    'E10',
    { response_format: { type: 'json_schema' } },
    'This response_format type is unavailable now',
  ],
  [
    'E12',
    { tools: [{ type: 'function', function: { name: 'X', parameters: {} } }] },
    `Invalid schema for function 'X': schema must be a JSON Schema of 'type: "object"', got 'type: null'.`,
  ],
  [
    'E12 other type',
    { tools: [{ type: 'function', function: { name: 'X', parameters: { type: 'array' } } }] },
    `Invalid schema for function 'X': schema must be a JSON Schema of 'type: "object"', got 'type: "array"'.`,
  ],
  [
    'function name',
    { tools: [TOOL, { type: 'function', function: { name: 'a b' } }] },
    "Invalid 'tools[1].function.name': string does not match pattern. Expected a string that " +
      "matches the pattern '^[a-zA-Z0-9_-]+$'.",
  ],
  [
    'function name length',
    { tools: [{ type: 'function', function: { name: 'a'.repeat(65) } }] },
    "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64, " +
      'but got a string with length 65 instead',
  ],
  [
    'logprobs in thinking',
    { ...thinking, logprobs: true },
    'deepseek-reasoner does not support the parameter `logprobs`',
  ],
  [
    'top_logprobs in thinking',
    { ...thinking, top_logprobs: 1 },
    'deepseek-reasoner does not support the parameter `top_logprobs`',
  ],
  [
    'E8',
    { messages: [USER, result] },
    "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'",
  ],
  [
    'E8 wrong id',
    { messages: [USER, calling, { ...result, tool_call_id: 'c9' }] },
    "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'",
  ],
  ['E9 missing', { messages: [USER, calling] }, UNANSWERED],
  ['E9 user between', { messages: [USER, calling, USER, result] }, UNANSWERED],
  [
    'E9 second call unanswered',
    {
      messages: [USER, { ...calling, tool_calls: [CALL, { ...CALL, id: 'c2' }] }, result, USER],
    },
    UNANSWERED,
  ],
  [
    'empty assistant',
    { messages: [USER, { role: 'assistant', content: null }] },
    'Invalid assistant message: content or tool_calls must be set',
  ],
  ['E11', { ...thinking, messages: [USER, { role: 'assistant', content: 'x' }] }, LAST_MESSAGE],
  ['E11 system', { ...thinking, messages: [{ role: 'system', content: 'x' }] }, LAST_MESSAGE],
  ['E16', { ...thinking, messages: [USER, calling, result] }, MISSING_REASONING(1)],
  [
    'E16 by override',
    { thinking: { type: 'enabled' }, messages: [USER, USER, calling, result] },
    MISSING_REASONING(2),
  ],
  [
    'E17',
    { messages: [USER, { role: 'assistant', content: 'x', prefix: true }] },
    'prefix is only available when using beta api (set base_url="https://api.deepseek.com/beta")',
  ],
  [
    'E14 required',
    { ...thinking, tools: [TOOL], tool_choice: 'required' },
    'deepseek-reasoner does not support this tool_choice',
  ],
  [
    'E14 named',
    { ...thinking, tools: [TOOL], tool_choice: { type: 'function', function: { name: 'f' } } },
    'deepseek-reasoner does not support this tool_choice',
  ],
  [
    'choice of nothing',
    { tool_choice: 'required' },
    'tool_choice asks for a tool call, but tools is empty',
  ],
  [
    'choice of an unknown tool',
    { tools: [TOOL], tool_choice: { type: 'function', function: { name: 'g' } } },
    "tool_choice names the function 'g', which is not in tools",
  ],
  [
    'E15',
    jsonMode,
    "Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'.",
  ],
];

test('rules between fields are refused with the documented texts', () => {
  for (const [what, fields, expected] of RULE_ERRORS) {
    assert.equal(messageOf(chat(fields)), expected, what);
  }
});

test('the error body has the platform’s keys in the platform’s order', () => {
  assert.equal(
    errorBody(new ApiError('Model Not Exist')),
    '{"error":{"message":"Model Not Exist","type":"invalid_request_error","param":null,' +
      '"code":"invalid_request_error"}}',
  );
});

const ACCEPTED: [what: string, fields: object][] = [
  ['unknown fields', { user: 'u', enable_thinking: true, parallel_tool_calls: false, seed: 'x' }],
  [
    'null for every nullable field',
    {
      thinking: null,
      max_tokens: null,
      temperature: null,
      top_p: null,
      response_format: null,
      stop: null,
      stream: null,
      stream_options: null,
      tools: null,
      tool_choice: null,
      logprobs: null,
      top_logprobs: null,
    },
  ],
  [
    'empty reasoning in a running loop',
    { ...thinking, messages: [USER, { ...calling, reasoning_content: '' }, result] },
  ],
  [
    'lost reasoning of an earlier question',
    { ...thinking, messages: [USER, calling, result, USER] },
  ],
  ['lost reasoning in chat mode', { messages: [USER, calling, result] }],
  ['tool_choice none in thinking', { ...thinking, tools: [TOOL], tool_choice: 'none' }],
  ['logprobs false in thinking', { ...thinking, logprobs: false }],
  ['sampling parameters in thinking', { ...thinking, temperature: 0.1, top_p: 0.5 }],
  [
    'prefix on a message that is not last',
    { messages: [USER, { role: 'assistant', content: 'x', prefix: true }, USER] },
  ],
  [
    'the echo of a response message',
    {
      messages: [
        USER,
        { role: 'assistant', content: '', tool_calls: [{ index: 0, ...CALL }] },
        result,
      ],
    },
  ],
  ['a system message between', { messages: [USER, { role: 'system', content: 'x' }, USER] }],
  ['JSON mode with the word', { ...jsonMode, messages: [{ role: 'user', content: 'as Json' }] }],
  ['an ending assistant message', { messages: [USER, { role: 'assistant', content: 'x' }] }],
];

test('what the platform tolerates is accepted', () => {
  for (const [what, fields] of ACCEPTED) assert.equal(messageOf(chat(fields)), 'accepted', what);
});

function aliasOf(fields: object): string {
  return parse(chat(fields)).mode.alias;
}

test('the mode follows the name unless `thinking` overrides it, and is echoed', () => {
  assert.equal(aliasOf({}), 'deepseek-chat');
  assert.equal(aliasOf(thinking), 'deepseek-reasoner');
  assert.equal(aliasOf({ thinking: { type: 'enabled' } }), 'deepseek-reasoner');
  assert.equal(aliasOf({ ...thinking, thinking: { type: 'disabled' } }), 'deepseek-chat');
});

test('defaults per mode', () => {
  const plain = parse(chat()).chat;
  assert.deepEqual(
    [plain.maxTokens, plain.maxTokensExplicit, plain.thinking],
    [4096, false, false],
  );
  assert.deepEqual(plain.sampling, {
    temperature: 1,
    topP: 1,
    presencePenalty: 0,
    frequencyPenalty: 0,
  });
  assert.deepEqual(plain.toolChoice, { type: 'none' });
  const reasoner = parse(
    chat({ ...thinking, temperature: 0.1, max_tokens: 7, tools: [TOOL] }),
  ).chat;
  assert.equal(reasoner.sampling.temperature, 1, 'no effect in thinking mode');
  assert.deepEqual([reasoner.maxTokens, reasoner.maxTokensExplicit], [7, true]);
  assert.deepEqual(reasoner.toolChoice, { type: 'auto' });
});

function mappedTemperature(temperature: number): number {
  return parse(chat({ temperature }), { mapTemperature: true }).chat.sampling.temperature;
}

test('temperature mapping is off unless configured', () => {
  assert.deepEqual([0, 1, 2].map(mappedTemperature), [0, 0.3, 1.3]);
});

test('tools keep key order and numbers as written; text parts are joined', () => {
  const body =
    '{"model":"deepseek-chat","messages":[{"role":"user","content":[{"type":"text","text":"a"},' +
    '{"type":"text","text":"b"}]}],"tools":[{"type":"function","function":{"name":"f",' +
    '"parameters":{"type":"object","properties":{"10":{"minimum":1.0},"2":{"maximum":1e3}}}}}]}';
  const { chat } = parse(body);
  assert.equal(chat.messages[0]!.content, 'a\nb');
  assert.equal(
    stringifyJson(chat.tools[0]!.function),
    '{"name": "f", "parameters": {"type": "object", "properties": ' +
      '{"10": {"minimum": 1.0}, "2": {"maximum": 1000.0}}}}',
  );
});

test('empty call arguments become an empty object', () => {
  const empty = { ...calling, tool_calls: [{ ...CALL, function: { name: 'f', arguments: '' } }] };
  const { chat: request } = parse(chat({ messages: [USER, empty, result] }));
  const message = request.messages[1]!;
  assert.ok(message.role === 'assistant');
  assert.deepEqual(message.toolCalls, [{ id: 'c1', name: 'f', arguments: '{}' }]);
});

test('an assistant message that says nothing is refused behind the model, ranges and balance', () => {
  const messages = [USER, { role: 'assistant', content: null }, USER];
  const empty = 'Invalid assistant message: content or tool_calls must be set';
  assert.equal(messageOf(chat({ messages })), empty);
  assert.equal(messageOf(chat({ messages, model: 'x' })), 'Model Not Exist');
  assert.match(messageOf(chat({ messages, temperature: 3 })), /^Invalid temperature value/);
  const requireBalance = () => {
    throw new ApiError('Insufficient Balance');
  };
  assert.equal(messageOf(chat({ messages }), { requireBalance }), 'Insufficient Balance');
});

test('a schema in the prompt moves the messages that may be healed', () => {
  const call = { role: 'assistant', content: '', tool_calls: [CALL] };
  const messages = [USER, call, { role: 'tool', tool_call_id: 'c1', content: 'r' }];
  const response_format = { type: 'json_schema', json_schema: { schema: { type: 'object' } } };
  const leniencies = ['heal_reasoning', 'schema_in_prompt'] as const;
  const body = chat({ model: 'deepseek-reasoner', messages, response_format });
  const parsed = parse(body, { leniencies });
  assert.deepEqual(parsed.missingReasoning, [2]);
  assert.equal(parsed.chat.messages[2]!.role, 'assistant');
  for (const broken of [{}, { json_schema: {} }, { json_schema: { schema: 5 } }]) {
    const format = { type: 'json_schema', ...broken };
    assert.match(messageOf(chat({ response_format: format }), { leniencies }), /schema/);
  }
});
