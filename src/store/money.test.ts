// Amounts as text: exact, and never more than there is.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { charge, type Lot } from './charge.js';
import { balanceStrings, formatMoney, formatMoneyExactly, parseMoney } from './money.js';
import { costOf, PRICES } from './prices.js';
import { usageRecord } from '../../test/helpers/store-places.js';

test('two decimals, the rest cut off', () => {
  const cases: [bigint, string][] = [
    [0n, '0.00'],
    [42_500_000_000n, '42.50'],
    [19_999_999n, '0.01'],
    [-1n, '0.00'],
    [-10_000_000n, '-0.01'],
    [-1_230_000_000n, '-1.23'],
    [9_000_000_000_000_000_000n, '9000000000.00'],
  ];
  for (const [nano, text] of cases) assert.equal(formatMoney(nano), text);
});

test('the shown total is the sum of the shown parts', () => {
  const halfCents = { currency: 'CNY', granted: 5_000_000n, toppedUp: 5_000_000n } as const;
  assert.deepEqual(balanceStrings(halfCents), { total: '0.00', granted: '0.00', toppedUp: '0.00' });
});

test('exact text reads back as the same amount', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), (nano) => {
      assert.equal(parseMoney(formatMoneyExactly(nano)), nano);
    }),
  );
  assert.equal(formatMoneyExactly(28_000n), '0.000028');
  assert.equal(formatMoneyExactly(1_500_000_000n), '1.50');
  for (const text of ['', '-1', '1.', '.5', '1e3', '1.0000000001', '١']) {
    assert.equal(parseMoney(text), undefined, text);
  }
});

test('prices per million tokens are those of the list', () => {
  const million = { promptTokens: 2e6, cacheHitTokens: 1e6, completionTokens: 1e6 };
  assert.equal(formatMoneyExactly(costOf(million, PRICES.USD)), '0.728'); // 0.028 + 0.28 + 0.42
  assert.equal(formatMoney(costOf(million, PRICES.CNY)), '5.20'); // 0.2 + 2 + 3
});

test('a charge takes exactly its cost, and no grant below zero', () => {
  const lot = fc.record({
    kind: fc.constantFrom('granted', 'topped_up'),
    currency: fc.constantFrom('CNY', 'USD'),
    balance: fc.bigInt({ min: 0n, max: 2_000_000n }),
    expiresAt: fc.option(fc.constantFrom(1, 4e12, 5e12), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(lot, { maxLength: 6 }), fc.nat(2_000), (drawn, completionTokens) => {
      const lots = drawn.map((one, index) => {
        const isTopUp = one.kind === 'topped_up';
        const name = isTopUp ? `customer:a:topped_up:${one.currency}` : `g${index}`;
        return { ...one, ledgerAccount: name, ...(isTopUp && { expiresAt: undefined }) } as Lot;
      });
      const unique = [...new Map(lots.map((one) => [one.ledgerAccount, one])).values()];
      const usage = usageRecord({ requestId: 'r', accountId: 'a', completionTokens });
      const payer = { accountId: 'a', isUnlimited: false, lots: unique };
      const { currency, payments } = charge(payer, usage, PRICES);
      const paid = payments.reduce((sum, { amount }) => sum + amount, 0n);
      assert.equal(paid, costOf(usage, PRICES[currency]));
      for (const { kind, balance } of unique) assert.ok(kind === 'topped_up' || balance >= 0n);
      assert.ok(
        unique.every(
          ({ expiresAt, ledgerAccount }) =>
            expiresAt !== 1 || !payments.some((p) => p.ledgerAccount === ledgerAccount),
        ),
      );
    }),
  );
});
