// What the admin API takes. Money comes as decimal text, times as ISO 8601.

import { z } from 'zod';
import { LENIENCIES, PROFILES } from '../../protocol/leniency.js';
import { parseMoney } from '../../store/money.js';

const name = z.string().trim().min(1).max(100);
const time = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const profile = z.enum(Object.keys(PROFILES) as [keyof typeof PROFILES]);
const leniencies = z.array(z.enum(LENIENCIES)).max(LENIENCIES.length);
const maxConcurrency = z.int().min(1).max(1_000_000);

const money = z.string().transform((text, context) => {
  const nano = parseMoney(text);
  if (nano !== undefined && nano > 0n) return nano;
  context.addIssue(`must be an amount above zero such as "10.00", got ${JSON.stringify(text)}`);
  return z.NEVER;
});

export const newAccount = z.strictObject({ name, unlimited: z.boolean().optional() });

export const newKey = z.strictObject({
  account: z.string().min(1).max(100),
  name: name.optional(),
  profile: profile.optional(),
  leniencies: leniencies.optional(),
  max_concurrency: maxConcurrency.optional(),
  expires_at: time.optional(),
});

/** null = the server's default again. */
export const changedKey = z.strictObject({
  name: name.optional(),
  profile: profile.nullable().optional(),
  leniencies: leniencies.optional(),
  max_concurrency: maxConcurrency.nullable().optional(),
  expires_at: time.nullable().optional(),
});

export const moneyIn = z.strictObject({
  kind: z.enum(['grant', 'top-up']),
  currency: z.enum(['CNY', 'USD']),
  amount: money,
  note: z.string().max(500).optional(),
  idempotency_key: z.string().min(1).max(200).optional(),
  expires_at: time.optional(),
});

export const usageFilter = z.strictObject({
  account: z.string().optional(),
  key: z.string().optional(),
  from: time.optional(),
  to: time.optional(),
});

export const usageQuery = usageFilter.extend({
  by: z.enum(['day', 'model', 'key']).default('day'),
});

export const ledgerQuery = z.strictObject({
  account: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

export const accountLedgerQuery = z.strictObject({
  kind: z.enum(['grant', 'top-up', 'charge', 'expire']).optional(),
  cursor: z.string().max(1000).optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(50),
});
