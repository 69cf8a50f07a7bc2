// The error texts of the chat API, word for word (api reference §11.3; the ids E1... are its). Texts
// marked "ours" had no observed original. Deserialization errors (E1-E4) are worded in
// deserialize.ts; here they get their prefix.

import { ApiError } from '../api-error.js';
import { clip, clipMiddle } from '../clip.js';

const GUIDE = 'https://api-docs.deepseek.com/guides';

/** Section 11.2: a body that is not JSON. */
export function jsonSyntaxError(detail: string): ApiError {
  return new ApiError(`Failed to parse the request body as JSON: ${detail}`);
}

/** E1-E4. */
export function deserializeError(detail: string): ApiError {
  return new ApiError(`Failed to deserialize the JSON body into the target type: ${detail}`);
}

/** E5. */
export function contextLengthError(limits: {
  contextLength: number;
  promptTokens: number;
  completionTokens: number;
}): ApiError {
  const { contextLength, promptTokens, completionTokens } = limits;
  return new ApiError(
    `This model's maximum context length is ${contextLength} tokens. However, you requested ` +
      `${promptTokens + completionTokens} tokens (${promptTokens} in the messages, ` +
      `${completionTokens} in the completion). ` +
      'Please reduce the length of the messages or completion.',
  );
}

/** E6 and E7; `range` as printed, e.g. `[0, 2]`. */
export function rangeError(field: string, range: string): ApiError {
  return new ApiError(`Invalid ${field} value, the valid range of ${field} is ${range}`);
}

/** E8. */
export function orphanToolMessageError(): ApiError {
  return new ApiError(
    "Messages with role 'tool' must be a response to a preceding message with 'tool_calls'",
  );
}

/** E9. */
export function unansweredToolCallsError(): ApiError {
  return new ApiError(
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each " +
      "'tool_call_id'. (insufficient tool messages following tool_calls message)",
  );
}

/** E10. */
export function responseFormatUnavailableError(): ApiError {
  return new ApiError('This response_format type is unavailable now');
}

/** E11. */
export function lastMessageError(): ApiError {
  return new ApiError(
    'The last message of deepseek-reasoner must be a user message, or an assistant message with ' +
      `prefix mode on (refer to ${GUIDE}/chat_prefix_completion).`,
  );
}

/** E12; `type` is the JSON text of the schema's `type`, `null` when it has none. */
export function functionSchemaError(name: string, type: string): ApiError {
  return new ApiError(
    `Invalid schema for function '${clip(name)}': schema must be a JSON Schema of ` +
      `'type: "object"', got 'type: ${clip(type)}'.`,
  );
}

/** E13. */
export function choiceCountError(): ApiError {
  return new ApiError('Invalid n value (currently only n = 1 is supported)');
}

/** E14. */
export function toolChoiceInThinkingError(): ApiError {
  return new ApiError('deepseek-reasoner does not support this tool_choice');
}

/** E15. */
export function missingJsonWordError(): ApiError {
  return new ApiError(
    "Prompt must contain the word 'json' in some form to use 'response_format' of type " +
      "'json_object'.",
  );
}

/** E16. */
export function missingReasoningError(index: number): ApiError {
  return new ApiError(
    `Missing \`reasoning_content\` field in the assistant message at message index ${index}. ` +
      `For more information, please refer to ${GUIDE}/thinking_mode#tool-calls`,
  );
}

/** E17. */
export function prefixNeedsBetaError(): ApiError {
  return new ApiError(
    'prefix is only available when using beta api (set base_url="https://api.deepseek.com/beta")',
  );
}

/** E18. */
export function completionsNeedBetaError(): ApiError {
  return new ApiError(
    'completions api is only available when using beta api ' +
      '(set base_url="https://api.deepseek.com/beta")',
  );
}

/** E19: for a content filter on the input. */
export function contentRiskError(): ApiError {
  return new ApiError('Content Exists Risk');
}

/** E20. */
export function modelNotFoundError(): ApiError {
  return new ApiError('Model Not Exist');
}

/**
 * E21 and its pattern: a feature that the model behind this base lacks. The texts for other features
 * than JSON output are ours.
 */
export function unsupportedFeatureError(
  feature:
    | 'Json Output'
    | 'Function Calling'
    | 'Chat Prefix Completion'
    | 'FIM Completion'
    | 'non-thinking mode',
): ApiError {
  return new ApiError(`deepseek-reasoner does not support ${feature}.`);
}

/** The body of a `GET /models/{id}` for a model that is not there; text ours. */
export function modelMissingError(id: string): ApiError {
  return new ApiError(`Model Not Exist: '${clip(id, 100)}'`, { status: 404 });
}

/** Section 1.5: the temporary base after its time. */
export function specialeExpiredError(expiresAt: Date | number): ApiError {
  const time = new Date(expiresAt).toISOString().replace('.000Z', 'Z');
  return new ApiError(`This endpoint expired on ${time}`, { status: 404 });
}

/** Section 5.2: the reasoner family's pattern for refused parameters. */
export function parameterInThinkingError(parameter: string): ApiError {
  return new ApiError(`deepseek-reasoner does not support the parameter \`${parameter}\``);
}

/** The platform's string checks (§13, item 5); `path` as in `tools[0].function.name`. */
export function stringRuleError(
  path: string,
  value: string,
  { maxLength, pattern }: { maxLength: number; pattern: string },
): ApiError {
  if (value.length > maxLength) return tooLongError(path, { maxLength, length: value.length });
  return new ApiError(
    `Invalid '${path}': string does not match pattern. ` +
      `Expected a string that matches the pattern '${pattern}'.`,
  );
}

/** The same for any text of a client that has a limit; `what` it is, where not a plain string. */
export function tooLongError(
  path: string,
  limits: { maxLength: number; length: number; what?: string | undefined },
): ApiError {
  const { maxLength, length, what = 'string' } = limits;
  return new ApiError(
    `Invalid '${path}': ${what} too long. Expected a ${what} with maximum length ${maxLength}, ` +
      `but got a ${what} with length ${length} instead`,
  );
}

/** Strict mode (§6.3), in the manner of E12; `path` begins with `parameters`. Text ours. */
export function strictSchemaError(name: string, path: string, problem: string): ApiError {
  return new ApiError(
    `Invalid schema for function '${clip(name)}': ${clipMiddle(path, 400)}: ${problem}`,
  );
}

/** Strict mode is for all functions of a request or none (§6.3). Text ours. */
export function mixedStrictError(name: string): ApiError {
  return new ApiError(
    `Strict mode needs strict: true in every function of tools; '${clip(name)}' lacks it`,
  );
}

/** Ours. */
export function emptyMessagesError(): ApiError {
  return new ApiError('Empty input messages');
}

/** Ours. */
export function emptyAssistantMessageError(): ApiError {
  return new ApiError('Invalid assistant message: content or tool_calls must be set');
}

/** Ours. */
export function tooManyError(what: string, { limit, count }: { limit: number; count: number }) {
  return new ApiError(`Too many ${what}: at most ${limit} are allowed, got ${count}`);
}

/** Ours. */
export function streamOptionsError(): ApiError {
  return new ApiError('stream_options should be set along with stream = true');
}

/** Ours. */
export function topLogprobsError(): ApiError {
  return new ApiError('top_logprobs should be set along with logprobs = true');
}

/** Ours. */
export function unknownToolError(name: string): ApiError {
  return new ApiError(`tool_choice names the function '${clip(name)}', which is not in tools`);
}

/** Ours. */
export function toolChoiceWithoutToolsError(): ApiError {
  return new ApiError('tool_choice asks for a tool call, but tools is empty');
}

/** Section 11.2: no `Authorization` header. */
export function missingKeyError(): ApiError {
  return authenticationError('Authentication Fails (governor)');
}

/** Section 11.2: the header does not carry a key. */
export function keyFormatError(): ApiError {
  return authenticationError('Authentication Fails (auth header format should be Bearer sk-...)');
}

/** Section 11.2: shows the last four characters of the key only. */
export function unknownKeyError(key: string): ApiError {
  return authenticationError(`Authentication Fails, Your api key: ****${key.slice(-4)} is invalid`);
}

function authenticationError(message: string): ApiError {
  return new ApiError(message, { status: 401, type: 'authentication_error' });
}

/** Section 11.2. */
export function insufficientBalanceError(): ApiError {
  return new ApiError('Insufficient Balance', { status: 402, type: 'unknown_error' });
}

/** For routes that answer 404 with a body; the platform's own 404 and 405 have none (§1.1). */
export function notFoundError(path: string): ApiError {
  return new ApiError(`No such path: ${clip(path)}`, { status: 404 });
}

export function methodNotAllowedError(method: string, allowed: readonly string[]): ApiError {
  return new ApiError(`Method ${clip(method)} is not allowed here, use ${allowed.join(' or ')}`, {
    status: 405,
  });
}

/** Section 11.2. */
export function unsupportedMediaTypeError(): ApiError {
  return new ApiError('Expected request with `Content-Type: application/json`', { status: 415 });
}

/** Section 11.2; `limit` says what was exceeded, as in `4 concurrent requests`. */
export function rateLimitError(limit: string, retryAfterSeconds: number): ApiError {
  return new ApiError(`Rate limit reached: at most ${limit}. Retry after ${retryAfterSeconds} s.`, {
    status: 429,
    type: 'rate_limit_error',
    code: 'rate_limit_exceeded',
    retryAfterSeconds,
  });
}

/** Section 11.2. */
export function overloadedError(cause?: unknown, retryAfterSeconds = 2): ApiError {
  return new ApiError(
    'Service is too busy. We advise users to temporarily switch to alternative LLM API service ' +
      'providers.',
    {
      status: 503,
      type: 'service_unavailable_error',
      code: 'service_unavailable_error',
      retryAfterSeconds,
      cause,
    },
  );
}

/** Says nothing of the cause: that is for the log. */
export function internalError(cause: unknown): ApiError {
  return new ApiError('Internal server error', { status: 500, type: 'internal_error', cause });
}

/** Section 11.2: the body of every error on the OpenAI-style routes. */
export function errorBody({ message, type, code }: ApiError): string {
  return JSON.stringify({ error: { message, type, param: null, code } });
}
