// Clients that leave, in every phase of a request: nothing of the request may stay behind, whatever
// the door and however the reply is framed.

import assert from 'node:assert/strict';
import test from 'node:test';
import { DOORS, startForFaults } from '../../helpers/fault-server.js';
import { gate, until } from '../../helpers/scripted-server.js';

const LONG = 'word '.repeat(300);

test('before the head is complete', async (t) => {
  const { open, assertIdle } = await startForFaults(t);
  for (const part of ['', 'POST /chat/comp', 'POST /chat/completions HTTP/1.1\r\nhost: h\r\nx-a']) {
    const client = await open();
    client.send(part);
    client.vanish();
    await client.ended();
  }
  await assertIdle();
});

test('in the body', async (t) => {
  const { server, open, head, request, assertIdle } = await startForFaults(t, {
    limits: { maxBodyBytesInFlight: 4096 },
  });
  for (const { path, body } of DOORS) {
    const whole = request(body, path);
    const chunked = head(`POST ${path} HTTP/1.1`, 'transfer-encoding: chunked') + '400\r\n{"mod';
    for (const part of [whole.slice(0, -5), chunked]) {
      const client = await open();
      client.send(part);
      await until(() => server.numActive === 1);
      client.vanish();
      await until(() => server.numActive === 0);
    }
  }
  await assertIdle();
});

test('a client that says it will send no more counts as gone', async (t) => {
  const hold = gate();
  const { open, request, backend, assertIdle } = await startForFaults(t, {
    complete: () => LONG,
    beforeToken: (index) => (index === 40 ? hold.passed : undefined),
  });
  const client = await open();
  client.send(request({ ...DOORS[0].body, stream: true }));
  await until(() => backend.numTokens === 40);
  client.socket.end();
  await until(() => backend.signals[0]!.aborted);
  hold.open();
  await client.ended();
  await assertIdle();
});

test('while the key is looked up', async (t) => {
  const { server, open, request, assertIdle } = await startForFaults(t);
  const { platform } = server;
  const identify = platform.identify.bind(platform);
  let numAsked = 0;
  const hold = gate();
  platform.identify = async (key) => {
    numAsked += 1;
    await hold.passed;
    return identify(key);
  };
  const whole = request(DOORS[0].body);
  const paths = [...DOORS.map(({ path }) => path), '/anthropic/v1/messages/count_tokens'];
  for (const bytes of [...paths.map((path) => request(DOORS[0].body, path)), whole.slice(0, -9)]) {
    const before = numAsked;
    const client = await open();
    client.send(bytes);
    await until(() => numAsked === before + 1);
    client.vanish();
    await client.ended();
  }
  hold.open();
  await until(() => server.numActive === 0);
  await assertIdle();
});

for (const { door, path, body } of DOORS) {
  for (const stream of [true, false]) {
    const name = `${door}, ${stream ? 'streamed' : 'whole'}`;
    const wanted = { ...body, stream };

    test(`${name}: while queued`, async (t) => {
      const hold = gate();
      const faults = await startForFaults(t, {
        limits: { maxRunning: 1 },
        beforeToken: () => hold.passed,
      });
      const { open, request, backend, server, timers, post, assertIdle } = faults;
      const first = post();
      await until(() => backend.numRunning === 1);
      const early = await open();
      early.send(request(wanted, path));
      await until(() => server.numActive === 2);
      early.vanish();
      await until(() => server.numActive === 1);
      // And once a keep-alive has opened the head.
      const late = await open();
      late.send(request(wanted, path));
      await until(() => server.numActive === 2 && timers.numPending === 2 + 3);
      timers.advance(1000);
      await late.until('x-hadal-queue-position: 1');
      late.vanish();
      await until(() => server.numActive === 1);
      hold.open();
      assert.equal((await first).status, 200);
      assert.equal(backend.requests.length, 1);
      await assertIdle();
    });

    test(`${name}: before the first token`, async (t) => {
      const hold = gate();
      const faults = await startForFaults(t, { beforeToken: () => hold.passed });
      const { open, request, backend, assertIdle } = faults;
      const client = await open();
      client.send(request(wanted, path));
      await until(() => backend.numRunning === 1);
      client.vanish();
      await until(() => backend.signals[0]!.aborted);
      hold.open();
      await assertIdle();
    });

    test(`${name}: in the middle`, async (t) => {
      const hold = gate();
      const { open, request, backend, isIdle, assertIdle } = await startForFaults(t, {
        complete: () => LONG,
        beforeToken: (index) => (index === 40 ? hold.passed : undefined),
      });
      const client = await open();
      client.send(request(wanted, path));
      if (stream) await client.until('data: ');
      await until(() => backend.numTokens === 40);
      client.vanish();
      await until(() => backend.signals[0]!.aborted);
      hold.open();
      await until(isIdle);
      assert.ok(backend.numTokens < 50, `${backend.numTokens} tokens for nobody`);
      await assertIdle();
    });
  }
}

test('behind a pipelined request that is still being answered', async (t) => {
  const hold = gate();
  const { open, request, backend, server, assertIdle } = await startForFaults(t, {
    complete: () => LONG,
    beforeToken: (index) => (index === 40 ? hold.passed : undefined),
  });
  const client = await open();
  const requests = DOORS.flatMap(({ path, body }) =>
    [true, false].map((stream) => request({ ...body, stream }, path)),
  );
  client.send(requests.join(''));
  await until(() => backend.numRunning === requests.length);
  client.vanish();
  await until(() => backend.signals.every(({ aborted }) => aborted));
  hold.open();
  await until(() => server.numActive === 0);
  await assertIdle();
});

test('behind a pipelined request, when its own reply is already complete', async (t) => {
  const hold = gate();
  let numStarted = 0;
  const { open, request, backend, server, assertIdle } = await startForFaults(t, {
    complete: () => (numStarted++ === 0 ? LONG : 'Short.'),
    beforeToken: (index) => (index === 40 ? hold.passed : undefined),
  });
  const client = await open();
  const [chat] = DOORS;
  client.send(request({ ...chat.body, stream: true }));
  await until(() => backend.numTokens === 40);
  for (const stream of [true, false]) client.send(request({ ...chat.body, stream }));
  await until(() => backend.requests.length === 3 && backend.numRunning === 1);
  assert.equal(server.numActive, 3);
  client.vanish();
  hold.open();
  await until(() => server.numActive === 0);
  await assertIdle();
});
