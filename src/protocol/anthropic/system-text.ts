// System instructions of the Anthropic door: a string or an array of text blocks (api reference
// §9.3), without the line that would keep conversations from sharing a prompt prefix.

import type { Cursor } from '../deserialize.js';

/**
 * Claude Code opens its system prompt with this line, whose value depends on the user's prompt (client
 * notes: Claude Code). It says nothing to the model, and as the very first text it would make every
 * conversation miss the prefix cache (api reference §7: only prefixes from token 0 count).
 */
const BILLING_LINE = /^x-anthropic-billing-header:[^\n]*\n*/;

/** Blocks are joined by line breaks. @throws DeserializeError */
export function readSystemText(system: Cursor): string {
  if (system.isString) return withoutBillingLine(system.string());
  const texts = system.items('a string or a sequence of text blocks').map((block) => {
    block.required('type', 'struct TextBlock').variant(['text']);
    return block.required('text').string();
  });
  const kept = texts.flatMap((text) => {
    const rest = withoutBillingLine(text);
    return rest === '' && text !== '' ? [] : [rest];
  });
  return kept.join('\n');
}

function withoutBillingLine(text: string): string {
  return text.replace(BILLING_LINE, '');
}
