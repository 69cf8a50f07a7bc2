// What the console reads over HTTP: usage, ledgers and recomputation for the operator, and of its own
// account for everybody else.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { DOORS, startForFaults } from '../helpers/fault-server.js';

interface Answer {
  status: number;
  body: Record<string, unknown> & { data: Record<string, unknown>[] };
}

async function start(t: TestContext) {
  const { server } = await startForFaults(t);
  const ask = async (key: string, method: string, path: string, body?: object): Promise<Answer> => {
    const response = await fetch(server.url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  };
  const admin = (method: string, path: string, body?: object) =>
    ask(server.adminKey, method, `/admin${path}`, body);
  const customer = async (name: string) => {
    await admin('POST', '/accounts', { name });
    await admin('POST', `/accounts/${name}/balance`, {
      kind: 'top-up',
      currency: 'CNY',
      amount: '10',
      note: `for ${name}`,
    });
    const { body } = await admin('POST', '/keys', { account: name, name: `${name}'s` });
    return { key: String(body['key']), keyId: String(body['id']) };
  };
  const use = (key: string) => ask(key, 'POST', DOORS[0]!.path, { ...DOORS[0]!.body });
  return { ask, admin, customer, use };
}

test('the operator sees who used what, and that the ledger says the same', async (t) => {
  const { admin, customer, use } = await start(t);
  const alice = await customer('alice');
  await customer('bob');
  const before = await admin('GET', '/keys?account=alice');
  assert.equal(before.body.data[0]!['last_used_at'], null);
  assert.equal((await use(alice.key)).status, 200);
  assert.equal((await use(alice.key)).status, 200);

  const { body: keys } = await admin('GET', '/keys?account=alice');
  assert.ok(Date.parse(String(keys.data[0]!['last_used_at'])) > 0);

  const { body: cells } = await admin('GET', '/usage/cells?account=alice');
  const [cell] = cells.data;
  assert.equal(cells.data.length, 1);
  assert.equal(cell!['requests'], 2);
  assert.equal(cell!['key'], alice.keyId);
  assert.deepEqual((await admin('GET', '/usage/cells?account=bob')).body.data, []);
  assert.equal((await admin('GET', '/usage/cells?by=day')).status, 400);

  const { body: first } = await admin('GET', '/accounts/alice/ledger?limit=2');
  const rest = await admin('GET', `/accounts/alice/ledger?cursor=${String(first['cursor'])}`);
  const lines = [...first.data, ...rest.body.data];
  assert.deepEqual(
    lines.map(({ kind }) => kind),
    ['charge', 'charge', 'top-up'],
  );
  assert.equal(lines[2]!['balance'], '10.00');
  assert.equal(lines[2]!['note'], 'for alice');
  assert.equal(rest.body['cursor'], null);
  const spent = Number((cell!['cost'] as { CNY: string }).CNY);
  assert.ok(Math.abs(10 - spent - Number(lines[0]!['balance'])) < 1e-9);
  for (const cursor of ['x', 'W10', Buffer.from('[1,"a",{"EUR":"1"}]').toString('base64url')]) {
    const { status, body } = await admin('GET', `/accounts/alice/ledger?cursor=${cursor}`);
    assert.equal(status, 400);
    assert.match(JSON.stringify(body), /cursor/);
  }
  assert.equal((await admin('GET', '/accounts/nobody/ledger')).status, 404);

  const { body: recomputed } = await admin('GET', '/audit/accounts');
  assert.equal(recomputed.data.length, 2);
  for (const account of recomputed.data) {
    assert.equal(account['charge_difference'], '0.00');
    assert.equal(account['balance_difference'], '0.00');
  }
  const { body: balances } = await admin('GET', '/balances');
  const bob = balances.data.find(({ account }) => account === recomputed.data[1]!['account']);
  assert.ok(bob);
});

test('a key sees its own account, and nothing of others', async (t) => {
  const { ask, admin, customer, use } = await start(t);
  const alice = await customer('alice');
  const bob = await customer('bob');
  const second = await admin('POST', '/keys', { account: 'alice', name: 'second' });
  await use(alice.key);
  await use(String(second.body['key']));
  await use(bob.key);

  const { body: own } = await ask(alice.key, 'GET', '/web/v1/account');
  assert.equal((own['account'] as { name: string }).name, 'alice');
  assert.equal((own['key'] as { id: string }).id, alice.keyId);
  assert.equal(own['is_available'], true);
  assert.ok(!JSON.stringify(own).includes(alice.key));

  const { body: mine } = await ask(alice.key, 'GET', '/web/v1/account/usage');
  assert.deepEqual(
    mine.data.map(({ key, requests }) => [key, requests]),
    [[alice.keyId, 1]],
  );
  const { body: ours } = await ask(alice.key, 'GET', '/web/v1/account/usage?scope=account');
  assert.equal(ours.data.length, 2);
  assert.ok(!JSON.stringify(ours).includes(bob.keyId));
  const past = await ask(alice.key, 'GET', '/web/v1/account/usage?from=2020-01-01&to=2020-12-31');
  assert.deepEqual(past.body.data, []);
  assert.equal((await ask(alice.key, 'GET', '/web/v1/account/usage?account=bob')).status, 400);
  assert.equal((await ask(alice.key, 'GET', '/admin/usage/cells')).status, 401);
});
