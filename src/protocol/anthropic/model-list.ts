// `GET /anthropic/v1/models` (api reference §1.1): the two names of the platform in the shape that
// Anthropic's clients page through.

import { CHAT_MODE, THINKING_MODE } from '../openai/modes.js';

/** The release day of V3.2; the OpenAI-style list has no date. */
const CREATED_AT = '2025-12-01T00:00:00Z';

export function anthropicModelListBody(): string {
  const data = [CHAT_MODE, THINKING_MODE].map(({ alias, thinking }) => ({
    type: 'model',
    id: alias,
    display_name: `DeepSeek-V3.2 (${thinking ? 'thinking' : 'chat'})`,
    created_at: CREATED_AT,
  }));
  return JSON.stringify({
    data,
    has_more: false,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  });
}
