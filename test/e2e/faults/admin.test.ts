// The admin API under attack, and what its changes mean at the doors at once: revoked keys, empty
// accounts.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { DOORS, startForFaults } from '../../helpers/fault-server.js';
import { EOS, gate, until, type ScriptedServerOptions } from '../../helpers/scripted-server.js';

async function startWithAdmin(t: TestContext, options: ScriptedServerOptions = {}) {
  const faults = await startForFaults(t, options);
  const { server } = faults;
  const authorization = `Bearer ${server.adminKey}`;
  const admin = async (method: string, path: string, body?: object | string | Uint8Array) => {
    const text =
      typeof body === 'object' && !(body instanceof Uint8Array) ? JSON.stringify(body) : body;
    const response = await fetch(`${server.url}/admin${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json' },
      ...(text !== undefined && { body: text }),
    });
    const answer = (await response.json()) as Record<string, unknown> & {
      error?: { message: string };
    };
    return { status: response.status, answer };
  };
  /** A prepaid account with a key. */
  const prepaid = async (amount: string, fields: object = {}) => {
    const { answer: account } = await admin('POST', '/accounts', { name: 'prepaid' });
    await admin('POST', `/accounts/${String(account['id'])}/balance`, {
      kind: 'top-up',
      currency: 'CNY',
      amount,
    });
    const { answer } = await admin('POST', '/keys', { account: account['id'], ...fields });
    return {
      accountId: String(account['id']),
      keyId: String(answer['id']),
      key: String(answer['key']),
    };
  };
  const ask = (key: string, { path, body }: (typeof DOORS)[number], fields: object = {}) =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, ...fields }),
    });
  return { ...faults, admin, prepaid, ask };
}

test('nothing is told without the administrator key', async (t) => {
  const { server } = await startForFaults(t);
  const keys = [undefined, '', 'Bearer', 'Bearer ', `Bearer ${server.apiKey}`, 'Basic YTpi'];
  const long = `Bearer ${'x'.repeat(8_000)}`;
  for (const authorization of [...keys, long, `Bearer ${server.adminKey}x`]) {
    for (const [method, path] of [
      ['GET', '/admin/accounts'],
      ['POST', '/admin/keys'],
      ['DELETE', '/admin/keys/x'],
      ['GET', '/admin/nowhere'],
      ['GET', '/admin'],
    ] as const) {
      const response = await fetch(server.url + path, {
        method,
        headers: authorization === undefined ? {} : { authorization },
      });
      assert.equal(response.status, 401, `${method} ${path} ${authorization}`);
      assert.equal(response.headers.get('access-control-allow-origin'), null);
      assert.deepEqual(Object.keys((await response.json()) as object), ['error']);
    }
  }
});

test('bodies that are too large are refused, declared or not', async (t) => {
  const { server, admin } = await startWithAdmin(t);
  const large = JSON.stringify({ name: 'x'.repeat(100_000) });
  const { status, answer } = await admin('POST', '/accounts', large);
  assert.equal(status, 413);
  assert.match(answer.error!.message, /at most 65536 bytes/);
  const undeclared = await fetch(`${server.url}/admin/accounts`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.adminKey}` },
    body: new Blob([large]).stream(),
    duplex: 'half',
  } as RequestInit);
  assert.equal(undeclared.status, 413);
  await undeclared.text();
  // Without a key nothing of it is even looked at.
  const stranger = await fetch(`${server.url}/admin/accounts`, { method: 'POST', body: large });
  assert.equal(stranger.status, 401);
  await stranger.text();
  assert.equal((await admin('GET', '/accounts')).status, 200);
});

test('hostile JSON is refused in words', async (t) => {
  const { admin } = await startWithAdmin(t);
  const before = await admin('GET', '/accounts');
  const bodies = [
    '',
    '{',
    'null',
    '[]',
    '"name"',
    '1e999',
    '['.repeat(30_000),
    `${'{"name":'.repeat(5_000)}1${'}'.repeat(5_000)}`,
    '{"name": "a\0b"}',
    '{"name": ""}',
    '{"name": "   "}',
    '{"name": null}',
    '{"name": {"toString": "x"}}',
    '{"name": "a", "admin": true}',
    '{"name": "a", "unlimited": "yes"}',
    `{"name": ${JSON.stringify('x'.repeat(101))}}`,
    '\xef\xbb\xbf{',
    Buffer.from([0x7b, 0xff, 0xfe, 0x7d]),
  ];
  for (const body of bodies) {
    const { status, answer } = await admin('POST', '/accounts', body);
    assert.equal(status, 400, String(body).slice(0, 60));
    assert.ok(answer.error!.message.length < 500, answer.error!.message.slice(0, 600));
  }
  for (const path of [
    '/keys/__proto__',
    '/keys/%00',
    `/keys/${'x'.repeat(5_000)}`,
    '/keys/%27--',
  ]) {
    assert.equal((await admin('DELETE', path)).status, 404, path.slice(0, 30));
  }
  for (const amount of ['-1', '0', '1e3', 'NaN', '0x10', '1.0000000001', '9'.repeat(40), ' 1']) {
    const money = { kind: 'top-up', currency: 'CNY', amount };
    const id = (before.answer['data'] as { id: string }[])[0]!.id;
    const { status } = await admin('POST', `/accounts/${id}/balance`, money);
    assert.equal(status, 400, amount);
  }
  for (const query of ['by=__proto__', 'from=yesterday', 'account=nobody', 'by=day&by=key%00']) {
    assert.ok([200, 400, 404].includes((await admin('GET', `/usage?${query}`)).status), query);
  }
  assert.deepEqual((await admin('GET', '/accounts')).answer, before.answer);
});

test('a revoked key fails at once; what it had begun is finished', async (t) => {
  const hold = gate();
  const faults = await startWithAdmin(t, {
    beforeToken: (index) => (index === 1 ? hold.passed : undefined),
  });
  const { admin, prepaid, ask, backend, assertIdle } = faults;
  const { key, keyId } = await prepaid('1.00');
  const running = ask(key, DOORS[0]);
  await until(() => backend.numRunning === 1);
  assert.equal((await admin('DELETE', `/keys/${keyId}`)).status, 200);
  for (const door of DOORS) assert.equal((await ask(key, door)).status, 401);
  hold.open();
  assert.equal((await running).status, 200);
  await assertIdle();
});

test('an expired key fails, a changed limit holds at once', async (t) => {
  const hold = gate();
  const { admin, prepaid, ask, backend, assertIdle } = await startWithAdmin(t, {
    beforeToken: () => hold.passed,
  });
  const { key, keyId } = await prepaid('1.00', { max_concurrency: 2 });
  const running = [ask(key, DOORS[0]), ask(key, DOORS[0])];
  await until(() => backend.numRunning === 2);
  assert.equal((await ask(key, DOORS[0])).status, 429);
  assert.equal((await admin('PATCH', `/keys/${keyId}`, { max_concurrency: 3 })).status, 200);
  const third = ask(key, DOORS[0]);
  await until(() => backend.numRunning === 3);
  await admin('PATCH', `/keys/${keyId}`, { expires_at: '2020-01-01T00:00:00Z' });
  assert.equal((await ask(key, DOORS[0])).status, 401);
  hold.open();
  for (const response of [...running, third]) assert.equal((await response).status, 200);
  await assertIdle();
});

test('the request that overdraws is served, the next one is 402 in both dialects', async (t) => {
  const { prepaid, ask, admin, backend, assertIdle } = await startWithAdmin(t, {
    complete: () => `${'word '.repeat(50)}${EOS}`,
  });
  const { key, accountId } = await prepaid('0.000001');
  const served = await ask(key, DOORS[0]);
  assert.equal(served.status, 200);
  assert.match(await served.text(), /"finish_reason":"stop"/);
  const numBefore = backend.requests.length;
  for (const door of DOORS) {
    for (const stream of [true, false]) {
      const response = await ask(key, door, { stream });
      assert.equal(response.status, 402, door.door);
      const { error, type } = (await response.json()) as {
        error: { message: string; type: string };
        type?: string;
      };
      assert.match(error.message, /Insufficient Balance/);
      assert.equal(type, door.door === 'anthropic' ? 'error' : undefined);
    }
  }
  assert.equal(backend.requests.length, numBefore);
  const { answer } = await admin('GET', `/accounts/${accountId}/balance`);
  assert.equal(answer['is_available'], false);
  // Money brings it back at once.
  await admin('POST', `/accounts/${accountId}/balance`, {
    kind: 'top-up',
    currency: 'CNY',
    amount: '1.00',
  });
  assert.equal((await ask(key, DOORS[0])).status, 200);
  const audit = await admin('GET', '/audit');
  assert.deepEqual(audit.answer['problems'], []);
  await assertIdle();
});
