// Keys: format, recognition, and that neither the ring nor a tenant's name gives one away.

import assert from 'node:assert/strict';
import test from 'node:test';
import { inspect } from 'node:util';
import { generateApiKey, KeyRing } from './auth.js';

test('generated keys have the platform’s format and differ', () => {
  assert.match(generateApiKey(), /^sk-[0-9a-f]{32}$/);
  assert.notEqual(generateApiKey(), generateApiKey());
});

test('a key identifies its tenant, the same one every time', () => {
  const ring = new KeyRing();
  const tenants = ['sk-one', 'sk-two', 'a key of one’s own'.replaceAll(' ', '-')].map((key) => {
    const tenant = ring.add(key);
    assert.equal(ring.identify(`Bearer ${key}`), tenant);
    assert.equal(ring.identify(`bearer  ${key} `), tenant);
    return tenant;
  });
  assert.equal(new Set(tenants).size, 3);
});

test('the ring does not hold the key', () => {
  const ring = new KeyRing();
  const tenant = ring.add('sk-secret');
  assert.ok(!inspect(ring, { depth: 10, showHidden: true }).includes('sk-secret'));
  assert.ok(!tenant.includes('secret'));
});

test('a refusal shows four characters at most', () => {
  assert.throws(() => new KeyRing().identify('Bearer sk-abcdefgh'), /\*{4}efgh is invalid$/);
});
