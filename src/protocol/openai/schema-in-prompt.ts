// The leniency `schema_in_prompt`: a `json_schema` response format becomes a sentence of the prompt.

import type { JsonValue } from '../../encoding/json.js';
import type { Message } from '../../encoding/message.js';

/**
 * The prompt format has a sentence for it, at the system message (encoding reference §10). Where
 * none is in front an empty one is put there, and every message moves by one place.
 */
export function withSchemaInPrompt(messages: Message[], schema: JsonValue): Message[] {
  const [first, ...rest] = messages;
  return first?.role === 'system'
    ? [{ ...first, responseFormat: schema }, ...rest]
    : [{ role: 'system', content: '', responseFormat: schema }, ...messages];
}
