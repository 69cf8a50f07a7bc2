// Whose request the engine is told it is: the account, through every door, whatever end users the
// account's clients name.

import assert from 'node:assert/strict';
import test from 'node:test';
import { newAccount, newKey } from '../helpers/api-key.js';
import { DOORS } from '../helpers/fault-server.js';
import { startScripted } from '../helpers/scripted-server.js';

test('all keys and end users of an account are one tenant of the engine', async (t) => {
  const { server, backend, headers } = await startScripted(t);
  const [one, other] = [await newAccount(server), await newAccount(server)];
  const keys = [
    { account: one, key: await newKey(server, { accountId: one }) },
    { account: one, key: await newKey(server, { accountId: one }) },
    { account: other, key: await newKey(server, { accountId: other }) },
  ];
  for (const { account, key } of keys) {
    for (const { path, body } of DOORS) {
      for (const user of ['first', 'second']) {
        const response = await fetch(server.url + path, {
          method: 'POST',
          headers: { ...headers, authorization: `Bearer ${key}` },
          body: JSON.stringify(path.startsWith('/anthropic') ? body : { ...body, user_id: user }),
        });
        assert.equal(response.status, 200, await response.text());
        assert.equal(backend.requests.at(-1)!.tenant, account);
      }
    }
  }
  const salts = new Set(backend.requests.map(({ cacheSalt }) => cacheSalt));
  assert.ok(salts.size > 2, 'end users have caches of their own');
});
