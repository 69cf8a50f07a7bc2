// What the console reads of money and usage, the same on every database.

import assert from 'node:assert/strict';
import test from 'node:test';
import { sql } from 'kysely';
import { type StorePlace, storePlaces, usageRecord } from '../../test/helpers/store-places.js';
import type { AccountLedgerPlace } from './admin-types.js';
import { openLibsql } from './libsql-engine.js';
import { openPlatform } from './open-platform.js';
import type { PlatformStore } from './platform-store.js';
import { openPostgres } from './postgres-engine.js';

const YUAN = 1_000_000_000n;
/** 64 hits, 36 misses, 10 out of usageRecord(), in nano-yuan. */
const COST = 64n * 200n + 36n * 2_000n + 10n * 3_000n;

interface Context {
  store: PlatformStore;
  clock: { now: number };
  databaseUrl: string;
}

for (const place of storePlaces()) {
  test(`reports on ${place.name}`, { skip: place.missing }, async (t) => {
    t.after(() => place.remove());
    for (const [name, action] of Object.entries(BEHAVIOURS)) {
      if (name.startsWith('a charge') && place.name === 'memory') continue; // needs a second opening
      await t.test(name, () => withStore(place, action));
    }
  });
}

async function withStore(place: StorePlace, action: (context: Context) => Promise<void>) {
  const places = await place.fresh();
  const clock = { now: Date.parse('2026-01-02T03:04:05Z') };
  const store = await openPlatform({ ...places, now: () => clock.now });
  try {
    await action({ store, clock, databaseUrl: places.databaseUrl! });
  } finally {
    await store.close();
  }
}

const BEHAVIOURS: Record<string, (context: Context) => Promise<void>> = {
  'usage comes by day, model and key at once, and only of who was asked for': async ({ store }) => {
    const { id } = await store.admin.createAccount({ name: 'ops', unlimited: true });
    const other = await store.admin.createAccount({ name: 'other', unlimited: true });
    const uses = [
      ['2026-01-01T23:59:59.999Z', 'deepseek-chat', 'key_a', id],
      ['2026-01-02T00:00:00Z', 'deepseek-chat', 'key_a', id],
      ['2026-01-02T10:00:00Z', 'deepseek-chat', 'key_a', id],
      ['2026-01-02T10:00:00Z', 'deepseek-chat', 'key_b', id],
      ['2026-01-02T10:00:00Z', 'deepseek-reasoner', 'key_a', id],
      ['2026-01-02T10:00:00Z', 'deepseek-chat', 'key_x', other.id],
    ] as const;
    for (const [index, [day, model, keyId, accountId]] of uses.entries()) {
      const finishedAt = new Date(day);
      await store.record(
        usageRecord({ requestId: `r${index}`, accountId, keyId, model, finishedAt }),
      );
    }
    const cells = await store.admin.usageCells({ accountId: id });
    assert.deepEqual(
      cells.map(({ day, model, keyId, requests, cost }) => [day, model, keyId, requests, cost.CNY]),
      [
        ['2026-01-01', 'deepseek-chat', 'key_a', 1, COST],
        ['2026-01-02', 'deepseek-chat', 'key_a', 2, 2n * COST],
        ['2026-01-02', 'deepseek-chat', 'key_b', 1, COST],
        ['2026-01-02', 'deepseek-reasoner', 'key_a', 1, COST],
      ],
    );
    assert.equal(cells[1]!.promptTokens, 200);
    assert.equal(cells[1]!.accountId, id);
    const one = await store.admin.usageCells({ keyId: 'key_b', to: new Date('2026-01-03') });
    assert.equal(one.length, 1);
  },

  'the last use of each key is when its last request finished': async ({ store }) => {
    const { id } = await store.admin.createAccount({ name: 'ops', unlimited: true });
    for (const [index, day] of ['2026-01-02', '2026-01-05', '2026-01-03'].entries()) {
      const finishedAt = new Date(day);
      const requestId = `r${index}`;
      await store.record(usageRecord({ requestId, accountId: id, keyId: 'key_a', finishedAt }));
    }
    const uses = await store.admin.lastUses(['key_a', 'key_never']);
    assert.deepEqual([...uses], [['key_a', new Date('2026-01-05')]]);
    assert.deepEqual([...(await store.admin.lastUses([]))], []);
  },

  'an account reads its transactions with what was left after each, page by page': async ({
    store,
    clock,
  }) => {
    const { id } = await store.admin.createAccount({ name: 'alice' });
    const expiresAt = new Date(clock.now + 10_000);
    await store.admin.grant({ accountId: id, currency: 'CNY', amount: YUAN, expiresAt });
    clock.now += 1000;
    await store.admin.topUp({ accountId: id, currency: 'USD', amount: 5n * YUAN, note: 'paid' });
    for (let index = 0; index < 3; index += 1) {
      clock.now += 1000;
      await store.record(usageRecord({ requestId: `r${index}`, accountId: id }));
      await store.admin.balance(id); // drains, so that each has its time
    }
    const lines = [];
    let after: AccountLedgerPlace | undefined;
    do {
      const page = await store.admin.accountLedger({
        accountId: 'alice',
        limit: 2,
        ...(after && { after }),
      });
      assert.ok(page.lines.length > 0 && page.lines.length <= 2);
      lines.push(...page.lines);
      after = page.next;
    } while (after);
    assert.deepEqual(
      lines.map(({ kind, currency, amount, balance }) => [kind, currency, amount, balance]),
      [
        ['charge', 'CNY', -COST, YUAN - 3n * COST],
        ['charge', 'CNY', -COST, YUAN - 2n * COST],
        ['charge', 'CNY', -COST, YUAN - COST],
        ['top-up', 'USD', 5n * YUAN, 5n * YUAN],
        ['grant', 'CNY', YUAN, YUAN],
      ],
    );
    assert.deepEqual(lines[0]!.request, {
      id: 'r2',
      model: 'deepseek-chat',
      keyId: 'key_test',
      promptTokens: 100,
      cacheHitTokens: 64,
      completionTokens: 10,
    });
    assert.equal(lines[3]!.note, 'paid');
    const { lines: paid } = await store.admin.accountLedger({
      accountId: id,
      kind: 'top-up',
      limit: 10,
    });
    assert.deepEqual(
      paid.map(({ kind, balance }) => [kind, balance]),
      [['top-up', undefined]],
    );
    await assert.rejects(store.admin.accountLedger({ accountId: 'nobody', limit: 1 }), {
      kind: 'not-found',
    });
  },

  'balances of all accounts are those that each would be told': async ({ store }) => {
    const rich = await store.admin.createAccount({ name: 'rich' });
    const poor = await store.admin.createAccount({ name: 'poor' });
    const free = await store.admin.createAccount({ name: 'free', unlimited: true });
    await store.admin.topUp({ accountId: rich.id, currency: 'USD', amount: YUAN });
    const balances = await store.admin.balances();
    for (const { id } of [rich, poor, free]) {
      assert.deepEqual(balances.get(id), await store.admin.balance(id));
    }
    assert.equal(balances.get(poor.id)!.isAvailable, false);
  },

  'accounts are computed again from usage and entries': async ({ store, clock }) => {
    const { id } = await store.admin.createAccount({ name: 'alice' });
    const expiresAt = new Date(clock.now + 10_000);
    await store.admin.grant({ accountId: id, currency: 'CNY', amount: YUAN, expiresAt });
    await store.admin.topUp({ accountId: id, currency: 'CNY', amount: 2n * YUAN });
    await store.record(usageRecord({ requestId: 'r1', accountId: id }));
    await store.admin.balance(id);
    clock.now += 20_000;
    await store.record(
      usageRecord({ requestId: 'r2', accountId: id, finishedAt: new Date(clock.now) }),
    );
    const [account, ...others] = await store.admin.recomputeAccounts();
    assert.deepEqual(others, []);
    assert.deepEqual(account, {
      accountId: id,
      currency: 'CNY',
      requests: 2,
      differingRequests: 0,
      granted: YUAN,
      toppedUp: 2n * YUAN,
      expired: YUAN - COST,
      charged: 2n * COST,
      recomputed: 2n * COST,
      entries: 2n * YUAN - COST,
      balance: 2n * YUAN - COST,
    });
  },

  'a charge that is not what its usage costs is counted': async ({ store, databaseUrl }) => {
    const { id } = await store.admin.createAccount({ name: 'ops', unlimited: true });
    await store.record(usageRecord({ requestId: 'r1', accountId: id }));
    await store.record(usageRecord({ requestId: 'r2', accountId: id }));
    await store.admin.balance(id);
    const engine = await (databaseUrl.startsWith('file:')
      ? openLibsql(databaseUrl)
      : openPostgres(databaseUrl));
    try {
      // Behind the triggers that refuse it: usage that the charge does not know.
      for (const [request, amount] of [
        ['r1', 1],
        ['r2', -1],
      ] as const) {
        await sql`INSERT INTO ledger_entries (transaction_id, line, ledger_account, currency, amount)
          SELECT id, 7, 'revenue:CNY', 'CNY', CAST(${amount} AS BIGINT) FROM ledger_transactions
          WHERE request_id = ${request}`.execute(engine.db);
      }
    } finally {
      await engine.close();
    }
    const [account] = await store.admin.recomputeAccounts();
    assert.equal(account!.charged, account!.recomputed);
    assert.equal(account!.differingRequests, 2);
  },
};
