// Grants and top-ups: money that comes in, once per idempotency key.

import { formatMoneyExactly } from './money.js';
import { randomUUID } from 'node:crypto';
import type { MoneyIn } from './admin-types.js';
import { grantedName, toppedUpName } from './charge.js';
import { type LedgerEntry, platformEntry, post } from './ledger.js';
import type { Trx } from './schema.js';
import type { SqlEngine } from './sql-engine.js';
import { StoreError } from './store-error.js';

/** A million per posting: nine thousand of them still fit into 64 bits of nano-units. */
const MAX_AMOUNT = 1_000_000n * 1_000_000_000n;

interface Posting extends MoneyIn {
  kind: 'grant' | 'top-up';
  expiresAt: number | undefined;
  now: number;
}

/** Contract: the caller holds the writers' lock and knows that the account exists. */
export async function postMoney(engine: SqlEngine, trx: Trx, posting: Posting): Promise<void> {
  const { accountId, currency, amount, kind, note, now, idempotencyKey } = posting;
  check(posting);
  const id = `${kind}:${accountId}:${idempotencyKey ?? randomUUID()}`;
  if (idempotencyKey !== undefined && (await isRepeated(trx, id, posting))) return;
  await post(engine, trx, [
    {
      id,
      kind,
      accountId,
      note,
      currency,
      createdAt: now,
      entries: [
        customerEntry(id, posting),
        platformEntry(kind === 'grant' ? 'grants' : 'deposits', currency, -amount),
      ],
    },
  ]);
}

/** A grant that expires has a ledger account of its own, so that what is left of it is known. */
function customerEntry(
  id: string,
  { accountId, currency, amount, kind, expiresAt }: Posting,
): LedgerEntry {
  if (kind === 'top-up') {
    const ledgerAccount = toppedUpName(accountId, currency);
    return { ledgerAccount, kind: 'topped_up', accountId, amount };
  }
  const name = grantedName(accountId, currency);
  const ledgerAccount = expiresAt === undefined ? name : `${name}:${id}`;
  return { ledgerAccount, kind: 'granted', accountId, expiresAt, amount };
}

/** @throws StoreError conflict when the key was used for another amount. */
async function isRepeated(trx: Trx, id: string, { amount, currency }: Posting): Promise<boolean> {
  const entry = await trx
    .selectFrom('ledger_entries')
    .select(['amount', 'currency'])
    .where('transaction_id', '=', id)
    .where('line', '=', 0n)
    .executeTakeFirst();
  if (entry === undefined) return false;
  if (entry.amount === amount && entry.currency === currency) return true;
  throw new StoreError(
    'conflict',
    `the payment ${id.split(':').at(-1)} was posted with ${formatMoneyExactly(entry.amount)} ${entry.currency}, not ` +
      `${formatMoneyExactly(amount)} ${currency}`,
  );
}

function check({ amount, note, idempotencyKey, expiresAt, now }: Posting): void {
  if (amount <= 0n || amount > MAX_AMOUNT) {
    throw new StoreError(
      'invalid',
      `the amount must be above 0 and at most 1000000, got ${formatMoneyExactly(amount)}`,
    );
  }
  for (const text of [note, idempotencyKey]) {
    if (text !== undefined && (text.length > 500 || /\p{Cc}|\p{Cs}/u.test(text))) {
      throw new StoreError(
        'invalid',
        'notes and idempotency keys are at most 500 characters of text',
      );
    }
  }
  if (expiresAt !== undefined && !(expiresAt > now)) {
    throw new StoreError('invalid', 'a grant must expire in the future');
  }
}
