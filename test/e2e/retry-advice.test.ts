// What an error response tells clients about trying again.

import assert from 'node:assert/strict';
import test from 'node:test';
import { startScripted } from '../helpers/scripted-server.js';

for (const path of ['/chat/completions', '/anthropic/v1/messages', '/responses', '/models']) {
  test(`a wrong key at ${path} is not to be tried again`, async (t) => {
    const { server } = await startScripted(t);
    const method = path === '/models' ? 'GET' : 'POST';
    const response = await fetch(server.url + path, {
      method,
      headers: { authorization: 'Bearer sk-wrong' },
    });
    assert.equal(response.status, 401);
    assert.equal(response.headers.get('x-should-retry'), 'false');
  });
}

test('other errors leave that to the client', async (t) => {
  const { post } = await startScripted(t);
  const response = await post({ messages: [] });
  assert.equal(response.status, 400);
  assert.equal(response.headers.get('x-should-retry'), null);
});
