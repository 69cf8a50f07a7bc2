// The store's behaviour, the same on a database in memory, in a file and on a real PostgreSQL.

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { sql } from 'kysely';
import { type StorePlace, storePlaces, usageRecord } from '../../test/helpers/store-places.js';
import { adoptKey, ensureFirstKey } from './first-key.js';
import { openPlatform, type PlatformOptions } from './open-platform.js';
import type { PlatformStore } from './platform-store.js';
import { openLibsql } from './libsql-engine.js';
import { openPostgres } from './postgres-engine.js';

const YUAN = 1_000_000_000n;
/** 64 hits, 36 misses, 10 out of usageRecord(), in nano-yuan and nano-dollars. */
const COST_CNY = 64n * 200n + 36n * 2_000n + 10n * 3_000n;
const COST_USD = 64n * 28n + 36n * 280n + 10n * 420n;

for (const place of storePlaces()) {
  test(`store on ${place.name}`, { skip: place.missing }, async (t) => {
    t.after(() => place.remove());
    for (const [name, action] of Object.entries(BEHAVIOURS)) {
      await t.test(name, () => withStore(place, action));
    }
    for (const [name, action] of Object.entries(place.name === 'memory' ? {} : SHARED)) {
      await t.test(name, () => withStore(place, action));
    }
  });
}

interface Context {
  store: PlatformStore;
  /** Opens the same database again, as another process would. */
  another(options?: PlatformOptions): Promise<PlatformStore>;
  places: Required<Pick<PlatformOptions, 'databaseUrl' | 'dataDir'>>;
  clock: { now: number };
}

type Behaviour = (context: Context) => Promise<void>;

async function withStore(place: StorePlace, action: Behaviour): Promise<void> {
  const places = await place.fresh();
  const clock = { now: Date.parse('2026-01-02T03:04:05Z') };
  const opened: PlatformStore[] = [];
  const another = async (options: PlatformOptions = {}) => {
    const store = await openPlatform({ ...places, now: () => clock.now, ...options });
    opened.push(store);
    return store;
  };
  try {
    await action({ store: await another(), another, places, clock });
  } finally {
    for (const store of opened) await store.close();
  }
}

async function prepaid(store: PlatformStore, name = 'alice') {
  const account = await store.admin.createAccount({ name });
  const { key, record } = await store.admin.createKey({ accountId: account.id });
  return { accountId: account.id, key, keyId: record.id };
}

async function assertSound(store: PlatformStore): Promise<void> {
  const audit = await store.admin.auditLedger();
  assert.deepEqual(audit.problems, []);
}

const BEHAVIOURS: Record<string, Behaviour> = {
  'a key is 32 hex digits, shown once and stored as a digest': async ({ store }) => {
    const { key, accountId } = await prepaid(store);
    assert.match(key, /^sk-[0-9a-f]{32}$/);
    const [record] = await store.admin.listKeys({ accountId });
    assert.equal(record!.last4, key.slice(-4));
    assert.ok(!JSON.stringify(record).includes(key));
  },

  'a key stands for its account, with its limits': async ({ store }) => {
    const { id } = await store.admin.createAccount({ name: 'ops', unlimited: true });
    const { key, record } = await store.admin.createKey({
      accountId: id,
      profile: 'agents',
      leniencies: ['clamp'],
      maxConcurrency: 3,
    });
    assert.deepEqual(await store.identify(key), {
      keyId: record.id,
      accountId: id,
      tenant: id,
      profile: 'agents',
      leniencies: ['clamp'],
      maxConcurrency: 3,
      canSpend: true,
    });
    await store.admin.updateKey(record.id, { profile: null, leniencies: [], maxConcurrency: 5 });
    const principal = await store.identify(key);
    assert.equal(principal?.profile, undefined);
    assert.equal(principal?.maxConcurrency, 5);
  },

  'unknown, revoked and expired keys are nobody': async ({ store, clock }) => {
    const { key, keyId, accountId } = await prepaid(store);
    assert.equal(await store.identify('sk-nobody'), undefined);
    assert.equal(await store.identify('sk-\u00e9'), undefined);
    const { key: brief } = await store.admin.createKey({
      accountId,
      expiresAt: new Date(clock.now + 1_000),
    });
    assert.ok(await store.identify(brief));
    clock.now += 1_000;
    assert.equal(await store.identify(brief), undefined);
    assert.ok(await store.identify(key));
    await store.admin.revokeKey(keyId);
    assert.equal(await store.identify(key), undefined);
    assert.ok((await store.admin.revokeKey(keyId)).revokedAt);
  },

  'refuses names and keys that are taken, and ids that are not there': async ({ store }) => {
    const { accountId } = await prepaid(store);
    const { admin } = store;
    await assert.rejects(admin.createAccount({ name: 'alice' }), /an account named "alice"/);
    await admin.createKey({ accountId, key: 'my-own-key' });
    await assert.rejects(admin.createKey({ accountId, key: 'my-own-key' }), { kind: 'conflict' });
    await assert.rejects(admin.createKey({ accountId, key: 'two words' }), { kind: 'invalid' });
    await assert.rejects(admin.createKey({ accountId: 'acct_no' }), { kind: 'not-found' });
    await assert.rejects(admin.revokeKey('key_no'), { kind: 'not-found' });
    await assert.rejects(admin.topUp({ accountId, currency: 'CNY', amount: 0n }), {
      kind: 'invalid',
    });
    await assert.rejects(store.balance('acct_no'), { kind: 'not-found' });
  },

  'granted money is spent before topped-up money, the grant that expires first before others':
    async ({ store, clock }) => {
      const { accountId } = await prepaid(store);
      const half = COST_CNY / 2n;
      const expiresAt = new Date(clock.now + 60_000);
      await store.admin.topUp({ accountId, currency: 'CNY', amount: YUAN });
      await store.admin.grant({ accountId, currency: 'CNY', amount: COST_CNY });
      await store.admin.grant({ accountId, currency: 'CNY', amount: half, expiresAt });
      await store.record(usageRecord({ requestId: 'r1', accountId }));
      const balance = await store.balance(accountId);
      assert.deepEqual(balance.infos, [
        { currency: 'CNY', granted: COST_CNY + half - COST_CNY, toppedUp: YUAN },
      ]);
      const paid = await store.admin.ledger({ accountId, limit: 100 });
      const charge = paid.filter((row) => row.kind === 'charge');
      assert.equal(charge.length, 3); // two grants and revenue
      await assertSound(store);
    },

  'what is left of an expired grant goes back, and no longer counts': async ({ store, clock }) => {
    const { accountId, key } = await prepaid(store);
    const expiresAt = new Date(clock.now + 1_000_000);
    await store.admin.grant({ accountId, currency: 'USD', amount: 5n * YUAN, expiresAt });
    assert.equal((await store.identify(key))?.canSpend, true);
    clock.now += 1_000_000;
    assert.equal((await store.identify(key))?.canSpend, false);
    await store.record(
      usageRecord({ requestId: 'r1', accountId, finishedAt: new Date(clock.now - 1) }),
    );
    assert.deepEqual((await store.balance(accountId)).infos, [
      { currency: 'CNY', granted: 0n, toppedUp: 0n },
    ]);
    const rows = await store.admin.ledger({ accountId });
    const back = rows.filter(({ kind }) => kind === 'expire').map(({ amount }) => amount);
    const left = 5n * YUAN - COST_USD; // the request was answered in time
    assert.deepEqual(back, [-left, left]);
    await assertSound(store);
  },

  'an account with both currencies pays in yuan while it has them': async ({ store }) => {
    const { accountId, key } = await prepaid(store);
    await store.admin.topUp({ accountId, currency: 'CNY', amount: COST_CNY });
    await store.admin.topUp({ accountId, currency: 'USD', amount: COST_USD + 1n });
    await store.record(usageRecord({ requestId: 'r1', accountId }));
    await store.record(usageRecord({ requestId: 'r2', accountId }));
    assert.deepEqual((await store.balance(accountId)).infos, [
      { currency: 'CNY', granted: 0n, toppedUp: 0n },
      { currency: 'USD', granted: 0n, toppedUp: 1n },
    ]);
    assert.equal((await store.identify(key))?.canSpend, true);
    await store.record(usageRecord({ requestId: 'r3', accountId }));
    assert.equal((await store.balance(accountId)).isAvailable, false);
    await assertSound(store);
  },

  'the last request overdraws, and counts before the ledger has it': async ({ store }) => {
    const { accountId, key } = await prepaid(store);
    assert.equal((await store.identify(key))?.canSpend, false);
    await store.admin.topUp({ accountId, currency: 'CNY', amount: 1n });
    assert.equal((await store.identify(key))?.canSpend, true);
    await store.record(usageRecord({ requestId: 'r1', accountId }));
    assert.equal((await store.identify(key))?.canSpend, false);
    const balance = await store.balance(accountId);
    assert.deepEqual(balance, {
      isAvailable: false,
      infos: [{ currency: 'CNY', granted: 0n, toppedUp: 1n - COST_CNY }],
    });
    await store.admin.topUp({ accountId, currency: 'CNY', amount: YUAN });
    assert.equal((await store.identify(key))?.canSpend, true);
  },

  'an unlimited account is charged to credit': async ({ store }) => {
    const { id } = await store.admin.createAccount({ name: 'ops', unlimited: true });
    await store.record(usageRecord({ requestId: 'r1', accountId: id }));
    const rows = await store.admin.ledger({ accountId: id });
    assert.deepEqual(
      rows.map(({ ledgerAccount, amount }) => [ledgerAccount, amount]),
      [
        [`credit:${id}:CNY`, -COST_CNY],
        ['revenue:CNY', COST_CNY],
      ],
    );
    assert.equal((await store.balance(id)).isAvailable, true);
    await assertSound(store);
  },

  'a record written twice is billed once': async ({ store }) => {
    const { accountId } = await prepaid(store);
    await store.record(usageRecord({ requestId: 'r1', accountId }));
    await store.record(usageRecord({ requestId: 'r1', accountId }));
    await store.balance(accountId);
    await store.record(usageRecord({ requestId: 'r1', accountId }));
    assert.equal((await store.balance(accountId)).infos[0]!.toppedUp, -COST_CNY);
    await assertSound(store);
  },

  'money with an idempotency key comes once': async ({ store }) => {
    const { accountId } = await prepaid(store);
    const money = { accountId, currency: 'CNY', amount: YUAN, idempotencyKey: 'order 7' } as const;
    await store.admin.topUp(money);
    const balance = await store.admin.topUp({ ...money, note: 'again' });
    assert.equal(balance.infos[0]!.toppedUp, YUAN);
    await assert.rejects(store.admin.topUp({ ...money, amount: 2n }), { kind: 'conflict' });
  },

  'usage is summed by day, model and key, with what was charged': async ({ store }) => {
    const { id } = await store.admin.createAccount({ name: 'ops', unlimited: true });
    const days = ['2026-01-01T23:59:59.999Z', '2026-01-02T00:00:00Z', '2026-01-02T12:00:00Z'];
    for (const [index, day] of days.entries()) {
      await store.record(
        usageRecord({
          requestId: `r${index}`,
          accountId: id,
          finishedAt: new Date(day),
          model: index === 2 ? 'deepseek-reasoner' : 'deepseek-chat',
        }),
      );
    }
    const byDay = await store.admin.usage({ groupBy: 'day', accountId: id });
    assert.deepEqual(
      byDay.map(({ group, requests, cost }) => [group, requests, cost]),
      [
        ['2026-01-01', 1, { CNY: COST_CNY }],
        ['2026-01-02', 2, { CNY: 2n * COST_CNY }],
      ],
    );
    const byModel = await store.admin.usage({
      groupBy: 'model',
      from: new Date(days[1]!),
      to: new Date(days[2]!),
    });
    assert.deepEqual(
      byModel.map(({ group, requests, promptTokens }) => [group, requests, promptTokens]),
      [['deepseek-chat', 1, 100]],
    );
  },

  'refuses a record that could not be billed': async ({ store }) => {
    const record = usageRecord({ requestId: 'r1', accountId: 'a' });
    const wrong = { ...record, cacheHitTokens: 101 };
    await assert.rejects(store.record(wrong), /cacheHitTokens 101 exceed promptTokens 100/);
    await assert.rejects(store.record({ ...record, model: 'a\0b' }), /model must be/);
    assert.equal(store.health().status, 'ready');
  },

  'reasoning is found by its calls, else by its conversation': async ({ store }) => {
    const both = { callIds: ['call_1', 'call_2'], prefixDigest: 'p1' };
    await store.rememberReasoning('t1', both, 'because');
    await store.rememberReasoning('t1', { callIds: ['call_3'], prefixDigest: 'p1' }, 'later');
    assert.equal(await store.recallReasoning('t1', both), 'because');
    const rewritten = { callIds: ['mine'], prefixDigest: 'p1' };
    assert.equal(await store.recallReasoning('t1', rewritten), 'later');
    assert.equal(await store.recallReasoning('t2', both), undefined);
    const other = { callIds: ['call_1', 'call_3'], prefixDigest: 'p2' };
    assert.equal(await store.recallReasoning('t1', other), undefined);
  },

  'the first start makes one key, later ones none': async ({ store }) => {
    const key = await ensureFirstKey(store);
    assert.equal((await store.identify(key!))?.canSpend, true);
    assert.equal(await ensureFirstKey(store), undefined);
  },

  'a key that the operator gave is adopted once, and not when it was revoked': async ({
    store,
  }) => {
    await adoptKey(store, 'operator-key');
    await adoptKey(store, 'operator-key');
    const keys = await store.admin.listKeys();
    assert.equal(keys.length, 1);
    assert.equal((await store.identify('operator-key'))?.canSpend, true);
    await store.admin.revokeKey(keys[0]!.id);
    await assert.rejects(adoptKey(store, 'operator-key'), /was revoked .* give another/);
  },
};

/** What needs a database that two processes can open. */
const SHARED: Record<string, Behaviour> = {
  'a key revoked by another process fails': async ({ store, another, places }) => {
    const { key, keyId } = await prepaid(store);
    assert.ok(await store.identify(key));
    const other = await another();
    await other.admin.revokeKey(keyId);
    if (places.databaseUrl.startsWith('file:')) {
      assert.equal(await store.identify(key), undefined); // at once
      return;
    }
    const start = Date.now();
    while ((await store.identify(key)) !== undefined) {
      assert.ok(Date.now() - start < 1_000, 'still valid after a second');
      await new Promise(setImmediate);
    }
  },

  'a key made, and money given, by another process count': async ({ store, another }) => {
    const { accountId, key } = await prepaid(store);
    assert.equal((await store.identify(key))?.canSpend, false);
    const other = await another();
    const { key: second } = await other.admin.createKey({ accountId });
    await other.admin.topUp({ accountId, currency: 'CNY', amount: YUAN });
    assert.ok(await store.identify(second));
    const start = Date.now();
    while ((await store.identify(key))?.canSpend !== true) {
      assert.ok(Date.now() - start < 1_000, 'still without money after a second');
      await new Promise(setImmediate);
    }
  },

  'two processes share a data folder and both are billed': async ({ store, another, places }) => {
    const { accountId } = await prepaid(store);
    const other = await another();
    const records = Array.from({ length: 200 }, (_, n) =>
      usageRecord({ requestId: `r${n}`, accountId }),
    );
    await Promise.all(
      records.map((record, index) => (index % 2 === 0 ? store : other).record(record)),
    );
    await store.balance(accountId);
    const balance = await other.balance(accountId);
    assert.equal(balance.infos[0]!.toppedUp, -200n * COST_CNY);
    await assertSound(store);
    await store.close();
    await other.close();
    assert.deepEqual(readdirSync(join(places.dataDir, 'journal')), []);
  },

  'the ledger refuses to be changed': async ({ store, places }) => {
    const { accountId } = await prepaid(store);
    await store.record(usageRecord({ requestId: 'r1', accountId }));
    await store.balance(accountId);
    const { databaseUrl } = places;
    const open = databaseUrl.startsWith('file:') ? openLibsql : openPostgres;
    const engine = await open(databaseUrl);
    try {
      for (const table of ['usage_records', 'ledger_transactions', 'ledger_entries']) {
        const wrong = [`DELETE FROM ${table}`, `UPDATE ${table} SET ${COLUMN[table]!}`];
        for (const text of wrong) {
          await assert.rejects(
            sql.raw(text).execute(engine.db),
            new RegExp(`${table} is append-only`),
          );
        }
      }
    } finally {
      await engine.close();
    }
  },

  'the audit finds a balance that does not follow from its entries': async ({ store, places }) => {
    const { accountId } = await prepaid(store);
    await store.admin.topUp({ accountId, currency: 'CNY', amount: YUAN });
    await assertSound(store);
    const { databaseUrl } = places;
    const engine = await (databaseUrl.startsWith('file:') ? openLibsql : openPostgres)(databaseUrl);
    await sql`UPDATE ledger_accounts SET balance = balance + 5 WHERE name = 'deposits:CNY'`.execute(
      engine.db,
    );
    await sql`INSERT INTO ledger_transactions (id, kind, account_id, request_id, created_at)
      VALUES ('x', 'charge', ${accountId}, 'r9', 0)`.execute(engine.db);
    await engine.close();
    const { isSound, problems } = await store.admin.auditLedger();
    assert.equal(isSound, false);
    assert.deepEqual(problems, [
      'transaction x has no entries',
      'balance of deposits:CNY is -999999995, its entries sum to -1000000000',
      'charge x belongs to no request',
    ]);
  },

  'reasoning survives a restart, not another secret, and expires': async ({
    store,
    another,
    places,
    clock,
  }) => {
    const key = { callIds: ['call_1'], prefixDigest: 'p1' };
    await store.rememberReasoning('t1', key, 'because \ud800 ünï');
    await store.close();
    const again = await another();
    assert.equal(await again.recallReasoning('t1', key), 'because \ufffd ünï');
    const stranger = await another({ secret: 'another secret of 32 characters' });
    assert.equal(await stranger.recallReasoning('t1', key), undefined);
    clock.now += 24 * 3_600_000;
    assert.equal(await again.recallReasoning('t1', key), undefined);
    assert.ok(existsSync(join(places.dataDir, 'secret.key')));
  },

  'reasoning is bounded per account, whatever its users are called; the oldest go first': async ({
    another,
    clock,
  }) => {
    const vault = { maxEntries: 2 };
    const writer = await another({ vault });
    for (const n of [1, 2, 3]) {
      clock.now += 1;
      await writer.rememberReasoning(
        `t/${n}`,
        { callIds: [`c${n}`], prefixDigest: `p${n}` },
        `r${n}`,
      );
    }
    await writer.close();
    const reader = await another({ vault });
    const recall = (n: number) =>
      reader.recallReasoning(`t/${n}`, { callIds: [`c${n}`], prefixDigest: `p${n}` });
    assert.deepEqual(await Promise.all([1, 2, 3].map(recall)), [undefined, 'r2', 'r3']);
  },
};

const COLUMN: Record<string, string> = {
  usage_records: 'prompt_tokens = 0',
  ledger_transactions: "kind = 'grant'",
  ledger_entries: 'amount = 0',
};
