// Virtual clocks of tenants: nobody gains by coming and going, and memory stays small.

import assert from 'node:assert/strict';
import test from 'node:test';
import { TenantShares } from './tenant-shares.js';

test('who comes starts level with the least served of those present', () => {
  const shares = new TenantShares();
  shares.enter('a');
  shares.charge('a', 500);
  shares.enter('b');
  shares.charge('b', 100);
  shares.enter('c');
  assert.deepEqual(
    ['a', 'b', 'c'].map((one) => shares.served(one)),
    [500, 600, 500],
  );
});

test('who had more does not lose that by leaving, and does not keep an old advantage', () => {
  const shares = new TenantShares();
  shares.enter('steady');
  shares.enter('greedy');
  shares.charge('greedy', 900);
  shares.leave('greedy');
  shares.enter('greedy');
  assert.equal(shares.served('greedy'), 900);
  shares.leave('greedy');
  shares.charge('steady', 1000);
  shares.enter('greedy');
  assert.equal(shares.served('greedy'), 1000);
});

test('many tenants that come once are forgotten', () => {
  const shares = new TenantShares();
  shares.enter('steady');
  for (let i = 0; i < 5000; i++) {
    shares.enter(`once ${i}`);
    shares.charge(`once ${i}`, 10 + i);
    shares.leave(`once ${i}`);
  }
  assert.ok(shares.size <= 1001, `${shares.size}`);
  shares.leave('steady');
  assert.equal(shares.size, 0);
});
