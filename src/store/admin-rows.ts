// Rows of accounts and keys to records, and limits to columns.

import type { Selectable } from 'kysely';
import type { AccountRecord, KeyLimits, KeyRecord } from './admin-types.js';
import type { Tables } from './schema.js';

export function accountRecord(row: Selectable<Tables['accounts']>): AccountRecord {
  return {
    id: row.id,
    name: row.name,
    unlimited: row.unlimited !== 0n,
    createdAt: new Date(Number(row.created_at)),
  };
}

export function keyRecord(row: Selectable<Tables['api_keys']>): KeyRecord {
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    last4: row.last4,
    profile: row.profile ?? undefined,
    leniencies: JSON.parse(row.leniencies) as string[],
    maxConcurrency: row.max_concurrency === null ? undefined : Number(row.max_concurrency),
    createdAt: new Date(Number(row.created_at)),
    expiresAt: dateOf(row.expires_at),
    revokedAt: dateOf(row.revoked_at),
  };
}

interface KeyColumns {
  name?: string;
  profile?: string | null;
  leniencies?: string;
  max_concurrency?: bigint | null;
  expires_at?: bigint | null;
}

/** Only of the fields that are there. */
export function keyColumns(limits: KeyLimits): KeyColumns {
  const { name, profile, leniencies, maxConcurrency, expiresAt } = limits;
  return {
    ...(name !== undefined && { name }),
    ...(profile !== undefined && { profile }),
    ...(leniencies !== undefined && { leniencies: JSON.stringify([...new Set(leniencies)]) }),
    ...(maxConcurrency !== undefined && {
      max_concurrency: maxConcurrency === null ? null : BigInt(maxConcurrency),
    }),
    ...(expiresAt !== undefined && {
      expires_at: expiresAt === null ? null : BigInt(expiresAt.getTime()),
    }),
  };
}

function dateOf(value: bigint | null): Date | undefined {
  return value === null ? undefined : new Date(Number(value));
}
