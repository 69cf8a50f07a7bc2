// The usage object (api reference §3.3); its key order is the wire's. Reasoning tokens are listed in
// thinking mode only and are part of the completion tokens.

import type { ReplyUsage } from '../../chat/types.js';

export interface WireUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens: number };
  completion_tokens_details?: { reasoning_tokens: number };
  prompt_cache_hit_tokens: number;
  prompt_cache_miss_tokens: number;
}

export function wireUsage(usage: ReplyUsage, { thinking }: { thinking: boolean }): WireUsage {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    prompt_tokens_details: { cached_tokens: usage.cacheHitTokens },
    ...(thinking && {
      completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    }),
    prompt_cache_hit_tokens: usage.cacheHitTokens,
    prompt_cache_miss_tokens: usage.cacheMissTokens,
  };
}
