// The catalogue of the api reference, section 11.3: one request for each error that a request can
// draw, and the exact text. More cases per rule are in the tests of the rules.

import assert from 'node:assert/strict';
import test from 'node:test';
import { requestContext } from '../../../test/helpers/request-context.js';
import { ApiError } from '../api-error.js';
import type { ApiBase, Door } from '../door.js';
import { chatDoor } from './chat-door.js';
import * as errors from './errors.js';
import { fimDoor } from './fim-door.js';

const USER = { role: 'user', content: 'hi' };
const CALL = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
const CALLING = { role: 'assistant', content: '', tool_calls: [CALL] };
const RESULT = { role: 'tool', tool_call_id: 'c1', content: 'r' };
const TOOL = { type: 'function', function: { name: 'f', parameters: {} } };
const GUIDES = 'https://api-docs.deepseek.com/guides';
const SHAPE = 'Failed to deserialize the JSON body into the target type: ';

interface Case {
  fields: object;
  message: string | RegExp;
  door?: Door;
  base?: ApiBase;
}

const CATALOGUE: Record<string, Case> = {
  E1: {
    fields: { messages: [{ role: 'developer', content: 'x' }] },
    message:
      `${SHAPE}messages[0].role: unknown variant \`developer\`, expected one of \`system\`, ` +
      '`user`, `assistant`, `tool` at line 1 column 56',
  },
  E2: {
    fields: { messages: [USER, { role: 'user', content: [{ type: 'image_url' }] }] },
    message:
      `${SHAPE}messages[1]: data did not match any variant of untagged enum ` +
      'ChatCompletionRequestContent at line 1 column 115',
  },
  E3: {
    fields: { messages: [{ role: 'tool', tool_call_id: 'c1', content: [] }] },
    message: `${SHAPE}messages[0]: invalid type: sequence, expected a string at line 1 column 84`,
  },
  E4: {
    fields: { messages: undefined },
    message: `${SHAPE}missing field \`messages\` at line 1 column 25`,
  },
  E6: {
    fields: { max_tokens: 8193 },
    message: 'Invalid max_tokens value, the valid range of max_tokens is [1, 8192]',
  },
  'E6 reasoner': {
    fields: { model: 'deepseek-reasoner', max_tokens: 65_537 },
    message: 'Invalid max_tokens value, the valid range of max_tokens is [1, 65536]',
  },
  E7: {
    fields: { temperature: 2.1 },
    message: 'Invalid temperature value, the valid range of temperature is [0, 2]',
  },
  E8: {
    fields: { messages: [USER, RESULT] },
    message:
      "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'",
  },
  E9: {
    fields: { messages: [USER, CALLING, USER] },
    message:
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each " +
      "'tool_call_id'. (insufficient tool messages following tool_calls message)",
  },
  E10: {
    fields: { response_format: { type: 'json_schema' } },
    message: 'This response_format type is unavailable now',
  },
  E11: {
    fields: { model: 'deepseek-reasoner', messages: [USER, { role: 'assistant', content: 'x' }] },
    message:
      'The last message of deepseek-reasoner must be a user message, or an assistant message with ' +
      `prefix mode on (refer to ${GUIDES}/chat_prefix_completion).`,
  },
  E12: {
    fields: { tools: [TOOL] },
    message:
      "Invalid schema for function 'f': schema must be a JSON Schema of 'type: \"object\"', got " +
      "'type: null'.",
  },
  E13: { fields: { n: 2 }, message: 'Invalid n value (currently only n = 1 is supported)' },
  E14: {
    fields: { model: 'deepseek-reasoner', tool_choice: 'required' },
    message: 'deepseek-reasoner does not support this tool_choice',
  },
  E15: {
    fields: { response_format: { type: 'json_object' } },
    message:
      "Prompt must contain the word 'json' in some form to use 'response_format' of type " +
      "'json_object'.",
  },
  E16: {
    fields: { model: 'deepseek-reasoner', messages: [USER, CALLING, RESULT] },
    message:
      'Missing `reasoning_content` field in the assistant message at message index 1. For more ' +
      `information, please refer to ${GUIDES}/thinking_mode#tool-calls`,
  },
  E17: {
    fields: { messages: [USER, { role: 'assistant', content: 'x', prefix: true }] },
    message:
      'prefix is only available when using beta api (set base_url="https://api.deepseek.com/beta")',
  },
  E18: {
    door: fimDoor,
    fields: { prompt: 'x' },
    message:
      'completions api is only available when using beta api ' +
      '(set base_url="https://api.deepseek.com/beta")',
  },
  E20: { fields: { model: 'gpt-4o' }, message: 'Model Not Exist' },
  E21: {
    base: 'speciale',
    fields: { model: 'deepseek-reasoner', response_format: { type: 'json_object' } },
    message: 'deepseek-reasoner does not support Json Output.',
  },
};

for (const [id, { fields, message, door = chatDoor, base = 'main' }] of Object.entries(CATALOGUE)) {
  test(`${id}: ${String(message).slice(0, 70)}`, () => {
    const body = Buffer.from(
      JSON.stringify({ model: 'deepseek-chat', messages: [USER], ...fields }),
    );
    assert.throws(
      () => door.parse(body, requestContext({ base })),
      (error) => {
        assert.ok(error instanceof ApiError, String(error));
        assert.equal(error.message, message);
        assert.equal(error.status, 400);
        assert.equal(
          door.errorBody(error),
          `{"error":{"message":${JSON.stringify(message)},"type":"invalid_request_error",` +
            '"param":null,"code":"invalid_request_error"}}',
        );
        return true;
      },
    );
  });
}

/** Errors that other layers find: [error, status, type, code, message]. */
const ELSEWHERE: [what: string, error: ApiError, status: number, body: string][] = [
  [
    'E5',
    errors.contextLengthError({
      contextLength: 131_072,
      promptTokens: 122_942,
      completionTokens: 8192,
    }),
    400,
    '{"error":{"message":"This model\'s maximum context length is 131072 tokens. However, you ' +
      'requested 131134 tokens (122942 in the messages, 8192 in the completion). Please reduce the ' +
      'length of the messages or completion.","type":"invalid_request_error","param":null,' +
      '"code":"invalid_request_error"}}',
  ],
  [
    'E19',
    errors.contentRiskError(),
    400,
    '{"error":{"message":"Content Exists Risk","type":"invalid_request_error","param":null,' +
      '"code":"invalid_request_error"}}',
  ],
  [
    'no key',
    errors.missingKeyError(),
    401,
    '{"error":{"message":"Authentication Fails (governor)","type":"authentication_error",' +
      '"param":null,"code":"invalid_request_error"}}',
  ],
  [
    'no bearer',
    errors.keyFormatError(),
    401,
    '{"error":{"message":"Authentication Fails (auth header format should be Bearer sk-...)",' +
      '"type":"authentication_error","param":null,"code":"invalid_request_error"}}',
  ],
  [
    'unknown key',
    errors.unknownKeyError(['sk', 'x'.repeat(28) + '0000'].join('-')),
    401,
    '{"error":{"message":"Authentication Fails, Your api key: ****0000 is invalid",' +
      '"type":"authentication_error","param":null,"code":"invalid_request_error"}}',
  ],
  [
    'no balance',
    errors.insufficientBalanceError(),
    402,
    '{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,' +
      '"code":"invalid_request_error"}}',
  ],
  [
    'no route',
    errors.notFoundError('/embeddings'),
    404,
    '{"error":{"message":"No such path: /embeddings","type":"invalid_request_error","param":null,' +
      '"code":"invalid_request_error"}}',
  ],
  [
    'method',
    errors.methodNotAllowedError('GET', ['POST', 'OPTIONS']),
    405,
    '{"error":{"message":"Method GET is not allowed here, use POST or OPTIONS",' +
      '"type":"invalid_request_error","param":null,"code":"invalid_request_error"}}',
  ],
  [
    'media type',
    errors.unsupportedMediaTypeError(),
    415,
    '{"error":{"message":"Expected request with `Content-Type: application/json`",' +
      '"type":"invalid_request_error","param":null,"code":"invalid_request_error"}}',
  ],
  [
    'rate limit',
    errors.rateLimitError('4 concurrent requests', 7),
    429,
    '{"error":{"message":"Rate limit reached: at most 4 concurrent requests. Retry after 7 s.",' +
      '"type":"rate_limit_error","param":null,"code":"rate_limit_exceeded"}}',
  ],
  [
    'internal',
    errors.internalError(new Error('the secret cause')),
    500,
    '{"error":{"message":"Internal server error","type":"internal_error","param":null,' +
      '"code":"invalid_request_error"}}',
  ],
  [
    'overload',
    errors.overloadedError(),
    503,
    '{"error":{"message":"Service is too busy. We advise users to temporarily switch to ' +
      'alternative LLM API service providers.","type":"service_unavailable_error","param":null,' +
      '"code":"service_unavailable_error"}}',
  ],
];

test('errors that other layers find have the documented status and body', () => {
  for (const [what, error, status, body] of ELSEWHERE) {
    assert.equal(error.status, status, what);
    assert.equal(errors.errorBody(error), body, what);
  }
});

test('what may be retried says when', () => {
  assert.equal(errors.rateLimitError('1 request', 7).retryAfterSeconds, 7);
  assert.equal(errors.overloadedError(undefined, 30).retryAfterSeconds, 30);
  assert.equal(errors.insufficientBalanceError().retryAfterSeconds, undefined);
});
