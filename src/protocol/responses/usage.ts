// The usage object of the Responses format; `input_tokens` holds the cached ones and `output_tokens`
// the reasoning.

import type { ReplyUsage } from '../../chat/types.js';

/** As JSON text. */
export function usageText(usage: ReplyUsage): string {
  const { promptTokens, cacheHitTokens, completionTokens, reasoningTokens } = usage;
  return (
    `{"input_tokens":${promptTokens},` +
    `"input_tokens_details":{"cached_tokens":${cacheHitTokens}},` +
    `"output_tokens":${completionTokens},` +
    `"output_tokens_details":{"reasoning_tokens":${reasoningTokens}},` +
    `"total_tokens":${promptTokens + completionTokens}}`
  );
}
