// `GET /anthropic/v1/models` and `/{id}` (api reference §1.1): the two names of the platform in the shape that
// Anthropic's clients page through.

import { modelMissingError } from '../openai/errors.js';
import { CHAT_MODE, THINKING_MODE, type Mode } from '../openai/modes.js';

/** The release day of V3.2; the OpenAI-style list has no date. */
const CREATED_AT = '2025-12-01T00:00:00Z';

const MODELS = [CHAT_MODE, THINKING_MODE];

export function anthropicModelListBody(): string {
  const data = MODELS.map(modelEntry);
  return JSON.stringify({
    data,
    has_more: false,
    first_id: data[0]?.id ?? null,
    last_id: data.at(-1)?.id ?? null,
  });
}

/** @throws ApiError 404 for a name that is not in the list, whatever a message may be sent to. */
export function anthropicModelBody(id: string): string {
  const mode = MODELS.find(({ alias }) => alias === id);
  if (!mode) throw modelMissingError(id);
  return JSON.stringify(modelEntry(mode));
}

function modelEntry({ alias, thinking }: Mode) {
  return {
    type: 'model',
    id: alias,
    display_name: `DeepSeek-V3.2 (${thinking ? 'thinking' : 'chat'})`,
    created_at: CREATED_AT,
  };
}
