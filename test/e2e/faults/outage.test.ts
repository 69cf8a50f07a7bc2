// The database goes away while the server serves, and comes back: running streams end well, known
// keys go on, unknown ones hear 503 and never 401, and every reply is in the ledger once afterwards.

import assert from 'node:assert/strict';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { DOORS } from '../../helpers/fault-server.js';
import { EOS, gate, startScripted, until } from '../../helpers/scripted-server.js';
import { storedUsage } from '../../helpers/stored-usage.js';
import { storePlaces, type StorePlace } from '../../helpers/store-places.js';

for (const place of storePlaces().filter(({ name }) => name !== 'memory')) {
  test(`an outage of the database on ${place.name}`, { skip: place.missing }, async (t) => {
    t.after(() => place.remove());
    await outage(t, place);
  });
}

async function outage(t: TestContext, place: StorePlace): Promise<void> {
  const places = await place.fresh();
  let hold = gate();
  const { server, backend, post } = await startScripted(t, {
    ...places,
    apiKey: 'sk-outage-000000000000',
    complete: () => `one two three four${EOS}`,
    beforeToken: (index) => (index === 5 ? hold.passed : undefined),
  });
  const traceIds = new Set<string>();
  const ask = async (fields: object = {}, init: RequestInit = {}) => {
    const response = await post(fields, init);
    if (response.status === 200) traceIds.add(response.headers.get('x-ds-trace-id')!);
    return response;
  };
  const get = (path: string, key = server.apiKey) =>
    fetch(server.url + path, { headers: { authorization: `Bearer ${key}` } });
  const health = async () => {
    const response = await get('/health');
    const { platform } = (await response.json()) as { platform: string };
    return { status: response.status, platform };
  };
  const accounts = async () => {
    const { components } = (await (await get('/status')).json()) as {
      components: { name: string; status: string }[];
    };
    return components.find(({ name }) => name === 'accounts')!.status;
  };
  const running = [true, false].flatMap((stream) => [ask({ stream }), ask({ stream })]);
  await until(() => backend.numRunning === running.length);
  assert.deepEqual(await health(), { status: 200, platform: 'ready' });

  const bringBack = await takeAway(place, places);
  const stranger = {
    authorization: 'Bearer sk-stranger-0000000',
    'content-type': 'application/json',
  };
  for (const { path, body } of DOORS) {
    const response = await fetch(server.url + path, {
      method: 'POST',
      headers: stranger,
      body: JSON.stringify(body),
    });
    assert.equal(response.status, 503, 'a key that cannot be looked up is not a wrong key');
    assert.match(response.headers.get('retry-after')!, /^\d+$/);
    assert.match(await response.text(), /Service is too busy/);
  }
  // Nor does the administrator get half an answer.
  const admin = await get('/admin/usage', server.adminKey);
  assert.equal(admin.status, 503);
  assert.match(admin.headers.get('retry-after')!, /^\d+$/);
  assert.equal((await get('/user/balance')).status, 503);
  assert.deepEqual(await health(), { status: 200, platform: 'degraded' });
  assert.equal(await accounts(), 'degraded');

  hold.open();
  for (const response of running) await assertComplete(await response);
  for (const { path, body } of DOORS) {
    for (const stream of [true, false]) {
      const response = await fetch(server.url + path, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${server.apiKey}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ ...body, stream }),
      });
      traceIds.add(response.headers.get('x-ds-trace-id')!);
      await assertComplete(response);
    }
  }
  assert.equal(server.platform.health().journalDepth, traceIds.size);
  // One that is in the middle when the database comes back.
  hold = gate();
  const across = ask({ stream: true });
  await until(() => backend.numRunning === 1);
  await bringBack();
  hold.open();
  await assertComplete(await across);

  // By itself: nobody asks for anything but its health.
  for (const start = Date.now(); ; await pause(10)) {
    const { journalDepth } = server.platform.health();
    if ((await health()).platform === 'ready' && journalDepth === 0) break;
    assert.ok(Date.now() - start < 15_000, 'no recovery');
  }
  assert.equal(await accounts(), 'operational');
  const wrong = await get('/models', 'sk-stranger-0000000');
  assert.equal(wrong.status, 401);
  const stored = await storedUsage(places.databaseUrl);
  assert.deepEqual(
    stored.map(({ requestId }) => requestId),
    [...traceIds].toSorted(),
  );
  assert.ok(stored.every(({ finishReason }) => finishReason === 'stop'));
  const { problems } = await server.platform.admin.auditLedger();
  assert.deepEqual(problems, []);
}

async function assertComplete(response: Response): Promise<void> {
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.match(text, /"(finish|stop)_reason":"(stop|end_turn)"|"status":"completed"/);
}

/** PostgreSQL is stopped; the file of libSQL is moved away with what belongs to it. */
async function takeAway(place: StorePlace, { dataDir }: { dataDir: string }) {
  if (place.name === 'postgres') {
    await place.postgres().stop();
    return () => place.postgres().start();
  }
  const move = (from: string, to: string) => {
    for (const end of ['', '-wal', '-shm']) {
      const path = join(dataDir, `${from}${end}`);
      if (existsSync(path)) renameSync(path, join(dataDir, `${to}${end}`));
    }
  };
  move('hadal.db', 'away.db');
  return async () => move('away.db', 'hadal.db');
}
