// The route and the smallest valid body of each dialect: what a requirement adds its own fields to. No
// files and no network, so that the page's playground shows the same requests.

import type { Json, JsonMap } from './json-value.js';
import type { Dialect } from './requirement.js';

export const DIALECT_PATHS: Readonly<Record<Dialect, string>> = {
  chat: '/chat/completions',
  fim: '/beta/completions',
  anthropic: '/anthropic/v1/messages',
  responses: '/v1/responses',
  platform: '/models',
};

const MESSAGES: Json = [{ role: 'user', content: 'Say hello.' }];

/** Cheap on purpose: few tokens, one short message. */
export const SMALLEST_BODIES: Readonly<Record<Dialect, JsonMap>> = {
  chat: { model: 'deepseek-chat', messages: MESSAGES, max_tokens: 32 },
  fim: { model: 'deepseek-chat', prompt: 'def add(a, b):\n    return', max_tokens: 8 },
  anthropic: { model: 'deepseek-chat', max_tokens: 32, messages: MESSAGES },
  responses: { model: 'deepseek-chat', input: 'Say hello.', max_output_tokens: 32 },
  platform: {},
};
