// Tokens, times and list price of one request to the model.

import type { WireUsage } from '../../agent/chat-client.js';
import { formatMoneyExactly } from '../../store/money.js';
import { costOf, CURRENCIES, PRICES } from '../../store/prices.js';
import type { RunUsage } from '../run-events.js';
import type { RequestUsage } from '../web-host.js';

/** When a request was made and its tokens came, in milliseconds. */
export interface RequestTimes {
  asked: number;
  firstToken: number | undefined;
  lastToken: number | undefined;
  ended: number;
}

export function runUsage(
  usage: RequestUsage,
  { times, isBilled }: { times: RequestTimes; isBilled: boolean },
): RunUsage {
  const { asked, firstToken, lastToken, ended } = times;
  const { promptTokens, cacheHitTokens, completionTokens, reasoningTokens } = usage;
  const isTimed = firstToken !== undefined && lastToken !== undefined;
  const costs = CURRENCIES.map((currency) => {
    return [currency, formatMoneyExactly(costOf(usage, PRICES[currency]))] as const;
  });
  return {
    prompt_tokens: promptTokens,
    cache_hit_tokens: cacheHitTokens,
    cache_miss_tokens: promptTokens - cacheHitTokens,
    completion_tokens: completionTokens,
    reasoning_tokens: reasoningTokens,
    first_token_ms: firstToken === undefined ? null : firstToken - asked,
    duration_ms: ended - asked,
    generation_ms: isTimed ? lastToken - firstToken : 0,
    cost: isBilled ? Object.fromEntries(costs) : {},
  };
}

export function requestUsage(usage: WireUsage): RequestUsage {
  return {
    promptTokens: usage.prompt_tokens,
    cacheHitTokens: usage.prompt_cache_hit_tokens ?? 0,
    completionTokens: usage.completion_tokens,
    reasoningTokens: usage.completion_tokens_details?.reasoning_tokens ?? 0,
  };
}

export const NO_USAGE: RunUsage = {
  prompt_tokens: 0,
  cache_hit_tokens: 0,
  cache_miss_tokens: 0,
  completion_tokens: 0,
  reasoning_tokens: 0,
  first_token_ms: null,
  duration_ms: 0,
  generation_ms: 0,
  cost: {},
};
