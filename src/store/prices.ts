// What a token costs (api reference §1.5). Both model names and the Speciale have one price;
// reasoning is billed as output.

import type { Currency, UsageRecord } from './types.js';

/** Nano-units per token: 28 is 0.028 per million tokens. */
export interface TokenPrice {
  cacheHit: bigint;
  cacheMiss: bigint;
  output: bigint;
}

export type Prices = Readonly<Record<Currency, TokenPrice>>;

export const PRICES: Prices = {
  CNY: { cacheHit: 200n, cacheMiss: 2_000n, output: 3_000n },
  USD: { cacheHit: 28n, cacheMiss: 280n, output: 420n },
};

/** In the order in which an account that holds several is charged. */
export const CURRENCIES: readonly Currency[] = ['CNY', 'USD'];

type Tokens = Pick<UsageRecord, 'promptTokens' | 'cacheHitTokens' | 'completionTokens'>;

/** Nano-units. */
export function costOf(usage: Tokens, { cacheHit, cacheMiss, output }: TokenPrice): bigint {
  const hit = BigInt(usage.cacheHitTokens);
  const miss = BigInt(usage.promptTokens) - hit;
  return hit * cacheHit + miss * cacheMiss + BigInt(usage.completionTokens) * output;
}
