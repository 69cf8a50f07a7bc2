// What the base URL changes for chat requests (api reference §1.1, §1.5, §6.1): prefix completion on
// beta, the Speciale base; and what the order of checks promises (§2.3).

import assert from 'node:assert/strict';
import test from 'node:test';
import { requestContext, type ContextOptions } from '../../../test/helpers/request-context.js';
import { ApiError } from '../api-error.js';
import { chatDoor } from './chat-door.js';
import { parseChatRequest } from './chat-request.js';
import { insufficientBalanceError } from './errors.js';

const USER = { role: 'user', content: 'hi' };
const PREFIX = { role: 'assistant', content: '```python\n', prefix: true };
const TOOL = { type: 'function', function: { name: 'f' } };
const THINKING = { model: 'deepseek-reasoner' };
const NEEDS_BETA =
  'prefix is only available when using beta api (set base_url="https://api.deepseek.com/beta")';

function bodyOf(fields: object): Buffer {
  return Buffer.from(JSON.stringify({ model: 'deepseek-chat', messages: [USER], ...fields }));
}

function parse(fields: object, options: ContextOptions) {
  return parseChatRequest(bodyOf(fields), requestContext(options));
}

function errorOf(fields: object, options: ContextOptions): string {
  try {
    parse(fields, options);
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return `${error.status} ${error.message}`;
  }
  return 'accepted';
}

test('a prefix on the beta base opens the reply in both modes', () => {
  for (const fields of [{}, THINKING]) {
    const { chat } = parse({ ...fields, messages: [USER, PREFIX] }, { base: 'beta' });
    assert.equal(chat.prefix, true);
    assert.deepEqual(chat.messages[1], {
      role: 'assistant',
      content: '```python\n',
      prefix: true,
    });
  }
});

test('in thinking mode the prefix may begin the reasoning, with content or without', () => {
  for (const content of ['', null, 'So']) {
    const prefix = { role: 'assistant', content, reasoning_content: 'First', prefix: true };
    const { chat } = parse({ ...THINKING, messages: [USER, prefix] }, { base: 'beta' });
    assert.deepEqual(chat.messages[1], {
      role: 'assistant',
      content: content ?? '',
      reasoningContent: 'First',
      prefix: true,
    });
  }
});

test('reasoning on a last assistant message without prefix is not a prefix', () => {
  const messages = [USER, { role: 'assistant', content: 'x', reasoning_content: 'r' }];
  assert.match(
    errorOf({ ...THINKING, messages }, { base: 'beta' }),
    /^400 The last message of deepseek-reasoner must be a user message/,
  );
  assert.equal(parse({ messages }, { base: 'beta' }).chat.prefix, false);
});

test('a prefix is refused on the other bases, in both modes', () => {
  for (const fields of [{}, THINKING]) {
    const messages = [USER, PREFIX];
    assert.equal(errorOf({ ...fields, messages }, { base: 'main' }), `400 ${NEEDS_BETA}`);
  }
});

test('a prefix on a message that is not last means nothing on any base', () => {
  for (const base of ['main', 'beta'] as const) {
    const { chat } = parse({ messages: [USER, PREFIX, USER] }, { base });
    assert.equal(chat.prefix, false);
    const message = chat.messages[1]!;
    assert.ok(message.role === 'assistant' && !message.prefix);
  }
});

test('a prefix message needs something to begin with', () => {
  assert.equal(
    errorOf({ messages: [USER, { role: 'assistant', prefix: true }] }, { base: 'beta' }),
    '400 Invalid assistant message: content or tool_calls must be set',
  );
});

const SPECIALE: ContextOptions = { base: 'speciale' };

test('Speciale thinks, with the whole context as default and maximum', () => {
  const { chat, mode } = parse({ ...THINKING, messages: [USER] }, SPECIALE);
  assert.deepEqual(
    [chat.thinking, chat.maxTokens, chat.maxTokensExplicit, mode.alias],
    [true, 131_072, false, 'deepseek-reasoner'],
  );
  assert.equal(parse({ ...THINKING, max_tokens: 131_072 }, SPECIALE).chat.maxTokens, 131_072);
  assert.equal(
    errorOf({ ...THINKING, max_tokens: 131_073 }, SPECIALE),
    '400 Invalid max_tokens value, the valid range of max_tokens is [1, 131072]',
  );
  assert.ok(parse({ ...THINKING, thinking: { type: 'enabled' } }, SPECIALE).chat.thinking);
});

const SPECIALE_REFUSES: [fields: object, message: string][] = [
  [{ model: 'deepseek-chat' }, 'Model Not Exist'],
  [{ model: 'DeepSeek-V3.2-Speciale' }, 'Model Not Exist'],
  [{ tools: [TOOL] }, 'deepseek-reasoner does not support Function Calling.'],
  [{ response_format: { type: 'json_object' } }, 'deepseek-reasoner does not support Json Output.'],
  [{ messages: [USER, PREFIX] }, 'deepseek-reasoner does not support Chat Prefix Completion.'],
  [{ thinking: { type: 'disabled' } }, 'deepseek-reasoner does not support non-thinking mode.'],
  [{ logprobs: true }, 'deepseek-reasoner does not support the parameter `logprobs`'],
  [{ tool_choice: 'required' }, 'deepseek-reasoner does not support this tool_choice'],
];

test('Speciale refuses what it cannot do, whatever the profile forgives', () => {
  for (const [fields, message] of SPECIALE_REFUSES) {
    for (const leniencies of [[], ['forced_tool_choice', 'json_word'] as const]) {
      const options = { ...SPECIALE, leniencies };
      assert.equal(errorOf({ ...THINKING, ...fields }, options), `400 ${message}`);
    }
  }
});

test('Speciale accepts empty fields of the features that it lacks', () => {
  const fields = { tools: [], tool_choice: 'none', response_format: { type: 'text' } };
  assert.equal(errorOf({ ...THINKING, ...fields }, SPECIALE), 'accepted');
});

test('the balance is asked for after the ranges and before the meaning', () => {
  const requireBalance = () => {
    throw insufficientBalanceError();
  };
  const broke = { requireBalance };
  assert.match(errorOf({ messages: 1 }, broke), /^400 Failed to deserialize/);
  assert.equal(errorOf({ model: 'x' }, broke), '400 Model Not Exist');
  assert.match(errorOf({ top_p: 2 }, broke), /^400 Invalid top_p/);
  assert.match(errorOf({ user_id: '' }, broke), /^400 Invalid 'user_id'/);
  assert.equal(errorOf({}, broke), '402 Insufficient Balance');
  assert.equal(errorOf({ messages: [] }, broke), '402 Insufficient Balance');
  assert.equal(
    errorOf({ tools: [TOOL, TOOL], tool_choice: 'required', ...THINKING }, broke),
    '402 Insufficient Balance',
  );
  let numAsked = 0;
  parse({}, { requireBalance: () => numAsked++ });
  assert.equal(numAsked, 1);
});

test('user_id separates the end users of a tenant', () => {
  assert.equal(parse({}, {}).chat.tenant, 'tenant');
  assert.equal(parse({ user_id: 'Ann-1_b' }, {}).chat.tenant, 'tenant/Ann-1_b');
  assert.equal(parse({ user_id: 'a'.repeat(512) }, {}).chat.tenant, `tenant/${'a'.repeat(512)}`);
  assert.equal(
    errorOf({ user_id: 'a'.repeat(513) }, {}),
    "400 Invalid 'user_id': string too long. Expected a string with maximum length 512, but got a " +
      'string with length 513 instead',
  );
  for (const userId of ['', 'a b', 'a/b', 'ä', 'a\n', 'a\0']) {
    assert.equal(
      errorOf({ user_id: userId }, {}),
      "400 Invalid 'user_id': string does not match pattern. Expected a string that matches the " +
        "pattern '^[a-zA-Z0-9\\-_]+$'.",
    );
  }
});

test('reasoning_effort is a hint that never conflicts', () => {
  for (const effort of ['low', 'max', 'unheard-of', 7]) {
    const { mode } = parse(
      { ...THINKING, reasoning_effort: effort, thinking: { type: 'disabled' } },
      {},
    );
    assert.equal(mode.alias, 'deepseek-chat');
  }
});

test('lone surrogates reach the road as U+FFFD', () => {
  const body =
    '{"model":"deepseek-chat","messages":[{"role":"user","content":"a\\ud83d"}],"tools":[{"type":' +
    '"function","function":{"name":"f","description":"\\udc00","parameters":{"type":"object"}}}]}';
  const { request } = chatDoor.parse(Buffer.from(body), requestContext());
  assert.ok(request.kind === 'chat');
  assert.equal(request.messages[0]!.content, 'a\ufffd');
  const definition = request.tools[0]!.function;
  assert.equal(definition instanceof Map && definition.get('description'), '\ufffd');
});

test('a known field that stands twice is refused', () => {
  const body = Buffer.from('{"model":"deepseek-chat","messages":[],"model":"deepseek-reasoner"}');
  assert.throws(() => chatDoor.parse(body, requestContext()), {
    message:
      'Failed to deserialize the JSON body into the target type: duplicate field `model` at line 1 ' +
      'column 46',
  });
});

test('the door writes replies in the form that the request asked for', () => {
  const fields = { stream: true, stream_options: { include_usage: true } };
  const parsed = chatDoor.parse(bodyOf(fields), requestContext({ usageChunk: 'separate' }));
  assert.equal(parsed.stream, true);
  const header = { id: 'uuid', created: 1, mode: parsed.mode, systemFingerprint: 'fp' };
  const stream = parsed.newStream(header);
  assert.equal(stream.keepAlive, ': keep-alive\n\n');
  assert.match(
    stream.next({ type: 'start', promptTokens: 1, cacheHitTokens: 0 }),
    /^data: \{"id":"uuid".*"usage":null\}\n\n$/,
  );
  assert.equal(parsed.newBody(header).failure(), undefined);
  assert.throws(() => parsed.newBody(header).text(), /before the finish event/);
});
