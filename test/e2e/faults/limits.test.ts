// Limits and the queue as clients meet them over HTTP: 429, 503, positions, turns between tenants,
// time limits, and a thousand open streams.

import assert from 'node:assert/strict';
import { Agent, request as httpRequest } from 'node:http';
import test from 'node:test';
import { DOORS, startForFaults } from '../../helpers/fault-server.js';
import { RawSocket } from '../../helpers/raw-socket.js';
import { EOS, gate, until } from '../../helpers/scripted-server.js';

type Faults = Awaited<ReturnType<typeof startForFaults>>;

/** Through any door, with any key. */
function ask(
  { server }: Faults,
  { path, body }: (typeof DOORS)[number],
  { key = server.apiKey, ...fields }: { key?: string; stream?: boolean; user?: string } = {},
): Promise<Response> {
  return fetch(server.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, ...fields }),
  });
}

async function newTenant({ server }: Faults, name: string) {
  const { admin } = server.platform;
  const { id: accountId } = await admin.createAccount({ name, unlimited: true });
  const { key } = await admin.createKey({ accountId });
  return { accountId, key };
}

test('too many requests of one key: 429 with Retry-After through every door', async (t) => {
  const hold = gate();
  const faults = await startForFaults(t, {
    limits: { maxPerKey: 2 },
    beforeToken: () => hold.passed,
  });
  const { backend, assertIdle } = faults;
  const running = [ask(faults, DOORS[0]), ask(faults, DOORS[0])];
  await until(() => backend.numRunning === 2);
  for (const door of DOORS) {
    for (const stream of [true, false]) {
      const response = await ask(faults, door, { stream });
      assert.equal(response.status, 429);
      assert.match(response.headers.get('retry-after')!, /^[1-9]\d?$/);
      assert.match(await response.text(), /at most 2 concurrent requests/);
    }
  }
  const other = await newTenant(faults, 'other');
  const ofOther = ask(faults, DOORS[0], other);
  await until(() => backend.numRunning === 3);
  hold.open();
  for (const response of [...running, ofOther]) assert.equal((await response).status, 200);
  await assertIdle();
});

test('a full queue: 503 with Retry-After through every door', async (t) => {
  const hold = gate();
  const faults = await startForFaults(t, {
    limits: { maxRunning: 1, maxQueued: 2 },
    beforeToken: () => hold.passed,
  });
  const { server, assertIdle } = faults;
  const accepted = Array.from({ length: 3 }, () => ask(faults, DOORS[0]));
  await until(() => server.numActive === 3);
  for (const door of DOORS) {
    const response = await ask(faults, door);
    assert.equal(response.status, 503);
    assert.match(response.headers.get('retry-after')!, /^[1-9]\d?$/);
    assert.match(await response.text(), /Service is too busy/);
  }
  hold.open();
  for (const response of accepted) assert.equal((await response).status, 200);
  await assertIdle();
});

test('the head that a keep-alive opens tells the place in the queue', async (t) => {
  const hold = gate();
  const faults = await startForFaults(t, {
    limits: { maxRunning: 1 },
    beforeToken: () => hold.passed,
  });
  const { backend, server, timers, assertIdle } = faults;
  const running = ask(faults, DOORS[0]);
  await until(() => backend.numRunning === 1);
  const waiting: Promise<Response>[] = [];
  for (const [index, door] of DOORS.entries()) {
    waiting.push(ask(faults, door, { stream: index % 2 === 0 }));
    await until(() => server.numActive === index + 2 && timers.numPending === 2 + 3 * (index + 1));
  }
  timers.advance(1000);
  for (const [index, response] of waiting.entries()) {
    assert.equal((await response).headers.get('x-hadal-queue-position'), String(index + 1));
  }
  assert.equal((await running).headers.get('x-hadal-queue-position'), null);
  hold.open();
  for (const response of waiting) {
    assert.match(await (await response).text(), /Hello\.|"finish_reason":"stop"|end_turn/);
  }
  await running;
  await assertIdle();
});

test('tenants take turns', async (t) => {
  const hold = gate();
  const faults = await startForFaults(t, {
    limits: { maxRunning: 1 },
    beforeToken: () => hold.passed,
  });
  const { backend, server, assertIdle } = faults;
  const many = await newTenant(faults, 'many');
  const few = await newTenant(faults, 'few');
  const requests: Promise<Response>[] = [];
  const names = new Map([
    [many.accountId, 'many'],
    [few.accountId, 'few'],
  ]);
  for (const tenant of [many, many, many, many, few, few]) {
    requests.push(ask(faults, DOORS[0], tenant));
    await until(() => server.numActive === requests.length);
  }
  hold.open();
  for (const response of requests) assert.equal((await response).status, 200);
  const served = backend.requests.map(({ cacheSalt }) => names.get(cacheSalt!));
  assert.deepEqual(served, ['many', 'many', 'few', 'many', 'few', 'many']);
  await assertIdle();
});

test('a request whose turn does not come in time is told so', async (t) => {
  const hold = gate();
  const aborted: unknown[] = [];
  const faults = await startForFaults(t, {
    limits: { maxRunning: 1, queueTimeoutMs: 600_000 },
    beforeToken: () => hold.passed,
    log: (_level, _message, fields) => void aborted.push(fields?.['aborted']),
  });
  const { backend, server, timers, assertIdle } = faults;
  const running = ask(faults, DOORS[0]);
  await until(() => backend.numRunning === 1);
  const kinds = DOORS.flatMap((door) => [true, false].map((stream) => ({ door, stream })));
  const waiting = kinds.map(({ door, stream }) => ask(faults, door, { stream }));
  await until(() => server.numActive === 9 && timers.numPending === 2 + 3 * 8);
  timers.advance(600_000);
  for (const [index, response] of waiting.entries()) {
    const { door, stream } = kinds[index]!;
    assert.equal((await response).status, 200, 'the head went out with the first keep-alive');
    const text = await (await response).text();
    if (!stream) assert.match(text, /"error":\{.*Service is too busy/, door.door);
    else if (door.door === 'anthropic') assert.match(text, /event: error/);
    else if (door.door === 'responses') assert.match(text, /response\.(failed|incomplete)/);
    else assert.match(text, /"finish_reason":"insufficient_system_resource".*\[DONE\]\n\n$/s);
  }
  assert.equal(backend.requests.length, 1);
  assert.equal(
    aborted.filter((reason) => reason === 'inference had not started in time').length,
    8,
  );
  hold.open();
  await running;
  await assertIdle();
});

test('a reply that takes too long is ended through every door', async (t) => {
  let hold = gate();
  const faults = await startForFaults(t, {
    complete: () => 'a b c d e f',
    beforeToken: (index) => (index === 3 ? hold.passed : undefined),
    limits: { totalTimeoutMs: 60_000 },
  });
  const { backend, timers, assertIdle } = faults;
  for (const door of DOORS) {
    for (const stream of [true, false]) {
      hold = gate();
      const numBefore = backend.requests.length;
      const asked = ask(faults, door, { stream });
      await until(() => backend.requests.length > numBefore && backend.numTokens % 6 === 3);
      timers.advance(60_000);
      assert.equal(backend.signals.at(-1)!.aborted, true);
      hold.open();
      const text = await (await asked).text();
      assert.doesNotMatch(text, /"(finish|stop)_reason":"(stop|end_turn)"|"status":"completed"/);
      assert.ok(text.length > 50, 'the reply has an end');
      await until(faults.isIdle);
      backend.numTokens = 0;
    }
  }
  hold.open();
  await assertIdle();
});

test('more connections than allowed are closed at once', async (t) => {
  const { server, open, assertIdle } = await startForFaults(t, { limits: { maxConnections: 3 } });
  const open3 = await Promise.all([open(), open(), open()]);
  // Accepted by the kernel, closed by the server.
  const fourth = await RawSocket.open(server.url);
  assert.equal(await fourth.send('GET /health HTTP/1.1\r\nhost: h\r\n\r\n').ended(), '');
  for (const client of open3) client.send('GET /health HTTP/1.1\r\nhost: h\r\n\r\n');
  for (const client of open3) {
    await client.until('"status":"ready"');
    client.vanish();
  }
  await Promise.all(open3.map((client) => client.ended()));
  await assertIdle();
});

test('a thousand streams are open at once, and all are completed', async (t) => {
  const NUM_STREAMS = 1_000;
  const hold = gate();
  const { server, backend, headers, isIdle } = await startForFaults(t, {
    complete: () => `one two three four${EOS}`,
    beforeToken: (index) => (index === 5 ? hold.passed : undefined),
  });
  const agent = new Agent({ maxSockets: Infinity });
  t.after(() => agent.destroy());
  let numBegun = 0;
  const stream = () =>
    new Promise<string>((resolve, reject) => {
      const request = httpRequest(`${server.url}/chat/completions`, {
        method: 'POST',
        headers,
        agent,
      });
      request.on('error', reject);
      request.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          if (text === '') numBegun += 1;
          text += piece;
        });
        response.on('error', reject).on('end', () => resolve(text));
      });
      request.end(JSON.stringify({ ...DOORS[0].body, stream: true }));
    });
  const streams = Array.from({ length: NUM_STREAMS }, stream);
  const all = Promise.all(streams);
  await Promise.race([until(() => numBegun === NUM_STREAMS), all]);
  assert.equal(server.numActive, NUM_STREAMS);
  assert.equal(backend.numRunning, NUM_STREAMS);
  hold.open();
  const texts = await all;
  for (const text of texts) {
    assert.match(text, /"finish_reason":"stop"/);
    assert.ok(text.endsWith('data: [DONE]\n\n'));
  }
  await until(isIdle);
  const [usage] = await server.platform.admin.usage({ groupBy: 'model' });
  assert.equal(usage!.requests, NUM_STREAMS);
});
