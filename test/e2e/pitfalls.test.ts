// The pitfalls of the api reference, section 14, that a request steps into, over HTTP: the default
// profile answers as the original, `agents` forgives and says so in `x-hadal-leniency`. Every dialect
// that has the pitfall. What replies and transports do is in the other pitfalls files.

import assert from 'node:assert/strict';
import test from 'node:test';
import { newKey } from '../helpers/api-key.js';
import { playedModel } from '../helpers/played-model.js';
import { ANTHROPIC, CHAT, RESPONSES, startProfiles } from '../helpers/profile-server.js';

const USER = { role: 'user', content: 'hi' };
const TOOL = { type: 'function', function: { name: 'look', parameters: { type: 'object' } } };
const CALL = { id: 'c1', type: 'function', function: { name: 'look', arguments: '{}' } };
const CALLING = { role: 'assistant', content: '', tool_calls: [CALL] };
const RESULT = { role: 'tool', tool_call_id: 'c1', content: 'found' };
const THINKS = { model: 'deepseek-reasoner' };

const A_TOOL = { name: 'look', input_schema: { type: 'object' } };
const A_CALLING = {
  role: 'assistant',
  content: [{ type: 'tool_use', id: 'c1', name: 'look', input: {} }],
};
const A_RESULT = {
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'found' }],
};
const PIXEL = { type: 'base64', media_type: 'image/png', data: 'AAAA' };

const R_TOOL = { type: 'function', name: 'look', parameters: { type: 'object' } };
const R_CALLING = { type: 'function_call', call_id: 'c1', name: 'look', arguments: '{}' };
const R_RESULT = { type: 'function_call_output', call_id: 'c1', output: 'found' };

interface Case {
  path: string;
  fields: object;
  /** Message of the default profile's 400; absent = accepted there too. */
  refused?: RegExp;
  /** What `agents` reports; absent = nothing is forgiven because nothing has to be. */
  forgiven?: readonly string[];
  /** In the prompt that the model gets, wherever the request is accepted. */
  prompt?: RegExp;
  /** Refused by `agents` too. */
  isRefusedByBoth?: boolean;
}

const lostReasoning =
  /^Missing `reasoning_content` field in the assistant message at message index 1\. .*thinking_mode#tool-calls$/;
const toolChoice = /^deepseek-reasoner does not support this tool_choice$/;
const jsonWord =
  /^Prompt must contain the word 'json' in some form to use 'response_format' of type 'json_object'\.$/;

const PITFALLS: Record<string, Case[]> = {
  '1: lost reasoning in a tool loop': [
    {
      path: CHAT,
      fields: { ...THINKS, tools: [TOOL], messages: [USER, CALLING, RESULT] },
      refused: lostReasoning,
      forgiven: ['heal_reasoning'],
      prompt: /<result>found<\/result>/,
    },
    {
      path: ANTHROPIC,
      fields: { ...THINKS, tools: [A_TOOL], messages: [USER, A_CALLING, A_RESULT] },
      refused: /^Missing thinking block in the assistant message at message index 1\. /,
      forgiven: ['heal_reasoning'],
      prompt: /<result>found<\/result>/,
    },
    {
      // Agents of this dialect drop it as they please, so it is never an error.
      path: RESPONSES,
      fields: { ...THINKS, tools: [R_TOOL], input: [USER, R_CALLING, R_RESULT] },
      forgiven: ['heal_reasoning'],
      prompt: /<result>found<\/result>/,
    },
  ],
  '2: an empty reasoning is a reasoning': [
    {
      path: CHAT,
      fields: {
        ...THINKS,
        tools: [TOOL],
        messages: [USER, { ...CALLING, reasoning_content: '' }, RESULT],
      },
      prompt: /<think><\/think>/,
    },
    {
      path: ANTHROPIC,
      fields: {
        ...THINKS,
        tools: [A_TOOL],
        messages: [
          USER,
          {
            ...A_CALLING,
            content: [{ type: 'thinking', thinking: '', signature: '' }, ...A_CALLING.content],
          },
          A_RESULT,
        ],
      },
      prompt: /<think><\/think>/,
    },
  ],
  '6: JSON mode without the word': [
    {
      path: CHAT,
      fields: { response_format: { type: 'json_object' } },
      refused: jsonWord,
      forgiven: ['json_word'],
      prompt: /Reply with one valid JSON object/,
    },
    {
      path: RESPONSES,
      fields: { text: { format: { type: 'json_object' } } },
      refused: jsonWord,
      forgiven: ['json_word'],
      prompt: /Reply with one valid JSON object/,
    },
    {
      path: RESPONSES,
      fields: {
        text: { format: { type: 'json_schema', name: 's', schema: { required: ['depth'] } } },
      },
      refused: /^This response_format type is unavailable now$/,
      forgiven: ['schema_in_prompt'],
      prompt: /"depth"/,
    },
  ],
  '7: a forced tool call in thinking mode': [
    {
      path: CHAT,
      fields: { ...THINKS, tools: [TOOL], tool_choice: 'required' },
      refused: toolChoice,
      forgiven: ['forced_tool_choice'],
      prompt: /<\/think>\n\n<｜DSML｜function_calls>/,
    },
    {
      path: CHAT,
      fields: {
        ...THINKS,
        tools: [TOOL],
        tool_choice: { type: 'function', function: { name: 'look' } },
      },
      refused: toolChoice,
      forgiven: ['forced_tool_choice'],
      prompt: /<｜DSML｜invoke name="look/,
    },
    ...['any', 'tool'].map((type) => ({
      path: ANTHROPIC,
      fields: { ...THINKS, tools: [A_TOOL], tool_choice: { type, name: 'look' } },
      refused: toolChoice,
      forgiven: ['forced_tool_choice'],
    })),
    {
      path: RESPONSES,
      fields: { ...THINKS, tools: [R_TOOL], tool_choice: 'required' },
      refused: toolChoice,
      forgiven: ['forced_tool_choice'],
    },
  ],
  '11: arrays of text parts as content': [
    {
      path: CHAT,
      fields: {
        messages: [
          USER,
          { ...CALLING, content: [{ type: 'text', text: 'I look.' }] },
          {
            ...RESULT,
            content: [
              { type: 'text', text: 'a' },
              { type: 'text', text: 'b' },
            ],
          },
        ],
      },
      refused:
        /^Failed to deserialize the JSON body into the target type: messages\[1\]: invalid type: sequence, expected a string at line 1 column \d+$/,
      forgiven: ['text_parts'],
      prompt: /I look\.[^]*<result>a\nb<\/result>/,
    },
    {
      path: CHAT,
      fields: { messages: [{ ...USER, content: [{ type: 'text', text: 'parts of a user' }] }] },
      prompt: /parts of a user/,
    },
  ],
  '12: the developer role': [
    {
      path: CHAT,
      fields: { messages: [{ role: 'developer', content: 'Be brief.' }, USER] },
      refused:
        /messages\[0\]\.role: unknown variant `developer`, expected one of `system`, `user`, `assistant`, `tool` at line 1 column \d+$/,
      forgiven: ['developer_role'],
      prompt: /Be brief\./,
    },
    {
      path: ANTHROPIC,
      fields: { messages: [USER, { role: 'developer', content: 'Be brief.' }] },
      refused: /unknown variant `developer`/,
      forgiven: ['developer_role'],
      prompt: /Be brief\./,
    },
    {
      path: RESPONSES,
      fields: { input: [{ role: 'developer', content: 'Be brief.' }, USER] },
      prompt: /Be brief\./,
    },
  ],
  '13: a message between a call and its result': [
    {
      path: CHAT,
      fields: { messages: [USER, CALLING, { role: 'user', content: 'wait' }, RESULT] },
      refused: /^An assistant message with 'tool_calls' must be followed by tool messages/,
      forgiven: ['reorder_tool_results'],
      prompt: /<result>found<\/result>[^]*wait/,
    },
    {
      path: ANTHROPIC,
      fields: { messages: [USER, A_CALLING, { role: 'user', content: 'wait' }, A_RESULT] },
      refused: /^messages\[1\]: `tool_use` ids were found without `tool_result` blocks/,
      forgiven: ['reorder_tool_results'],
      prompt: /<result>found<\/result>[^]*wait/,
    },
  ],
  '14: empty parameters': [
    {
      path: CHAT,
      fields: { tools: [{ type: 'function', function: { name: 'look', parameters: {} } }] },
      refused:
        /^Invalid schema for function 'look': schema must be a JSON Schema of 'type: "object"', got 'type: null'\.$/,
      forgiven: ['empty_parameters'],
      prompt: /"properties": \{\}/,
    },
    {
      path: ANTHROPIC,
      fields: { tools: [{ name: 'look', input_schema: {} }] },
      refused: /^Invalid schema for function 'look'/,
      forgiven: ['empty_parameters'],
    },
    {
      path: RESPONSES,
      fields: { tools: [{ ...R_TOOL, parameters: {} }] },
      refused: /^Invalid schema for function 'look'/,
      forgiven: ['empty_parameters'],
    },
  ],
  '17: thinking blocks with foreign signatures, or redacted': [
    {
      path: ANTHROPIC,
      fields: {
        ...THINKS,
        tools: [A_TOOL],
        messages: [
          USER,
          {
            ...A_CALLING,
            content: [
              { type: 'thinking', thinking: 'kept', signature: 'EqQB-of-another-server' },
              { type: 'redacted_thinking', data: 'xyz' },
              ...A_CALLING.content,
            ],
          },
          A_RESULT,
        ],
      },
      prompt: /<think>kept<\/think>/,
    },
    {
      path: ANTHROPIC,
      fields: {
        ...THINKS,
        messages: [
          USER,
          { role: 'assistant', content: [{ type: 'thinking', thinking: 'no signature' }] },
          USER,
        ],
      },
    },
  ],
  '18: what Claude Code puts into messages': [
    {
      path: ANTHROPIC,
      fields: { messages: [USER, { role: 'system', content: 'The agents: none.' }] },
      prompt: /The agents: none\./,
    },
    {
      path: ANTHROPIC,
      fields: {
        messages: [
          USER,
          A_CALLING,
          { role: 'user', content: [{ ...A_RESULT.content[0], is_error: true }] },
        ],
      },
      prompt: /<result>\[tool error\] found<\/result>/,
    },
    {
      path: ANTHROPIC,
      fields: {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image', source: PIXEL },
              { type: 'text', text: 'What is it?' },
            ],
          },
        ],
      },
      refused: /messages\[0\]\.content\[0\]\.type: unknown variant `image`, expected one of `text`/,
      forgiven: ['image_notes'],
      prompt: /\[An image was attached here\. It cannot be read[^]*What is it\?/,
    },
    {
      path: CHAT,
      fields: {
        messages: [
          { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:,x' } }] },
        ],
      },
      refused: /messages\[0\]: data did not match any variant of untagged enum/,
      forgiven: ['image_notes'],
      prompt: /\[An image was attached here/,
    },
    {
      path: ANTHROPIC,
      fields: {
        thinking: { type: 'adaptive' },
        context_management: { edits: [] },
        output_config: { effort: 'high' },
        metadata: { user_id: 'u' },
        tools: [],
      },
      prompt: /<\/think>$/,
    },
  ],
  '19: max_tokens above the range of chat mode': [
    {
      path: CHAT,
      fields: { max_tokens: 32_000 },
      refused: /^Invalid max_tokens value, the valid range of max_tokens is \[1, 8192\]$/,
      forgiven: ['clamp_max_tokens'],
    },
    { path: ANTHROPIC, fields: { max_tokens: 32_000 } },
    { path: RESPONSES, fields: { max_output_tokens: 32_000 } },
    {
      path: CHAT,
      fields: { max_tokens: 0 },
      refused: /^Invalid max_tokens value/,
      isRefusedByBoth: true,
    },
  ],
};

/** A small valid request of the path's dialect. */
function bodyOf({ path, fields }: Case): object {
  const ask = path === RESPONSES ? { input: [USER] } : { messages: [USER] };
  const limit = path === ANTHROPIC ? { max_tokens: 100 } : {};
  return { model: 'deepseek-chat', ...ask, ...limit, ...fields };
}

for (const [pitfall, cases] of Object.entries(PITFALLS)) {
  test(`pitfall ${pitfall}`, async (t) => {
    const model = playedModel({ thinking: 'Hm.', content: 'Hello.' });
    const { post } = await startProfiles(t, model);
    for (const [index, each] of cases.entries()) {
      const { path, refused, forgiven = [], prompt = /./, isRefusedByBoth = false } = each;
      const what = `${pitfall}, ${path}, case ${index}`;

      const exact = await post('2025-12-01', path, bodyOf(each));
      assert.deepEqual(exact.leniencies, [], what);
      assert.equal(exact.status, refused ? 400 : 200, `${what}: ${exact.text}`);
      if (refused) assert.match(exact.message, refused, what);
      else assert.match(model.prompts.at(-1)!, prompt, what);

      const agents = await post('agents', path, bodyOf(each));
      assert.equal(agents.status, isRefusedByBoth ? 400 : 200, `${what}: ${agents.text}`);
      assert.deepEqual(agents.leniencies, forgiven, what);
      if (!isRefusedByBoth) assert.match(model.prompts.at(-1)!, prompt, what);
    }
  });
}

test('pitfall 19: what is clamped is the limit of the mode', async (t) => {
  const { post, backend } = await startProfiles(t);
  const limits: number[] = [];
  for (const [path, fields] of [
    [CHAT, { max_tokens: 32_000 }],
    [CHAT, { ...THINKS, max_tokens: 200_000 }],
    [ANTHROPIC, { max_tokens: 32_000 }],
    [ANTHROPIC, { ...THINKS, max_tokens: 200_000 }],
    [RESPONSES, { max_output_tokens: 32_000 }],
  ] as const) {
    const { status, text } = await post('agents', path, bodyOf({ path, fields }));
    assert.equal(status, 200, text);
    limits.push(backend.requests.at(-1)!.maxTokens);
  }
  assert.deepEqual(limits, [8192, 65_536, 8192, 65_536, 8192]);
});

test('single leniencies of a key, and the profile of the server, forgive the same', async (t) => {
  const body = { model: 'deepseek-chat', messages: [{ role: 'developer', content: 'd' }, USER] };
  const { server } = await startProfiles(t, { profile: 'agents' });
  const send = (key: string) =>
    fetch(server.url + CHAT, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const byServer = await send(server.apiKey);
  assert.equal(byServer.headers.get('x-hadal-leniency'), 'developer_role');
  const exact = { profile: '2025-12-01' };
  assert.equal((await send(await newKey(server, exact))).status, 400);
  const other = await newKey(server, { ...exact, leniencies: ['text_parts'] });
  assert.equal((await send(other)).status, 400);
  const single = await newKey(server, { ...exact, leniencies: ['developer_role'] });
  const byKey = await send(single);
  assert.equal(byKey.status, 200);
  assert.equal(byKey.headers.get('x-hadal-leniency'), 'developer_role');
});
