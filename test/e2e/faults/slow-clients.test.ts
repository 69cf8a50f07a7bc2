// Clients that are slow, stop reading, or never finish what they send: each is ended by a time limit,
// with bounded memory until then, and leaves nothing behind.

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'node:test';
import { startForFaults } from '../../helpers/fault-server.js';
import type { RawSocket } from '../../helpers/raw-socket.js';
import { gate, until } from '../../helpers/scripted-server.js';
import { storedUsage } from '../../helpers/stored-usage.js';
import { storePlaces } from '../../helpers/store-places.js';

const MESSAGES = [{ role: 'user', content: 'hi' }];
/** Many megabytes: far more than the socket buffers hold. */
const HUGE = {
  model: 'deepseek-chat',
  messages: MESSAGES,
  max_tokens: 8192,
  logprobs: true,
  top_logprobs: 20,
};
const complete = () => 'word '.repeat(20_000);

/** Back-pressure has reached the model; resolves with the tokens produced until then. */
async function untilPaused(backend: { numTokens: number }): Promise<number> {
  let produced = -1;
  while (produced !== backend.numTokens || produced === 0) {
    produced = backend.numTokens;
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  return produced;
}

/** One byte at a time, as long as the server listens. */
async function dribble(client: RawSocket): Promise<void> {
  while (!client.isClosed) {
    client.send('1');
    await pause(5);
  }
}

test('slowloris: a head or a body that comes byte by byte is cut with 408', async (t) => {
  const { server, open, head, assertIdle } = await startForFaults(t, {
    limits: { headersTimeoutMs: 120, requestTimeoutMs: 120, maxBodyBytesInFlight: 4096 },
  });
  const beginnings = [
    'GET /models HTTP/1.1\r\nx-slow: ',
    head('POST /chat/completions HTTP/1.1', 'content-length: 4000').slice(0, -4) + '\r\nx-slow: ',
    head('POST /chat/completions HTTP/1.1', 'content-length: 4000'),
    head('POST /chat/completions HTTP/1.1', 'transfer-encoding: chunked') + 'ff0\r\n',
  ];
  await Promise.all(
    beginnings.map(async (beginning) => {
      const client = await open();
      client.send(beginning);
      await dribble(client);
      assert.match(client.text, /^HTTP\/1\.1 408 /, beginning);
    }),
  );
  assert.equal(server.numActive, 0);
  await assertIdle();
});

test('a connection on which nothing comes is closed', async (t) => {
  const { open, assertIdle } = await startForFaults(t, {
    limits: { headersTimeoutMs: 60, requestTimeoutMs: 60 },
  });
  const client = await open();
  await client.ended();
  await assertIdle();
});

test('a reply may take longer than a request', async (t) => {
  const hold = gate();
  const { open, request, assertIdle } = await startForFaults(t, {
    limits: { headersTimeoutMs: 60, requestTimeoutMs: 60 },
    beforeToken: () => hold.passed,
  });
  const silent = await open();
  const client = await open();
  client.send(request({ model: 'deepseek-chat', messages: MESSAGES }));
  await silent.ended(); // so much time has passed
  hold.open();
  assert.match(await client.until('Hello.'), /^HTTP\/1\.1 200 /);
  client.vanish();
  await assertIdle();
});

test('a stream that nobody reads pauses the model and is given up', async (t) => {
  const { open, request, backend, timers, server, isIdle } = await startForFaults(t, {
    complete,
    limits: { stallTimeoutMs: 30_000, maxRunning: 1 },
  });
  const client = await open({ reads: false });
  client.send(request({ ...HUGE, stream: true }));
  const produced = await untilPaused(backend);
  assert.ok(produced < 8000, `${produced} tokens produced for nobody`);
  timers.advance(29_999);
  assert.equal(backend.signals[0]!.aborted, false);
  timers.advance(1);
  assert.equal(backend.signals[0]!.aborted, true);
  await until(isIdle);
  assert.equal(backend.numTokens, produced + 1);
  const [usage] = await server.platform.admin.usage({ groupBy: 'day' });
  assert.equal(usage!.requests, 1);
  client.vanish();
});

test('a stream that nobody reads is billed when the server stops', async (t) => {
  const [place] = storePlaces().filter(({ name }) => name === 'file');
  t.after(() => place!.remove());
  const places = await place!.fresh();
  const { open, request, backend, timers, server } = await startForFaults(t, {
    complete,
    ...places,
    apiKey: 'sk-stop-000000000000',
  });
  const client = await open({ reads: false });
  client.send(request({ ...HUGE, stream: true }));
  await untilPaused(backend);
  const closing = server.close();
  await until(() => backend.signals[0]!.aborted && timers.numPending > 0);
  timers.advance(5000);
  await closing;
  client.vanish();
  const stored = await storedUsage(places.databaseUrl);
  assert.deepEqual(
    stored.map(({ finishReason, completionTokens }) => ({ finishReason, completionTokens })),
    [{ finishReason: 'aborted', completionTokens: backend.numTokens - 1 }],
  );
});

test('whole replies that nobody reads are given up', async (t) => {
  const { open, request, isIdle, backend } = await startForFaults(t, {
    complete,
    limits: { stallTimeoutMs: 100 },
  });
  const clients = await Promise.all([open({ reads: false }), open({ reads: false })]);
  clients[0]!.send(request(HUGE));
  // Behind another one the second reply is never even begun.
  clients[1]!.send(request(HUGE) + request(HUGE));
  await until(() => backend.requests.length === 3);
  await until(isIdle);
  for (const client of clients) client.vanish();
});

test('a whole reply that is read slowly is delivered', async (t) => {
  const { open, head, assertIdle } = await startForFaults(t, {
    complete,
    limits: { stallTimeoutMs: 1500 },
  });
  const client = await open({ reads: false });
  const body = JSON.stringify(HUGE);
  const length = `content-length: ${body.length}`;
  client.send(head('POST /chat/completions HTTP/1.1', length, 'connection: close') + body);
  // In steps, with breaks that together are longer than the limit.
  let numBytes = 0;
  let tail = '';
  client.socket.on('data', (piece: Buffer) => {
    numBytes += piece.length;
    tail = (tail + piece.toString('latin1')).slice(-100);
    if (Math.floor(numBytes / 1e6) === Math.floor((numBytes - piece.length) / 1e6)) return;
    client.socket.pause();
    setTimeout(() => client.socket.resume(), 300);
  });
  await client.ended();
  assert.match(tail, /"system_fingerprint":"[^"]*"\}$/);
  assert.ok(numBytes > 5_000_000, `${numBytes} bytes`);
  await assertIdle();
});

test('a flood of pipelined requests whose answers nobody reads is bounded', async (t) => {
  const { open, head, server, isIdle } = await startForFaults(t, {
    limits: { stallTimeoutMs: 300 },
  });
  const client = await open({ reads: false });
  const many = head('GET /models HTTP/1.1').repeat(100);
  let mostActive = 0;
  for (let n = 0; n < 400 && !client.isClosed; n += 1) {
    const isTaken = client.socket.write(many);
    await new Promise((resolve) => setImmediate(resolve));
    mostActive = Math.max(mostActive, server.numActive);
    if (!isTaken) break; // the server reads no more of it either
  }
  await until(isIdle);
  assert.ok(mostActive < 1_000, `${mostActive} requests at once`);
  client.vanish();
});
