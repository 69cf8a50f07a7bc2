// The request side of the door, rule by rule: fields, limits, leniencies, refusals.

import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiError } from '../api-error.js';
import type { Leniency } from '../leniency.js';
import { insufficientBalanceError } from '../openai/errors.js';
import { messagesOf, parseRequest, type RequestOptions } from './door-fixtures.js';
import { responsesDoor } from './responses-door.js';

const TOOL = {
  type: 'function',
  name: 'temp',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
};
const THINKING = { model: 'deepseek-reasoner' };

function assertRefused(
  fields: Record<string, unknown>,
  message: string | RegExp,
  options: RequestOptions = {},
): void {
  assert.throws(
    () => parseRequest(fields, options),
    (error) => {
      assert.ok(error instanceof ApiError, String(error));
      assert.equal(error.status, 400);
      if (typeof message === 'string') assert.equal(error.message, message);
      else assert.match(error.message, message);
      return true;
    },
  );
}

test('a bare string is a user message, instructions a leading system message', () => {
  const { chat, mode, stream } = parseRequest({ input: 'Hi', instructions: 'Be brief.' });
  assert.deepEqual(chat.messages, [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi' },
  ]);
  assert.equal(chat.maxTokens, 4096);
  assert.equal(chat.thinking, false);
  assert.equal(mode.alias, 'deepseek-chat');
  assert.equal(stream, false);
});

test('the model name alone decides about thinking', () => {
  const input = 'Hi';
  const effort = { reasoning: { effort: 'high', summary: 'auto' } };
  assert.equal(parseRequest({ input, ...effort }).chat.thinking, false);
  assert.equal(parseRequest({ input, ...THINKING }).chat.thinking, true);
  const none = { reasoning: { effort: 'none' } };
  assert.equal(parseRequest({ input, ...THINKING, ...none }).chat.thinking, true);
  assertRefused({ input, model: 'gpt-5' }, 'Model Not Exist');
});

test('max_output_tokens is cut to the range of the mode and is not counted against the context', () => {
  const { chat } = parseRequest({ input: 'Hi', max_output_tokens: 128_000 });
  assert.deepEqual([chat.maxTokens, chat.maxTokensExplicit], [8192, false]);
  const thinking = parseRequest({ input: 'Hi', ...THINKING, max_output_tokens: 128_000 });
  assert.equal(thinking.chat.maxTokens, 65_536);
  assertRefused(
    { input: 'Hi', max_output_tokens: 0 },
    'Invalid max_output_tokens value, the valid range of max_output_tokens is [1, 8192]',
  );
});

test('sampling parameters have their ranges, and no effect in thinking mode', () => {
  const { sampling } = parseRequest({ input: 'Hi', temperature: 0.5, top_p: 0.9 }).chat;
  assert.deepEqual([sampling.temperature, sampling.topP], [0.5, 0.9]);
  const thinking = parseRequest({ input: 'Hi', ...THINKING, temperature: 0.5 }).chat.sampling;
  assert.equal(thinking.temperature, 1);
  assertRefused({ input: 'Hi', temperature: 2.1 }, /temperature is \[0, 2\]/);
  assertRefused({ input: 'Hi', top_p: 0 }, /top_p is \(0, 1.0\]/);
});

test('what needs a memory of earlier responses is refused with the way out', () => {
  assertRefused(
    { input: 'Hi', previous_response_id: 'resp_1' },
    'previous_response_id is not supported: this server keeps no responses. ' +
      'Send the whole conversation in `input`, with `store` set to false.',
  );
  assertRefused({ input: 'Hi', conversation: 'conv_1' }, /^conversation is not supported/);
  assertRefused({ prompt: { id: 'pmpt_1' } }, /^prompt is not supported/);
  assertRefused({ input: [{ type: 'item_reference', id: 'x' }] }, /item_reference/);
  assertRefused({ input: 'Hi', background: true }, /^background is not supported/);
});

test('fields without a meaning here are accepted', () => {
  parseRequest({
    input: 'Hi',
    client_metadata: { a: 1 },
    include: ['reasoning.encrypted_content'],
    metadata: { a: 'b' },
    parallel_tool_calls: true,
    prompt_cache_key: 'k',
    store: true,
    text: { verbosity: 'low' },
    truncation: 'auto',
    user: 'u',
    x: 1,
  });
});

test('fields of the wrong type are refused with path and position', () => {
  const prefix = 'Failed to deserialize the JSON body into the target type: ';
  assertRefused({}, `${prefix}missing field \`input\` at line 1 column 25`);
  assertRefused({ input: 7 }, /input: invalid type: integer `7`, expected a string or a sequence/);
  assertRefused({ input: [{ type: 'odd' }] }, /input\[0\]\.type: unknown variant `odd`, expected/);
  assertRefused(
    { input: [{ role: 'tool', content: '' }] },
    /input\[0\]\.role: unknown variant `tool`, expected one of `user`, `assistant`/,
  );
  assertRefused(
    { input: 'Hi', metadata: 'm' },
    /metadata: invalid type: string "m", expected a map/,
  );
  assertRefused({ input: 'Hi', tools: [{}] }, /tools\[0\]: missing field `type`/);
  assert.throws(
    () => responsesDoor.parse(Buffer.from('{'), {} as never),
    /Failed to parse the request body as JSON: EOF while parsing/,
  );
});

test('an empty conversation is refused', () => {
  assertRefused({ input: [] }, 'Empty input messages');
  assertRefused({ input: [{ type: 'web_search_call', id: 'w' }] }, 'Empty input messages');
});

test('the balance is asked for after the ranges and before the rules between fields', () => {
  const requireBalance = () => {
    throw insufficientBalanceError();
  };
  assertRefused({ input: 'Hi', temperature: 9 }, /temperature/, { requireBalance });
  assert.throws(
    () => parseRequest({ input: 'Hi', previous_response_id: 'r' }, { requireBalance }),
    { status: 402 },
  );
});

test('developer messages are system messages, and neighbours are one', () => {
  const input = [
    { type: 'message', role: 'developer', content: [{ type: 'input_text', text: 'Rules.' }] },
    { role: 'user', content: 'Hi' },
  ];
  assert.deepEqual(messagesOf({ input, instructions: 'Be brief.' }), [
    { role: 'system', content: 'Be brief.\n\nRules.' },
    { role: 'user', content: 'Hi' },
  ]);
});

test('text parts of all kinds are joined', () => {
  const content = [
    { type: 'input_text', text: 'a' },
    { type: 'text', text: 'b' },
    { type: 'output_text', text: 'c', annotations: [] },
    { type: 'refusal', refusal: 'd' },
  ];
  assert.deepEqual(messagesOf({ input: [{ role: 'user', content }] }), [
    { role: 'user', content: 'a\nb\nc\nd' },
  ]);
});

test('images are refused, or with the leniency become a note', () => {
  const image = { type: 'input_image', image_url: 'data:image/png;base64,AA==' };
  const input = [{ role: 'user', content: [{ type: 'input_text', text: 'See:' }, image] }];
  assertRefused({ input }, /content\[1\]\.type: unknown variant `input_image`, expected one of/);
  const { chat, leniency } = parseRequest({ input }, { leniencies: ['image_notes'] });
  assert.match(chat.messages[0]!.content, /^See:\n\[An image was attached here\./);
  assert.deepEqual(leniency.applied, ['image_notes']);
});

test('functions are offered in the chat form, strict or not', () => {
  const { chat } = parseRequest({
    input: 'Hi',
    tools: [{ ...TOOL, description: 'Reads it', strict: true }],
  });
  const [definition] = chat.tools;
  assert.ok(definition?.function instanceof Map);
  assert.deepEqual([...definition.function.keys()], ['name', 'description', 'parameters']);
  assert.deepEqual(chat.toolChoice, { type: 'auto' });
  assert.deepEqual(parseRequest({ input: 'Hi' }).chat.toolChoice, { type: 'none' });
});

test('hosted tools are left out, the others stay', () => {
  const tools = [{ type: 'web_search', external_web_access: true }, TOOL, { type: 'mcp' }];
  assert.equal(parseRequest({ input: 'Hi', tools }).chat.tools.length, 1);
});

test('bad tools are refused', () => {
  const tools = (...list: unknown[]) => ({ input: 'Hi', tools: list });
  assertRefused(
    tools({ ...TOOL, name: 'a b' }),
    /Invalid 'tools\[0\]\.name': string does not match/,
  );
  assertRefused(tools(TOOL, TOOL), /two tools with the name 'temp'/);
  const empty = tools({ ...TOOL, parameters: {} });
  assertRefused(empty, /Invalid schema for function 'temp': .* got 'type: null'/);
  parseRequest(empty, { leniencies: ['empty_parameters'] });
  const many = Array.from({ length: 129 }, (_, index) => ({ ...TOOL, name: `t${index}` }));
  assertRefused(tools(...many), 'Too many tools: at most 128 are allowed, got 129');
});

test('tool_choice in all forms', () => {
  const tools = [
    TOOL,
    { type: 'custom', name: 'patch' },
    { type: 'namespace', name: 'fs', tools: [{ type: 'function', name: 'read' }] },
  ];
  const choose = (tool_choice: unknown) => parseRequest({ input: 'Hi', tools, tool_choice }).chat;
  assert.deepEqual(choose('required').toolChoice, { type: 'required' });
  assert.deepEqual(choose({ type: 'function', name: 'temp' }).toolChoice, {
    type: 'function',
    name: 'temp',
  });
  assert.deepEqual(choose({ type: 'custom', name: 'patch' }).toolChoice, {
    type: 'function',
    name: 'patch',
  });
  const allowed = choose({
    type: 'allowed_tools',
    mode: 'required',
    tools: [{ type: 'function', name: 'read', namespace: 'fs' }],
  });
  assert.deepEqual(allowed.toolChoice, { type: 'required' });
  assert.equal(allowed.tools.length, 1);
  const input = 'Hi';
  assertRefused(
    { input, tools, tool_choice: { type: 'function', name: 'x' } },
    /'x', which is not/,
  );
  assertRefused({ input, tools, tool_choice: { type: 'web_search' } }, /hosted tool 'web_search'/);
  assertRefused({ input, tool_choice: 'required' }, /tools is empty/);
});

test('a forced call in thinking mode is refused, or with the leniency obeyed without thinking', () => {
  const fields = { input: 'Hi', ...THINKING, tools: [TOOL], tool_choice: 'required' };
  assertRefused(fields, 'deepseek-reasoner does not support this tool_choice');
  const { chat, mode } = parseRequest(fields, { leniencies: ['forced_tool_choice'] });
  assert.equal(chat.thinking, false);
  assert.equal(mode.alias, 'deepseek-chat');
});

test('JSON formats', () => {
  const format = (type: string) => ({ text: { format: { type, name: 'n', schema: { a: 1 } } } });
  const input = 'Answer in JSON';
  assert.equal(
    parseRequest({ input, ...format('json_object') }).chat.responseFormat,
    'json_object',
  );
  assertRefused({ input: 'Hi', ...format('json_object') }, /Prompt must contain the word 'json'/);
  parseRequest({ input: 'Hi', ...format('json_object') }, { leniencies: ['json_word'] });
  assertRefused(
    { input, ...format('json_schema') },
    'This response_format type is unavailable now',
  );
  const leniencies: Leniency[] = ['schema_in_prompt'];
  const [first] = messagesOf({ input, ...format('json_schema') }, { leniencies });
  assert.ok(first?.role === 'system' && first.responseFormat instanceof Map);
});

test('Speciale has neither tools nor JSON mode', () => {
  const speciale = { base: 'speciale' } as const;
  const { chat } = parseRequest({ input: 'Hi', ...THINKING }, speciale);
  assert.equal(chat.maxTokens, 131_072);
  assertRefused({ input: 'Hi' }, 'Model Not Exist', speciale);
  assertRefused({ input: 'Hi', ...THINKING, tools: [TOOL] }, /Function Calling/, speciale);
});
