// What the Anthropic door accepts and refuses, per profile (api reference §9.2-9.6, §14 items 7, 13,
// 14, 17-19), and what it makes of it.

import assert from 'node:assert/strict';
import test from 'node:test';
import type { ChatRequest } from '../../chat/types.js';
import { encodeMessages } from '../../encoding/encode-messages.js';
import { stringifyJson } from '../../encoding/json-writer.js';
import { requestContext, type ContextOptions } from '../../../test/helpers/request-context.js';
import { ApiError } from '../api-error.js';
import { PROFILES } from '../leniency.js';
import { countTokensBody, parseCountTokens } from './count-tokens.js';
import { messagesDoor } from './messages-door.js';
import { anthropicModelBody, anthropicModelListBody } from './model-list.js';

const USER = { role: 'user', content: 'hi' };
const TOOL = { name: 'look', input_schema: { type: 'object' } };
const CALL = { type: 'tool_use', id: 'c1', name: 'look', input: {} };
const RESULT = { type: 'tool_result', tool_use_id: 'c1', content: 'found' };
const THOUGHT = { type: 'thinking', thinking: 'hm', signature: 'x' };

function parse(fields: object, options?: ContextOptions) {
  const context = requestContext(options);
  const body = { model: 'deepseek-chat', max_tokens: 100, messages: [USER], ...fields };
  const parsed = messagesDoor.parse(Buffer.from(JSON.stringify(body)), context);
  assert.equal(parsed.request.kind, 'chat');
  return {
    ...parsed,
    request: parsed.request as ChatRequest,
    applied: context.leniency.applied,
  };
}

/** The message of the 400, its position cut off. */
function refusal(fields: object, options?: ContextOptions): string {
  try {
    parse(fields, options);
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    assert.equal(error.status, 400);
    return error.message
      .replace('Failed to deserialize the JSON body into the target type: ', '')
      .replace(/ at line \d+ column \d+$/, '');
  }
  return 'accepted';
}

const assistant = (...content: object[]) => ({ role: 'assistant', content });
const user = (...content: object[]) => ({ role: 'user', content });

test('maps model names and the thinking switch to a mode', () => {
  const cases: [model: string, thinking: object | null, alias: string][] = [
    ['deepseek-chat', null, 'deepseek-chat'],
    ['deepseek-reasoner', null, 'deepseek-reasoner'],
    ['claude-sonnet-4-5-20250929', null, 'deepseek-chat'],
    ['', null, 'deepseek-chat'],
    ['claude-opus-4', { type: 'enabled', budget_tokens: 8191 }, 'deepseek-reasoner'],
    ['deepseek-chat', { type: 'enabled' }, 'deepseek-reasoner'],
    ['deepseek-reasoner', { type: 'disabled' }, 'deepseek-chat'],
    // Claude Code sends adaptive with every name; the name decides.
    ['deepseek-chat', { type: 'adaptive' }, 'deepseek-chat'],
    ['claude-sonnet-4-5', { type: 'adaptive' }, 'deepseek-chat'],
    ['deepseek-reasoner', { type: 'adaptive' }, 'deepseek-reasoner'],
  ];
  for (const leniencies of Object.values(PROFILES)) {
    for (const [model, thinking, alias] of cases) {
      const { mode, request } = parse({ model, thinking }, { leniencies });
      assert.equal(mode.alias, alias, `${model} ${JSON.stringify(thinking)}`);
      assert.equal(request.thinking, alias === 'deepseek-reasoner');
    }
  }
});

test('cuts max_tokens to the range of the mode, in every profile and unreported', () => {
  for (const leniencies of Object.values(PROFILES)) {
    const options = { leniencies };
    const chat = parse({ max_tokens: 32_000 }, options);
    assert.equal(chat.request.maxTokens, 8192);
    assert.deepEqual(chat.applied, []);
    const model = 'deepseek-reasoner';
    assert.equal(parse({ model, max_tokens: 32_000 }, options).request.maxTokens, 32_000);
    assert.equal(parse({ model, max_tokens: 99_999 }, options).request.maxTokens, 65_536);
    assert.equal(parse({ model, max_tokens: null }, options).request.maxTokens, 32_768);
    assert.equal(parse({ max_tokens: null }, options).request.maxTokens, 4096);
  }
  assert.equal(parse({ max_tokens: 7 }).request.maxTokens, 7);
  assert.equal(parse({ max_tokens: 7 }).request.maxTokensExplicit, false);
});

test('refuses values out of range with the texts of the chat API', () => {
  const cases: [fields: object, message: string][] = [
    [{ max_tokens: 0 }, 'Invalid max_tokens value, the valid range of max_tokens is [1, 8192]'],
    [
      { model: 'deepseek-reasoner', max_tokens: -1 },
      'Invalid max_tokens value, the valid range of max_tokens is [1, 65536]',
    ],
    [{ max_tokens: 1.5 }, 'max_tokens: invalid type: floating point `1.5`, expected i64'],
    [{ temperature: 2.1 }, 'Invalid temperature value, the valid range of temperature is [0, 2]'],
    [{ temperature: 2 }, 'accepted'],
    [{ top_p: 0 }, 'Invalid top_p value, the valid range of top_p is (0, 1.0]'],
    [{ stop_sequences: Array(16).fill('x') }, 'accepted'],
    [
      { stop_sequences: Array(17).fill('x') },
      'Too many stop sequences: at most 16 are allowed, got 17',
    ],
    [
      { tools: Array.from({ length: 129 }, () => TOOL) },
      'Too many tools: at most 128 are allowed, got 129',
    ],
    [{ messages: [] }, 'Empty input messages'],
    [{ messages: null }, 'messages: invalid type: null, expected a sequence'],
    [{ model: null }, 'model: invalid type: null, expected a string'],
    [{ stream: 'yes' }, 'stream: invalid type: string "yes", expected a boolean'],
    [
      { thinking: true },
      'thinking: invalid type: boolean `true`, expected internally tagged enum Thinking',
    ],
    [
      { thinking: { type: 'on' } },
      'thinking.type: unknown variant `on`, expected one of `enabled`, `disabled`, `adaptive`',
    ],
  ];
  for (const [fields, message] of cases) assert.equal(refusal(fields), message);
});

test('takes the documented fields over', () => {
  const { request, stream } = parse({
    temperature: 0.5,
    top_p: 0.9,
    stop_sequences: ['a', 'b'],
    stream: true,
    system: 'Be brief.',
  });
  assert.deepEqual(request.sampling, {
    temperature: 0.5,
    topP: 0.9,
    presencePenalty: 0,
    frequencyPenalty: 0,
  });
  assert.deepEqual(request.stop, ['a', 'b']);
  assert.equal(stream, true);
  assert.deepEqual(request.messages, [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'hi' },
  ]);
  const thinking = parse({ model: 'deepseek-reasoner', temperature: 0.5 });
  assert.equal(thinking.request.sampling.temperature, 1);
});

test('ignores everything else that clients send', () => {
  const extras = {
    metadata: { user_id: 'user_1_session_2' },
    context_management: { edits: [{ type: 'clear_thinking' }] },
    output_config: { effort: 'high' },
    service_tier: 'auto',
    container: 7,
    mcp_servers: [{}],
    top_k: 40,
    betas: ['x'],
    tools: [],
    cache_control: { type: 'ephemeral' },
  };
  const plain = parse({});
  const full = parse(extras);
  assert.deepEqual(full.request, plain.request);
  const cached = { type: 'text', text: 'hi', cache_control: { type: 'ephemeral' }, citations: [] };
  assert.deepEqual(parse({ messages: [user(cached)] }).request, plain.request);
});

test('the billing line of Claude Code does not tell conversations apart', () => {
  const billed = (line: string) => [
    { type: 'text', text: `x-anthropic-billing-header: cc_version=2; cch=${line};` },
    { type: 'text', text: 'You are an agent.' },
    { type: 'text', text: 'Rules.', cache_control: { type: 'ephemeral' } },
  ];
  const first = parse({ system: billed('00a1') }).request.messages;
  const second = parse({ system: billed('ff42') }).request.messages;
  assert.deepEqual(first, second);
  assert.deepEqual(first[0], { role: 'system', content: 'You are an agent.\nRules.' });
  const asString = parse({ system: 'x-anthropic-billing-header: 1\nYou are an agent.' });
  assert.deepEqual(asString.request.messages[0], { role: 'system', content: 'You are an agent.' });
  // Only where it stands first: a text about the header stays as it is.
  const quoted = 'See:\nx-anthropic-billing-header: 1';
  assert.equal(parse({ system: quoted }).request.messages[0]?.content, quoted);
});

test('a system turn after the first prompt is rendered as system text in front of it', () => {
  const messages = [USER, { role: 'system', content: [{ type: 'text', text: 'Agents: none' }] }];
  const { request } = parse({ system: 'Base.', messages });
  assert.deepEqual(request.messages, [
    { role: 'system', content: 'Base.' },
    { role: 'system', content: '\n\nAgents: none' },
    { role: 'user', content: 'hi' },
  ]);
  const prompt = encodeMessages(request.messages, { thinkingMode: 'chat' });
  assert.equal(
    prompt.map(({ text }) => text).join(''),
    '<｜begin▁of▁sentence｜>Base.\n\nAgents: none<｜User｜>hi<｜Assistant｜></think>',
  );
  // Also as the last message of a thinking turn.
  assert.equal(refusal({ model: 'deepseek-reasoner', messages }), 'accepted');
});

test('a system turn after tool results is a note in the last of them', () => {
  const note = { role: 'system', content: 'Hurry.' };
  const messages = [USER, assistant(THOUGHT, CALL), user(RESULT), note];
  const { request } = parse({ model: 'deepseek-reasoner', messages });
  assert.deepEqual(request.messages.at(-1), {
    role: 'tool',
    content: 'found\n\n<system-reminder>\nHurry.\n</system-reminder>',
    toolCallId: 'c1',
  });
});

test('a system turn after an answer stays where it is', () => {
  const messages = [USER, assistant(), { role: 'system', content: 'New rule.' }, USER];
  const { request } = parse({ messages });
  assert.deepEqual(
    request.messages.map(({ role }) => role),
    ['user', 'assistant', 'system', 'user'],
  );
});

test('takes a request as Claude Code sends it, in the default profile', () => {
  const ephemeral = { cache_control: { type: 'ephemeral' } };
  const text = (content: string, more = {}) => ({ type: 'text', text: content, ...more });
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: { path: { type: 'string', minLength: 1, format: 'uri' } },
    propertyNames: { pattern: '^p' },
    additionalProperties: false,
  };
  const { request, mode, applied, stream } = parse({
    model: 'deepseek-chat',
    max_tokens: 32_000,
    stream: true,
    thinking: { type: 'adaptive' },
    system: [
      text('x-anthropic-billing-header: cc_version=2.1.197.abc; cc_entrypoint=sdk-cli;'),
      text('You are an agent.', ephemeral),
      text('# Rules', ephemeral),
    ],
    tools: [{ name: 'Read', description: 'Reads.', input_schema: schema }],
    metadata: { user_id: 'user_a_account__session_b' },
    context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
    output_config: { effort: 'medium' },
    messages: [
      user(text('<system-reminder>date</system-reminder>'), text('Fix it.', ephemeral)),
      { role: 'system', content: [text('Agents: none')] },
      assistant(
        { type: 'thinking', thinking: 'I read.', signature: 'x' },
        { type: 'tool_use', id: 'c1', name: 'Read', input: { path: 'a' } },
      ),
      user({ ...RESULT, is_error: false, ...ephemeral }),
    ],
  });
  assert.equal(mode.alias, 'deepseek-chat');
  assert.equal(stream, true);
  assert.equal(request.maxTokens, 8192);
  assert.deepEqual(applied, []);
  assert.deepEqual(
    request.messages.map(({ role, content }) => [role, content]),
    [
      ['system', 'You are an agent.\n# Rules'],
      ['system', '\n\nAgents: none'],
      ['user', '<system-reminder>date</system-reminder>\nFix it.'],
      ['assistant', ''],
      ['tool', 'found'],
    ],
  );
});

test('role developer is refused, and a system turn where that is forgiven', () => {
  const messages = [{ role: 'developer', content: 'x' }, USER];
  assert.equal(
    refusal({ messages }),
    'messages[0].role: unknown variant `developer`, expected one of `user`, `assistant`, `system`',
  );
  const { request, applied } = parse({ messages }, { leniencies: ['developer_role'] });
  assert.deepEqual(request.messages[0], { role: 'system', content: 'x' });
  assert.deepEqual(applied, ['developer_role']);
});

test('tools keep the key order and the numbers of their schemas', () => {
  const schema = '{"type":"object","properties":{"2":{"maximum":9007199254740993},"1":{}}}';
  const tool = `{"input_schema":${schema},"name":"look","type":"custom","cache_control":{}}`;
  const body = `{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[${tool}]}`;
  const { request } = messagesDoor.parse(Buffer.from(body), requestContext());
  assert.ok(request.kind === 'chat');
  assert.deepEqual(request.toolChoice, { type: 'auto' });
  assert.equal(
    stringifyJson(request.tools[0]!.function),
    '{"name": "look", "parameters": {"type": "object", "properties": ' +
      '{"2": {"maximum": 9007199254740993}, "1": {}}}}',
  );
});

test('refuses server tools, unusable names and schemas', () => {
  const cases: [tool: object, message: string][] = [
    [
      { type: 'web_search_20250305', name: 'web_search' },
      'tools[0].type: unknown variant `web_search_20250305`, expected `custom`',
    ],
    [{ ...TOOL, type: null }, 'accepted'],
    [{ name: 'f' }, 'tools[0]: missing field `input_schema`'],
    [
      { ...TOOL, name: 'a b' },
      "Invalid 'tools[0].name': string does not match pattern. Expected a string that matches " +
        "the pattern '^[a-zA-Z0-9_-]+$'.",
    ],
    [{ ...TOOL, name: 'm'.repeat(128) }, 'accepted'],
    [
      { ...TOOL, input_schema: { type: 'string' } },
      "Invalid schema for function 'look': schema must be a JSON Schema of 'type: \"object\"', " +
        'got \'type: "string"\'.',
    ],
    [
      { ...TOOL, input_schema: {} },
      "Invalid schema for function 'look': schema must be a JSON Schema of 'type: \"object\"', " +
        "got 'type: null'.",
    ],
  ];
  for (const [tool, message] of cases) assert.equal(refusal({ tools: [tool] }), message);
  const lenient = parse(
    { tools: [{ ...TOOL, input_schema: {} }] },
    { leniencies: ['empty_parameters'] },
  );
  assert.deepEqual(lenient.applied, ['empty_parameters']);
  assert.match(stringifyJson(lenient.request.tools[0]!.function), /"type": "object"/);
});

test('tool_choice in chat mode', () => {
  const tools = [TOOL];
  const choice = (type: string, more = {}) =>
    parse({ tools, tool_choice: { type, disable_parallel_tool_use: true, ...more } }).request
      .toolChoice;
  assert.deepEqual(choice('auto'), { type: 'auto' });
  assert.deepEqual(choice('none'), { type: 'none' });
  assert.deepEqual(choice('any'), { type: 'required' });
  assert.deepEqual(choice('tool', { name: 'look' }), { type: 'function', name: 'look' });
  assert.equal(
    refusal({ tools, tool_choice: { type: 'tool', name: 'other' } }),
    "tool_choice names the function 'other', which is not in tools",
  );
  assert.equal(
    refusal({ tool_choice: { type: 'any' } }),
    'tool_choice asks for a tool call, but tools is empty',
  );
  assert.equal(refusal({ tool_choice: { type: 'auto' } }), 'accepted');
  assert.equal(
    refusal({ tools, tool_choice: 'auto' }),
    'tool_choice: invalid type: string "auto", expected internally tagged enum ToolChoice',
  );
});

test('a forced tool_choice in thinking mode is refused, or obeyed without thinking', () => {
  const fields = { model: 'deepseek-reasoner', tools: [TOOL], tool_choice: { type: 'any' } };
  assert.equal(refusal(fields), 'deepseek-reasoner does not support this tool_choice');
  const { request, mode, applied } = parse(fields, { leniencies: ['forced_tool_choice'] });
  assert.equal(mode.alias, 'deepseek-chat');
  assert.equal(request.thinking, false);
  assert.deepEqual(applied, ['forced_tool_choice']);
  const free = parse(
    { ...fields, tool_choice: { type: 'auto' } },
    { leniencies: ['forced_tool_choice'] },
  );
  assert.equal(free.request.thinking, true);
  assert.deepEqual(free.applied, []);
});

test('blocks become messages: results first, then the text of the same turn', () => {
  const second = { ...CALL, id: 'c2', input: { b: 1, a: [2.0] } };
  const messages = [
    user({ type: 'text', text: 'one' }, { type: 'text', text: 'two' }),
    assistant(
      THOUGHT,
      { type: 'text', text: 'Let me ' },
      { type: 'text', text: 'look.' },
      CALL,
      second,
    ),
    user(
      { type: 'text', text: 'and hurry' },
      {
        ...RESULT,
        tool_use_id: 'c2',
        content: [
          { type: 'text', text: 'x' },
          { type: 'text', text: 'y' },
        ],
      },
      { ...RESULT, is_error: true, cache_control: {} },
    ),
  ];
  assert.deepEqual(parse({ messages }).request.messages, [
    { role: 'user', content: 'one\ntwo' },
    {
      role: 'assistant',
      content: 'Let me look.',
      reasoningContent: 'hm',
      toolCalls: [
        { id: 'c1', name: 'look', arguments: '{}' },
        { id: 'c2', name: 'look', arguments: '{"b":1,"a":[2]}' },
      ],
    },
    { role: 'tool', content: 'x\ny', toolCallId: 'c2' },
    { role: 'tool', content: '[tool error] found', toolCallId: 'c1' },
    { role: 'user', content: 'and hurry' },
  ]);
});

test('a result without content is empty', () => {
  const messages = [USER, assistant(CALL), user({ type: 'tool_result', tool_use_id: 'c1' })];
  assert.equal(parse({ messages }).request.messages.at(-1)?.content, '');
});

test('blocks that the platform lacks are refused by name, or noted', () => {
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: '' } };
  const variants =
    'expected one of `text`, `thinking`, `redacted_thinking`, `tool_use`, `tool_result`';
  for (const type of ['image', 'document', 'search_result', 'container_upload']) {
    const messages = [user({ type: 'text', text: 'see' }, { type })];
    assert.equal(
      refusal({ messages }),
      `messages[0].content[1].type: unknown variant \`${type}\`, ${variants}`,
    );
    const { request, applied } = parse({ messages }, { leniencies: ['image_notes'] });
    assert.match(
      request.messages[0]!.content,
      /^see\n\[.* It cannot be read: this model reads text only\.\]$/,
    );
    assert.deepEqual(applied, ['image_notes']);
  }
  const inResult = [USER, assistant(CALL), user({ ...RESULT, content: [image] })];
  assert.equal(
    refusal({ messages: inResult }),
    'messages[2].content[0].content[0].type: unknown variant `image`, expected `text`',
  );
  assert.equal(
    parse({ messages: inResult }, { leniencies: ['image_notes'] }).request.messages.at(-1)?.content,
    '[An image was attached here. It cannot be read: this model reads text only.]',
  );
  assert.equal(
    refusal({ messages: [user({ type: 'audio' })] }, { leniencies: PROFILES.agents }),
    `messages[0].content[0].type: unknown variant \`audio\`, ${variants}`,
  );
});

test('blocks of the other role, and contents of other types, are refused', () => {
  const cases: [messages: object[], message: string][] = [
    [
      [user(CALL)],
      'messages[0].content[0].type: `tool_use` blocks can only be in `assistant` messages',
    ],
    [
      [USER, assistant(RESULT), USER],
      'messages[1].content[0].type: `tool_result` blocks can only be in `user` messages',
    ],
    [
      [{ role: 'user', content: 5 }],
      'messages[0].content: invalid type: integer `5`, expected a string or a sequence of content ' +
        'blocks',
    ],
    [[{ role: 'user' }], 'messages[0]: missing field `content`'],
    [
      [USER, assistant({ ...CALL, input: '{}' })],
      'messages[1].content[0].input: invalid type: string "{}", expected a map',
    ],
    [
      [{ role: 'tool', content: 'x' }],
      'messages[0].role: unknown variant `tool`, expected one of `user`, `assistant`, `system`',
    ],
  ];
  for (const [messages, message] of cases) assert.equal(refusal({ messages }), message);
});

test('calls without results and results without calls are refused by id', () => {
  const missing =
    'messages[1]: `tool_use` ids were found without `tool_result` blocks immediately after: c1. ' +
    'Each `tool_use` block must have a corresponding `tool_result` block in the next message.';
  assert.equal(refusal({ messages: [USER, assistant(CALL)] }), missing);
  assert.equal(refusal({ messages: [USER, assistant(CALL), USER] }), missing);
  assert.match(refusal({ messages: [user(RESULT)] }), /^messages\[0\]: unexpected `tool_use_id`/);
  const twice = [USER, assistant(CALL), user(RESULT, RESULT)];
  assert.match(refusal({ messages: twice }), /^messages\[2\]: unexpected `tool_use_id`.*: c1\./);
});

test('results of one turn may come in several user messages', () => {
  const messages = [
    USER,
    assistant(CALL, { ...CALL, id: 'c2' }),
    user(RESULT),
    user({ ...RESULT, tool_use_id: 'c2' }),
  ];
  assert.equal(refusal({ messages }), 'accepted');
});

test('results away from their call are refused, or moved to it', () => {
  const messages = [USER, assistant(CALL), USER, user(RESULT)];
  const options = { leniencies: ['reorder_tool_results'] } as const;
  assert.match(refusal({ messages }), /ids were found without/);
  const { request, applied } = parse({ messages }, options);
  assert.deepEqual(
    request.messages.map(({ role }) => role),
    ['user', 'assistant', 'tool', 'user'],
  );
  assert.deepEqual(applied, ['reorder_tool_results']);
  const inPlace = [USER, assistant(CALL, { ...CALL, id: 'c2' })].concat(
    user({ ...RESULT, tool_use_id: 'c2' }, RESULT),
  );
  assert.deepEqual(parse({ messages: inPlace }, options).applied, []);
  // What is not there cannot be moved, and a result never moves in front of its call.
  assert.match(refusal({ messages: [USER, assistant(CALL), USER] }, options), /without/);
  assert.match(refusal({ messages: [user(RESULT), assistant(CALL)] }, options), /unexpected/);
});

test('a running tool loop in thinking mode needs its thinking blocks', () => {
  const model = 'deepseek-reasoner';
  const lost = [USER, assistant(CALL), user(RESULT)];
  const guide =
    'For more information, please refer to ' +
    'https://api-docs.deepseek.com/guides/thinking_mode#tool-calls';
  assert.equal(
    refusal({ model, system: 'Base.', messages: lost }),
    `Missing thinking block in the assistant message at message index 1. ${guide}`,
  );
  const healed = parse(
    { model, system: 'Base.', messages: lost },
    { leniencies: ['heal_reasoning'] },
  );
  // Positions in the internal messages, where the system text is one.
  assert.deepEqual(healed.missingReasoning, [2]);
  assert.deepEqual(healed.applied, ['heal_reasoning']);
  // Chat mode, an earlier question, or any kind of thinking block: nothing is missing.
  assert.equal(refusal({ messages: lost }), 'accepted');
  assert.equal(refusal({ model, messages: [...lost, assistant(), USER] }), 'accepted');
  for (const block of [
    THOUGHT,
    { type: 'thinking', thinking: '' },
    { type: 'thinking', thinking: 'x', signature: 'foreign' },
    { type: 'redacted_thinking', data: 'x' },
  ]) {
    const messages = [USER, assistant(block, CALL), user(RESULT)];
    const parsed = parse({ model, messages }, { leniencies: ['heal_reasoning'] });
    assert.deepEqual(parsed.missingReasoning, []);
    assert.deepEqual(parsed.applied, []);
  }
});

test('redacted thinking is dropped from the reasoning', () => {
  const redacted = { type: 'redacted_thinking', data: 'x' };
  const { request } = parse({
    model: 'deepseek-reasoner',
    messages: [USER, assistant(redacted, THOUGHT, CALL), user(RESULT)],
  });
  const turn = request.messages[1];
  assert.equal(turn?.role === 'assistant' && turn.reasoningContent, 'hm');
});

test('a trailing assistant message is continued in chat mode', () => {
  for (const leniencies of Object.values(PROFILES)) {
    const messages = [USER, { role: 'assistant', content: 'The answer is' }];
    const { request } = parse({ messages }, { leniencies });
    assert.equal(request.prefix, true);
    assert.deepEqual(request.messages.at(-1), {
      role: 'assistant',
      content: 'The answer is',
      prefix: true,
    });
    assert.match(
      refusal({ model: 'deepseek-reasoner', messages }, { leniencies }),
      /^The last message of deepseek-reasoner must be a user message/,
    );
  }
  assert.equal(parse({}).request.prefix, false);
});

test('the prompt of a continuation ends in the text to continue', () => {
  const messages = [USER, assistant({ type: 'text', text: '{"a":' })];
  const prompt = encodeMessages(parse({ messages }).request.messages, { thinkingMode: 'chat' });
  const text = prompt.map((segment) => segment.text).join('');
  assert.ok(text.endsWith('<｜User｜>hi<｜Assistant｜></think>{"a":'), text);
});

test('the balance is asked between the ranges and the rules', () => {
  const requireBalance = () => {
    throw new ApiError('Insufficient Balance', { status: 402 });
  };
  const statusOf = (fields: object) => {
    try {
      parse(fields, { requireBalance });
    } catch (error) {
      assert.ok(error instanceof ApiError);
      return error.status;
    }
    return 200;
  };
  assert.equal(statusOf({ max_tokens: 0 }), 400);
  assert.equal(statusOf({ messages: [USER, assistant(CALL)] }), 402);
});

test('keeps an eighth for the answer only in thinking mode and where that is granted', () => {
  const options = { leniencies: ['reserve_answer'] } as const;
  const { request, applied } = parse({ model: 'deepseek-reasoner' }, options);
  assert.equal(request.reserveAnswer, true);
  assert.deepEqual(applied, [], 'it has not acted yet');
  assert.equal(parse({}, options).request.reserveAnswer, undefined);
  assert.equal(parse({ model: 'deepseek-reasoner' }).request.reserveAnswer, undefined);
});

test('count_tokens reads the same body without max_tokens and without a balance', () => {
  const body = Buffer.from(
    JSON.stringify({ model: 'm', system: 's', messages: [USER], tools: [TOOL] }),
  );
  const requireBalance = () => assert.fail('the count is free');
  const { request } = parseCountTokens(body, requestContext({ requireBalance }));
  const whole = messagesDoor.parse(body, requestContext()).request;
  assert.deepEqual(request, whole);
  assert.equal(countTokensBody(12), '{"input_tokens":12}');
});

test('lists both names in the shape of Anthropic', () => {
  const list = JSON.parse(anthropicModelListBody()) as { data: Record<string, string>[] };
  assert.deepEqual(
    list.data.map(({ id, type }) => [id, type]),
    [
      ['deepseek-chat', 'model'],
      ['deepseek-reasoner', 'model'],
    ],
  );
  assert.deepEqual(
    { ...list, data: [] },
    { data: [], has_more: false, first_id: 'deepseek-chat', last_id: 'deepseek-reasoner' },
  );
  for (const entry of list.data) {
    assert.deepEqual(JSON.parse(anthropicModelBody(entry['id']!)), entry);
  }
  assert.throws(() => anthropicModelBody('claude-x'), { status: 404, message: /'claude-x'/ });
});

test('errors have one envelope for both families of SDKs', () => {
  const cases: [status: number, type: string][] = [
    [400, 'invalid_request_error'],
    [401, 'authentication_error'],
    [402, 'billing_error'],
    [404, 'not_found_error'],
    [405, 'invalid_request_error'],
    [413, 'request_too_large'],
    [415, 'invalid_request_error'],
    [429, 'rate_limit_error'],
    [500, 'api_error'],
    [503, 'overloaded_error'],
    [529, 'overloaded_error'],
  ];
  for (const [status, type] of cases) {
    assert.equal(
      messagesDoor.errorBody(new ApiError('No "luck"', { status, code: 'some_code' })),
      `{"type":"error","error":{"type":"${type}","message":"No \\"luck\\"","param":null,` +
        '"code":"some_code"}}',
    );
  }
});

test('a conversation kept by the server is refused in the words that make an SDK send it whole', () => {
  for (const type of ['create', 'continue']) {
    const fields = { thread: { type, previous_message_id: 'x' } };
    assert.throws(
      () => parse(fields, { leniencies: PROFILES.agents }),
      (error) => {
        assert.ok(error instanceof ApiError && error.status === 400);
        const { error: body } = JSON.parse(messagesDoor.errorBody(error)) as {
          error: { message: string; details: object };
        };
        assert.match(body.message, /`thread` is not supported: .* Send all messages/);
        assert.deepEqual(body.details, {
          error_code: 'thread_unsupported_request',
          unsupported: ['thread'],
        });
        return true;
      },
    );
  }
  assert.equal(refusal({ thread: null }), 'accepted');
});

test('a body that is no JSON is the documented 400', () => {
  assert.throws(() => messagesDoor.parse(Buffer.from('{"model":'), requestContext()), {
    name: 'ApiError',
    message: /^Failed to parse the request body as JSON: /,
  });
});
