// Where usage comes from: all of it for an operator, one's own key or account for everybody else.

import type { OwnUsage, UsageCellInfo } from '../../../../src/web/account/account-wire.js';
import { call } from '../../api/http.js';
import { adminClient } from '../admin-client.js';

export interface UsageRange {
  /** UTC days, both included. */
  from: string;
  to: string;
}

/** Of an operator: ids, empty = all. Of others: whether the account's other keys are in it. */
export type UsageChoice =
  { kind: 'all'; account: string; key: string } | { kind: 'own'; scope: 'key' | 'account' };

export interface UsageData {
  cells: UsageCellInfo[];
  /** What the keys in it are called. */
  keyNames: ReadonlyMap<string, string>;
}

const DAY_MS = 86_400_000;

export async function loadUsage(
  { from, to }: UsageRange,
  choice: UsageChoice,
  signal: AbortSignal,
): Promise<UsageData> {
  if (choice.kind === 'own') {
    const query = new URLSearchParams({ from, to, scope: choice.scope });
    const path = `/web/v1/account/usage?${query.toString()}`;
    const { data, keys } = await call<OwnUsage>(path, { signal });
    return { cells: data, keyNames: new Map(keys.map((key) => [key.id, keyName(key)])) };
  }
  const [cells, keys] = await Promise.all([
    adminClient.usageCells(
      {
        from: `${from}T00:00:00Z`,
        // The day after, since the admin API leaves the last moment out.
        to: new Date(Date.parse(to) + DAY_MS).toISOString(),
        ...(choice.account !== '' && { account: choice.account }),
        ...(choice.key !== '' && { key: choice.key }),
      },
      signal,
    ),
    adminClient.keys(signal),
  ]);
  return { cells, keyNames: new Map(keys.map((key) => [key.id, keyName(key)])) };
}

export function keyName({ name, tail }: { name: string; tail: string }): string {
  return name === '' ? tail : `${name} ${tail}`;
}
