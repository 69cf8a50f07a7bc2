// Where a page of an account's ledger ended, as opaque text.

import { z } from 'zod';
import type { AccountLedgerPlace } from '../../store/admin-types.js';
import { StoreError } from '../../store/store-error.js';

const nano = z
  .string()
  .regex(/^-?\d{1,18}$/)
  .transform(BigInt);

const place = z.tuple([
  z.int().min(0),
  z.string().min(1).max(200),
  z.strictObject({ CNY: nano.optional(), USD: nano.optional() }),
]);

export function writeLedgerCursor({
  createdAt,
  transactionId,
  balances,
}: AccountLedgerPlace): string {
  const texts = Object.fromEntries(
    Object.entries(balances).map(([currency, balance]) => [currency, balance.toString()]),
  );
  return Buffer.from(JSON.stringify([createdAt, transactionId, texts])).toString('base64url');
}

/** @throws StoreError invalid */
export function readLedgerCursor(cursor: string): AccountLedgerPlace {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    json = undefined; // refused below, with the text that was given
  }
  const parsed = place.safeParse(json);
  if (!parsed.success) {
    const shown = JSON.stringify(cursor.slice(0, 80));
    throw new StoreError('invalid', `the cursor ${shown} is none of a page of a ledger`);
  }
  const [createdAt, transactionId, { CNY, USD }] = parsed.data;
  return {
    createdAt,
    transactionId,
    balances: { ...(CNY !== undefined && { CNY }), ...(USD !== undefined && { USD }) },
  };
}
