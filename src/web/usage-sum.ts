// Usage of several requests together, as a run and a conversation show it. Money is added as decimal
// text, exactly: no floating point touches it.

import type { RunUsage } from './run-events.js';

/** Tokens and times together; the first token is that of the first. null where none is known. */
export function sumOf(usages: readonly (RunUsage | null)[]): RunUsage | null {
  const known = usages.filter((usage) => usage !== null);
  const [first, ...others] = known;
  if (!first) return null;
  const sum = { ...first, cost: { ...first.cost } };
  for (const usage of others) {
    for (const name of SUMMED) sum[name] += usage[name];
    for (const [currency, cost] of Object.entries(usage.cost)) {
      sum.cost[currency] = addDecimals(sum.cost[currency] ?? '0', cost);
    }
  }
  return sum;
}

const SUMMED = [
  'prompt_tokens',
  'cache_hit_tokens',
  'cache_miss_tokens',
  'completion_tokens',
  'reasoning_tokens',
  'duration_ms',
  'generation_ms',
] as const;

/** Exactly, of two decimal texts that are not negative; with at least two decimals. */
export function addDecimals(a: string, b: string): string {
  const decimals = (text: string) => (text.split('.')[1] ?? '').length;
  const places = Math.max(decimals(a), decimals(b), 2);
  const scaled = (text: string) => {
    const [whole = '0', fraction = ''] = text.split('.');
    return BigInt(whole + fraction.padEnd(places, '0'));
  };
  const digits = (scaled(a) + scaled(b)).toString().padStart(places + 1, '0');
  const text = `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  return text.replace(/(\.\d\d\d*?)0+$/, '$1');
}
