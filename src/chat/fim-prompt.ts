// A FimRequest as prompt tokens (encoding reference §11: BOS by the server; without a suffix the
// prompt is simply continued). No template, no tools, nothing forced.

import { encodeFim } from '../encoding/fim.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import type { Prompt } from './prompt.js';
import type { FimRequest } from './types.js';

/** In steps, as a chat's prompt. */
export function* buildFimPrompt(
  { prompt, suffix }: FimRequest,
  tokenizer: Tokenizer,
): Generator<void, Prompt> {
  const segments = encodeFim({ prompt, addBos: true, ...(suffix !== undefined && { suffix }) });
  const tokens = yield* tokenizer.encodeInSlices(segments);
  return { tokens, forcedTokens: new Int32Array(0) };
}
