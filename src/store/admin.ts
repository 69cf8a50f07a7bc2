// PlatformAdmin: accounts, keys, money. Listings and sums are in reports.ts.

import { randomBytes } from 'node:crypto';
import { accountLedgerPage } from './account-ledger.js';
import type {
  AccountLedgerLine,
  AccountLedgerPage,
  AccountLedgerPlace,
  AccountRecord,
  KeyLimits,
  KeyRecord,
  LedgerAudit,
  LedgerRow,
  MoneyIn,
  NewKey,
  PlatformAdmin,
  RecomputedAccount,
  UsageCell,
  UsageFilter,
  UsageGroup,
  UsageQuery,
} from './admin-types.js';
import { auditLedger } from './audit.js';
import { accountRecord, keyColumns, keyRecord } from './admin-rows.js';
import { readBalance, readBalances } from './balance.js';
import { isKeyText, keyDigest } from './identity.js';
import { postMoney } from './money-in.js';
import { recomputeAccounts } from './recomputation.js';
import { lastUses, ledgerRows, usageCells, usageGroups } from './reports.js';
import type { Trx } from './schema.js';
import { ask, changeAdmin, changeLedger, type StoreCore } from './store-core.js';
import { StoreError } from './store-error.js';
import type { Balance } from './types.js';

export class Admin implements PlatformAdmin {
  constructor(private readonly core: StoreCore) {}

  async createAccount(account: { name: string; unlimited?: boolean }): Promise<AccountRecord> {
    const { name, unlimited = false } = account;
    checkName(name, 'account');
    return this.#change(async (trx) => {
      const row = {
        id: newId('acct'),
        name,
        unlimited: unlimited ? 1n : 0n,
        created_at: BigInt(this.core.now()),
      };
      const taken = await trx
        .selectFrom('accounts')
        .select('id')
        .where('name', '=', name)
        .executeTakeFirst();
      if (taken !== undefined) {
        throw new StoreError('conflict', `there is an account named ${JSON.stringify(name)}`);
      }
      await trx.insertInto('accounts').values(row).execute();
      return accountRecord(row);
    });
  }

  listAccounts(): Promise<AccountRecord[]> {
    return ask(this.core, async () => {
      const rows = await this.core.engine.db
        .selectFrom('accounts')
        .selectAll()
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(accountRecord);
    });
  }

  findAccount(idOrName: string): Promise<AccountRecord> {
    return ask(this.core, async () => {
      const row = await this.core.engine.db
        .selectFrom('accounts')
        .selectAll()
        .where((eb) => eb.or([eb('id', '=', idOrName), eb('name', '=', idOrName)]))
        .executeTakeFirst();
      if (row === undefined) throw notFound('account', idOrName);
      return accountRecord(row);
    });
  }

  async createKey(request: NewKey): Promise<{ key: string; record: KeyRecord }> {
    const key = request.key ?? `sk-${randomBytes(16).toString('hex')}`;
    if (!isKeyText(key)) {
      throw new StoreError('invalid', 'a key is 1 to 512 printable ASCII characters, no blanks');
    }
    checkLimits(request);
    return this.#change(async (trx) => {
      await requireAccount(trx, request.accountId);
      const digest = keyDigest(key);
      const known = await trx
        .selectFrom('api_keys')
        .select('id')
        .where('digest', '=', digest)
        .executeTakeFirst();
      if (known !== undefined) {
        throw new StoreError(
          'conflict',
          `the key ****${key.slice(-4)} exists already: ${known.id}`,
        );
      }
      const row = {
        id: newId('key'),
        account_id: request.accountId,
        name: '',
        digest,
        // Of a very short key, less: four characters would be most of it.
        last4: key.length >= 12 ? key.slice(-4) : key.slice(-1),
        profile: null,
        leniencies: '[]',
        max_concurrency: null,
        created_at: BigInt(this.core.now()),
        expires_at: null,
        revoked_at: null,
        ...keyColumns(request),
      };
      await trx.insertInto('api_keys').values(row).execute();
      return { key, record: keyRecord(row) };
    });
  }

  listKeys({ accountId }: { accountId?: string } = {}): Promise<KeyRecord[]> {
    return ask(this.core, async () => {
      const rows = await this.core.engine.db
        .selectFrom('api_keys')
        .selectAll()
        .$if(accountId !== undefined, (query) => query.where('account_id', '=', accountId!))
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return rows.map(keyRecord);
    });
  }

  findKey(key: string): Promise<KeyRecord | undefined> {
    return ask(this.core, async () => {
      const row = await this.core.engine.db
        .selectFrom('api_keys')
        .selectAll()
        .where('digest', '=', keyDigest(key))
        .executeTakeFirst();
      return row === undefined ? undefined : keyRecord(row);
    });
  }

  async updateKey(id: string, limits: KeyLimits): Promise<KeyRecord> {
    checkLimits(limits);
    const columns = keyColumns(limits);
    return this.#change(async (trx) => {
      // Setting a column to itself keeps an update without fields valid SQL.
      const row = await trx
        .updateTable('api_keys')
        .set((eb) => ({ id: eb.ref('id'), ...columns }))
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst();
      if (row === undefined) throw notFound('key', id);
      return keyRecord(row);
    });
  }

  revokeKey(id: string): Promise<KeyRecord> {
    return this.#change(async (trx) => {
      await trx
        .updateTable('api_keys')
        .set({ revoked_at: BigInt(this.core.now()) })
        .where('id', '=', id)
        .where('revoked_at', 'is', null)
        .execute();
      const row = await trx
        .selectFrom('api_keys')
        .selectAll()
        .where('id', '=', id)
        .executeTakeFirst();
      if (row === undefined) throw notFound('key', id);
      return keyRecord(row);
    });
  }

  grant(money: MoneyIn & { expiresAt?: Date }): Promise<Balance> {
    return this.#moneyIn(money, 'grant', money.expiresAt?.getTime());
  }

  topUp(money: MoneyIn): Promise<Balance> {
    return this.#moneyIn(money, 'top-up', undefined);
  }

  async balance(accountId: string): Promise<Balance> {
    return readBalance(this.core, accountId);
  }

  balances(): Promise<Map<string, Balance>> {
    return readBalances(this.core);
  }

  async lastUses(keyIds: readonly string[]): Promise<Map<string, Date>> {
    await ask(this.core, () => this.core.drainer.drain());
    return ask(this.core, () => lastUses(this.core.engine, keyIds));
  }

  async usageCells(filter: UsageFilter): Promise<UsageCell[]> {
    await ask(this.core, () => this.core.drainer.drain());
    return ask(this.core, () => usageCells(this.core.engine, filter));
  }

  async usage(query: UsageQuery): Promise<UsageGroup[]> {
    await ask(this.core, () => this.core.drainer.drain());
    return ask(this.core, () => usageGroups(this.core.engine, query));
  }

  async ledger(query: { accountId?: string; limit?: number }): Promise<LedgerRow[]> {
    await ask(this.core, () => this.core.drainer.drain());
    return ask(this.core, () => ledgerRows(this.core.engine, query));
  }

  async auditLedger(): Promise<LedgerAudit> {
    await ask(this.core, () => this.core.drainer.drain());
    return ask(this.core, () => auditLedger(this.core.engine));
  }

  async accountLedger(query: {
    accountId: string;
    kind?: AccountLedgerLine['kind'];
    after?: AccountLedgerPlace;
    limit: number;
  }): Promise<AccountLedgerPage> {
    const { id } = await this.findAccount(query.accountId);
    await ask(this.core, () => this.core.drainer.drain());
    return ask(this.core, () => accountLedgerPage(this.core.engine, { ...query, accountId: id }));
  }

  async recomputeAccounts(): Promise<RecomputedAccount[]> {
    const { engine, funds, drainer } = this.core;
    await ask(this.core, () => drainer.drain());
    return ask(this.core, () => recomputeAccounts(engine, funds.prices));
  }

  #change<T>(change: (trx: Trx) => Promise<T>): Promise<T> {
    return ask(this.core, () => changeAdmin(this.core, change));
  }

  async #moneyIn(
    money: MoneyIn,
    kind: 'grant' | 'top-up',
    expiresAt: number | undefined,
  ): Promise<Balance> {
    const { engine, now, drainer } = this.core;
    // What was answered before the money came is paid without it.
    await ask(this.core, () => drainer.drain());
    await ask(this.core, () =>
      changeLedger(this.core, async (trx) => {
        await requireAccount(trx, money.accountId);
        await postMoney(engine, trx, { ...money, kind, expiresAt, now: now() });
        return [money.accountId];
      }),
    );
    return this.balance(money.accountId);
  }
}

async function requireAccount(trx: Trx, id: string): Promise<void> {
  const row = await trx.selectFrom('accounts').select('id').where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw notFound('account', id);
}

function notFound(what: string, id: string): StoreError {
  return new StoreError('not-found', `there is no ${what} ${JSON.stringify(id.slice(0, 80))}`);
}

function newId(prefix: string): string {
  return `${prefix}_${randomBytes(8).toString('hex')}`;
}

function checkName(name: string, what: string): void {
  if (name.length > 0 && name.length <= 100 && !/\p{C}/u.test(name)) return;
  throw new StoreError('invalid', `the ${what}'s name must be 1 to 100 printable characters`);
}

function checkLimits({ name, maxConcurrency, expiresAt, leniencies, profile }: KeyLimits): void {
  if (name !== undefined && name !== '') checkName(name, 'key');
  for (const word of [...(leniencies ?? []), ...(profile == null ? [] : [profile])]) {
    checkName(word, 'profile or leniency');
  }
  if (maxConcurrency != null && !(Number.isInteger(maxConcurrency) && maxConcurrency > 0)) {
    throw new StoreError('invalid', `maxConcurrency must be 1 or more, got ${maxConcurrency}`);
  }
  if (expiresAt != null && Number.isNaN(expiresAt.getTime())) {
    throw new StoreError('invalid', 'expiresAt is not a date');
  }
}
