// The prompt that `hadal inspect` looks at: a text, a conversation or a whole request, brought to
// tokens on the same road as a request to the server, so that what is explained is what is served.

import { readFileSync } from 'node:fs';

import { ChatError } from '../chat/chat-error.js';
import { buildPrompt } from '../chat/prompt.js';
import { runToEnd } from '../encoding/steps.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import { ApiError } from '../protocol/api-error.js';
import { LENIENCIES, LeniencyLog } from '../protocol/leniency.js';
import { parseChatRequest } from '../protocol/openai/chat-request.js';
import { systemCode, systemReason } from './system-errors.js';
import { EXAMPLE_MESSAGES, EXAMPLE_TOOLS } from './inspect-example.js';

export interface PromptSource {
  /** One user message. */
  prompt?: string;
  /** Path of a JSON array of messages, or of an object with `messages` and perhaps `tools`. */
  file?: string;
  /** Path of a request body as for `POST /chat/completions`. */
  request?: string;
  /** Path of a JSON object with token ids: `prompt`, and perhaps the `reply` that was given to it. */
  ids?: string;
  /** Thinking on; default as the request says. */
  think?: boolean;
}

export interface PromptTokens {
  prompt: Int32Array;
  /** undefined = the model is to make one. */
  reply?: Int32Array;
}

/**
 * Tokens of the one source that is given, or of the example.
 * @throws Error with a sentence for the user: more than one source, a file that cannot be read or is no
 *   such JSON, a request that the API would refuse
 */
export function readPrompt(source: PromptSource, tokenizer: Tokenizer): PromptTokens {
  const given = (['prompt', 'file', 'request', 'ids'] as const).filter(
    (name) => source[name] !== undefined,
  );
  if (given.length > 1) {
    throw new Error(`${given.map((name) => `--${name}`).join(' and ')} exclude each other`);
  }
  if (source.ids !== undefined) return readIds(source.ids, tokenizer);
  const body = requestBody(source);
  try {
    const { chat } = parseChatRequest(Buffer.from(JSON.stringify(body)), {
      traceId: 'inspect',
      tenant: 'inspect',
      model: 'inspect',
      base: 'beta',
      mapTemperature: false,
      usageChunk: 'inline',
      leniency: new LeniencyLog(LENIENCIES),
      requireBalance: () => {},
    });
    const { tokens, forcedTokens } = runToEnd(buildPrompt(chat, tokenizer));
    return { prompt: Int32Array.of(...tokens, ...forcedTokens) };
  } catch (error) {
    if (!(error instanceof ApiError) && !(error instanceof ChatError)) throw error;
    const place = source.file ?? source.request;
    throw new Error(place === undefined ? error.message : `${place}: ${error.message}`, {
      cause: error,
    });
  }
}

function requestBody({ prompt, file, request, think }: PromptSource): Record<string, unknown> {
  const thinking = think === true ? { thinking: { type: 'enabled' } } : {};
  if (prompt !== undefined) {
    return { model: 'deepseek-chat', messages: [{ role: 'user', content: prompt }], ...thinking };
  }
  const path = file ?? request;
  if (path === undefined) {
    return {
      model: 'deepseek-chat',
      messages: EXAMPLE_MESSAGES,
      tools: EXAMPLE_TOOLS,
      thinking: { type: 'enabled' },
    };
  }
  const expected = file === undefined ? REQUEST_FORM : FILE_FORM;
  const value = readJson(path, expected);
  if (file !== undefined && Array.isArray(value)) {
    return { model: 'deepseek-chat', messages: value, ...thinking };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${path}: expected ${expected}`);
  }
  return { model: 'deepseek-chat', ...value, ...thinking };
}

function readIds(path: string, tokenizer: Tokenizer): PromptTokens {
  const value = readJson(path, IDS_FORM);
  const { prompt, reply } = (value ?? {}) as Record<string, unknown>;
  if (!isIds(prompt, tokenizer) || (reply !== undefined && !isIds(reply, tokenizer))) {
    throw new Error(`${path}: expected ${IDS_FORM}, each from 0 to ${tokenizer.vocabSize - 1}`);
  }
  return {
    prompt: Int32Array.from(prompt),
    ...(reply !== undefined && reply.length > 0 && { reply: Int32Array.from(reply) }),
  };
}

function isIds(value: unknown, { vocabSize }: Tokenizer): value is number[] {
  const isId = (id: unknown) => Number.isInteger(id) && Number(id) >= 0 && Number(id) < vocabSize;
  return Array.isArray(value) && value.every(isId);
}

const IDS_FORM = 'an object with token ids, `prompt` and perhaps `reply`';
const FILE_FORM = 'a JSON array of messages, or an object with `messages`';
const REQUEST_FORM = 'a request body, a JSON object';

function readJson(path: string, expected: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as unknown;
  } catch (error) {
    const isSystem = systemCode(error) !== null;
    const reason = isSystem ? systemReason(error) : `not JSON (${systemReason(error)})`;
    throw new Error(`${path}: ${reason}; expected ${expected}`, { cause: error });
  }
}
