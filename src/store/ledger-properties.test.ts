// Random sequences of money in, requests, repetitions, restarts and time: the ledger balances, every
// request is billed once, and balances are what a plain model of the rules says.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { storePlaces, usageRecord } from '../../test/helpers/store-places.js';
import { openPlatform } from './open-platform.js';
import { costOf, PRICES } from './prices.js';

type Step =
  | { kind: 'top-up' | 'grant'; currency: 'CNY' | 'USD'; amount: bigint; days?: number | undefined }
  | { kind: 'request'; id: number; completionTokens: number }
  | { kind: 'restart' }
  | { kind: 'wait'; days: number };

const currency = fc.constantFrom('CNY' as const, 'USD' as const);
const amount = fc.bigInt({ min: 1n, max: 1_000_000n });

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('top-up' as const), currency, amount }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('grant' as const),
      currency,
      amount,
      days: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('request' as const),
      id: fc.nat(20), // few ids: many repetitions
      completionTokens: fc.nat(200),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'restart' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      days: fc.integer({ min: 1, max: 2 }),
    }),
  },
);

/** The rules of api reference §1.4 again, as plainly as they can be written. */
class Model {
  now = Date.parse('2026-01-01T00:00:00Z');
  grants: { currency: 'CNY' | 'USD'; left: bigint; expires: number }[] = [];
  toppedUp: Partial<Record<'CNY' | 'USD', bigint>> = {};
  seen = new Set<number>();

  granted(of: 'CNY' | 'USD'): bigint {
    return this.grants
      .filter((grant) => grant.currency === of && grant.expires > this.now)
      .reduce((sum, grant) => sum + grant.left, 0n);
  }

  request(id: number, completionTokens: number): void {
    if (this.seen.has(id)) return;
    this.seen.add(id);
    const money = (of: 'CNY' | 'USD') => this.granted(of) + (this.toppedUp[of] ?? 0n);
    const holdsDollarsOnly = this.holds('USD') && !this.holds('CNY');
    const fallback = holdsDollarsOnly ? 'USD' : 'CNY';
    const of = money('CNY') > 0n ? 'CNY' : money('USD') > 0n ? 'USD' : fallback;
    let rest = costOf({ promptTokens: 100, cacheHitTokens: 64, completionTokens }, PRICES[of]);
    const grants = this.grants.filter((one) => one.currency === of && one.expires > this.now);
    for (const grant of grants.toSorted((a, b) => (a.expires < b.expires ? -1 : 1))) {
      const part = grant.left < rest ? grant.left : rest;
      grant.left -= part;
      rest -= part;
    }
    // A grant that pays exactly leaves no account behind.
    if (rest > 0n) this.toppedUp[of] = (this.toppedUp[of] ?? 0n) - rest;
  }

  /** An account that never expires, or one with money in it. */
  private holds(of: 'CNY' | 'USD'): boolean {
    const lasting = this.grants.some((one) => one.currency === of && one.expires === Infinity);
    const brief = this.grants.some(
      (one) => one.currency === of && one.left > 0n && one.expires > this.now,
    );
    return this.toppedUp[of] !== undefined || lasting || brief;
  }
}

for (const place of storePlaces()) {
  // A restart of a database in memory forgets everything: that is what it is for.
  const steps = fc.array(
    place.name === 'memory' ? step.filter(({ kind }) => kind !== 'restart') : step,
    { minLength: 1, maxLength: 25 },
  );
  test(`any history leaves a sound ledger on ${place.name}`, { skip: place.missing }, async (t) => {
    t.after(() => place.remove());
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        await follow(await place.fresh(), history);
      }),
      {
        numRuns: place.name === 'memory' ? 50 : 8,
        examples: [
          [
            [
              { kind: 'grant', currency: 'USD', amount: 11_872n, days: 1 },
              { kind: 'request', id: 0, completionTokens: 0 },
              { kind: 'request', id: 1, completionTokens: 0 },
            ],
          ],
        ],
      },
    );
  });
}

async function follow(
  places: { databaseUrl: string; dataDir: string },
  history: readonly Step[],
): Promise<void> {
  const model = new Model();
  const open = () => openPlatform({ ...places, now: () => model.now });
  let store = await open();
  try {
    const { id: accountId } = await store.admin.createAccount({ name: 'alice' });
    const { key } = await store.admin.createKey({ accountId });
    for (const one of history) {
      switch (one.kind) {
        case 'top-up': {
          model.toppedUp[one.currency] = (model.toppedUp[one.currency] ?? 0n) + one.amount;
          await store.admin.topUp({ ...one, accountId });
          break;
        }
        case 'grant': {
          const expires = one.days === undefined ? Infinity : model.now + one.days * 86_400_000;
          model.grants.push({ currency: one.currency, left: one.amount, expires });
          const expiresAt = one.days === undefined ? {} : { expiresAt: new Date(expires) };
          await store.admin.grant({ accountId, ...one, ...expiresAt });
          break;
        }
        case 'request': {
          model.request(one.id, one.completionTokens);
          const finishedAt = new Date(model.now);
          const requestId = `r${one.id}`;
          const { completionTokens } = one;
          await store.record(usageRecord({ requestId, accountId, completionTokens, finishedAt }));
          break;
        }
        case 'restart': {
          await store.close();
          store = await open();
          break;
        }
        case 'wait': {
          await store.balance(accountId); // what was finished is paid before the time passes
          model.now += one.days * 86_400_000;
          break;
        }
        default:
          one satisfies never;
      }
    }
    const { infos, isAvailable } = await store.balance(accountId);
    for (const { currency: of, granted, toppedUp } of infos) {
      assert.equal(granted, model.granted(of), `granted ${of}`);
      assert.equal(toppedUp, model.toppedUp[of] ?? 0n, `topped up ${of}`);
    }
    assert.equal((await store.identify(key))!.canSpend, isAvailable);
    const audit = await store.admin.auditLedger();
    assert.deepEqual(audit.problems, []);
    assert.equal(audit.numUsageRecords, model.seen.size);
  } finally {
    await store.close();
  }
}
