// What one request cost, as the ledger has it: the charge that was posted for its usage record.

import type { Currency } from './types.js';
import type { SqlEngine } from './sql-engine.js';

export interface RequestCharge {
  transactionId: string;
  createdAt: Date;
  /** Nano-units by currency, in the order of the entries. */
  amounts: { currency: Currency; amount: bigint }[];
}

/** undefined = nothing was charged, or not yet. */
export async function chargeOf(
  { db }: SqlEngine,
  requestId: string,
): Promise<RequestCharge | undefined> {
  const rows = await db
    .selectFrom('ledger_transactions as t')
    .innerJoin('ledger_entries as e', 'e.transaction_id', 't.id')
    .select(['t.id', 't.created_at', 'e.currency', 'e.amount'])
    .where('t.request_id', '=', requestId)
    .where('e.ledger_account', 'in', ['revenue:CNY', 'revenue:USD'])
    .orderBy('e.line')
    .execute();
  const [first] = rows;
  return (
    first && {
      transactionId: first.id,
      createdAt: new Date(Number(first.created_at)),
      amounts: rows.map(({ currency, amount }) => ({ currency, amount })),
    }
  );
}
