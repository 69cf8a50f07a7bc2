// Bytes that no proper client sends, and the corners of HTTP that some do: smuggling shapes, unknown
// methods, odd targets, old versions. Never a crash, never a request that two readers would split in
// two ways, and the server serves on.

import assert from 'node:assert/strict';
import test from 'node:test';
import { DOORS, startForFaults } from '../../helpers/fault-server.js';
import { gate, until } from '../../helpers/scripted-server.js';

const POST = 'POST /chat/completions HTTP/1.1';
const BODY = JSON.stringify(DOORS[0].body);

test('shapes of request smuggling are refused and the connection is closed', async (t) => {
  const { open, head, backend, assertIdle } = await startForFaults(t);
  const length = `content-length: ${BODY.length}`;
  const chunked = 'transfer-encoding: chunked';
  const asChunk = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\n\r\n`;
  const shapes: Record<string, string> = {
    'both lengths': head(POST, length, chunked) + asChunk,
    'both, the other way': head(POST, chunked, length) + asChunk,
    'two lengths': head(POST, length, 'content-length: 3') + BODY,
    'a list of lengths': head(POST, `${length}, ${BODY.length}`) + BODY,
    'a signed length': head(POST, `content-length: +${BODY.length}`) + BODY,
    'a hexadecimal length': head(POST, 'content-length: 0x10') + BODY,
    'a length beyond 64 bits': head(POST, `content-length: ${'9'.repeat(30)}`) + BODY,
    'chunked, and then another': head(POST, 'transfer-encoding: chunked, identity') + asChunk,
    'an unknown coding': head(POST, 'transfer-encoding: xchunked') + asChunk,
    'a space before the colon': head(POST, `content-length : ${BODY.length}`) + BODY,
    'a folded header': head(POST, 'x-folded: 1\r\n 2', length) + BODY,
    'a lone line feed': head(POST, `x-lf: 1\ny: 2`, length).replace('x-lf: 1\n', 'x-lf: 1\r'),
    'a NUL in a header': head(POST, 'x-nul: a\0b', length) + BODY,
    'a chunk size that is none': head(POST, chunked) + `zz\r\n${BODY}\r\n0\r\n\r\n`,
    'a negative chunk size': head(POST, chunked) + `-5\r\n${BODY}\r\n0\r\n\r\n`,
    'a chunk size beyond 64 bits':
      head(POST, chunked) + `${'f'.repeat(20)}\r\n${BODY}\r\n0\r\n\r\n`,
    'a chunk longer than said': head(POST, chunked) + `2\r\n${BODY}\r\n0\r\n\r\n`,
    'no host': `${POST}\r\n${length}\r\n\r\n${BODY}`,
  };
  for (const [name, bytes] of Object.entries(shapes)) {
    const client = await open();
    const text = await client.send(bytes).ended();
    assert.match(text, /^HTTP\/1\.1 400 /, name);
    assert.equal(text.split('HTTP/1.1').length, 2, `${name}: one answer`);
  }
  assert.equal(backend.requests.length, 0);
  await assertIdle();
});

test('what is not HTTP at all is refused', async (t) => {
  const { open, assertIdle } = await startForFaults(t);
  const openings = {
    'another method': 'BREW /models HTTP/1.1\r\nhost: h\r\n\r\n',
    'a method that is a property': '__proto__ /models HTTP/1.1\r\nhost: h\r\n\r\n',
    'HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'HTTP/9': 'GET /models HTTP/9.9\r\nhost: h\r\n\r\n',
    TLS: '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.padEnd(200, '\x91'),
    SSH: 'SSH-2.0-OpenSSH_9.6\r\n',
    NUL: '\0'.repeat(100),
    'a raw byte in the path': 'GET /mod\0els HTTP/1.1\r\nhost: h\r\n\r\n',
    'a byte beyond ASCII in the path': 'GET /mod\xffels HTTP/1.1\r\nhost: h\r\n\r\n',
    'a target that is none': 'GET javascript:alert(1) HTTP/1.1\r\nhost: h\r\n\r\n',
  };
  for (const [name, bytes] of Object.entries(openings)) {
    const client = await open();
    assert.match(await client.send(bytes).ended(), /^HTTP\/1\.1 400 /, name);
  }
  const tunnel = await open();
  assert.equal(await tunnel.send('CONNECT h:443 HTTP/1.1\r\nhost: h\r\n\r\n').ended(), '');
  await assertIdle();
});

test('heads that are too large are refused', async (t) => {
  const { open, head, assertIdle } = await startForFaults(t);
  const many = Array.from({ length: 3_000 }, (_, n) => `x-${n}: 1`);
  for (const bytes of [
    head('GET /models HTTP/1.1', `x-large: ${'x'.repeat(20_000)}`),
    head(`GET /${'x'.repeat(20_000)} HTTP/1.1`),
    head('GET /models HTTP/1.1', ...many),
  ]) {
    assert.match(await (await open()).send(bytes).ended(), /^HTTP\/1\.1 431 /);
  }
  await assertIdle();
});

test('odd targets find nothing, and quickly', async (t) => {
  const { open, head, assertIdle } = await startForFaults(t);
  const targets = [
    '//',
    '/..//../models',
    '/%00',
    '/models/%ff%fe/x',
    '/__proto__',
    '/constructor',
    '/lab/__proto__/chat/completions',
    '/lab/constructor/chat/completions',
    `/lab/${'lab/'.repeat(3_000)}`,
    `/lab/hello${'/lab/hello'.repeat(1_000)}/chat/completions`,
    `/${'/'.repeat(15_000)}`,
    `/${'a/'.repeat(7_500)}`,
    `/models/${'x'.repeat(15_000)}`,
    '/models/x/y/{id}',

    '*',
    'http://',
    'ftp://h/models',
  ];
  const client = await open();
  for (const target of targets) client.send(head(`GET ${target} HTTP/1.1`));
  client.send(head('GET /models HTTP/1.1', 'connection: close'));
  const answers = (await client.ended()).split('HTTP/1.1 ').slice(1);
  assert.deepEqual(
    answers.map((answer) => answer.slice(0, 3)),
    [...targets.map(() => '404'), '200'],
  );
  await assertIdle();
});

test('a model called __proto__ is not there', async (t) => {
  const { server, headers } = await startForFaults(t);
  const response = await fetch(`${server.url}/models/__proto__`, { headers });
  assert.equal(response.status, 404);
  assert.match(await response.text(), /Model Not Exist/);
});

test('proxies may send the whole URL (RFC 9112 §3.2.2)', async (t) => {
  const { open, head, assertIdle } = await startForFaults(t);
  const client = await open();
  for (const target of ['http://hadal/models', 'HTTPS://h:1/v1/models?x=http://y/z']) {
    client.send(head(`GET ${target} HTTP/1.1`));
  }
  client.send(head('GET http://hadal/admin/accounts HTTP/1.1', 'connection: close'));
  const statuses = [...(await client.ended()).matchAll(/HTTP\/1\.1 (\d+)/g)].map(
    ([, code]) => code,
  );
  assert.deepEqual(statuses, ['200', '200', '401']);
  await assertIdle();
});

test('known methods where they do not belong are 405', async (t) => {
  const { open, head, assertIdle } = await startForFaults(t);
  const client = await open();
  for (const method of ['PUT', 'PATCH', 'TRACE', 'DELETE', 'PROPFIND', 'M-SEARCH']) {
    client.send(head(`${method} /chat/completions HTTP/1.1`));
  }
  client.send(head('GET /models HTTP/1.1', 'connection: close'));
  const statuses = [...(await client.ended()).matchAll(/HTTP\/1\.1 (\d+)/g)].map(
    ([, code]) => code,
  );
  assert.deepEqual(statuses, ['405', '405', '405', '405', '405', '405', '200']);
  await assertIdle();
});

test('pipelined requests are answered in their order', async (t) => {
  const { open, request, assertIdle } = await startForFaults(t);
  const client = await open();
  const [chat, fim, anthropic, responses] = DOORS;
  client.send(
    request({ ...chat.body, stream: true }, chat.path) +
      request(fim.body, fim.path) +
      request('{', chat.path) +
      request({ ...anthropic.body, stream: true }, anthropic.path) +
      request(responses.body, responses.path),
  );
  const text = await client.until('"object":"response"');
  const order = ['[DONE]', '"text_completion"', 'Failed to parse', 'message_stop', '"response"'];
  const places = order.map((mark) => text.indexOf(mark));
  assert.ok(
    places.every((place) => place > 0),
    text,
  );
  assert.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  );
  client.vanish();
  await assertIdle();
});

test('garbage behind a request ends the connection and the request', async (t) => {
  const hold = gate();
  const { open, request, backend, assertIdle } = await startForFaults(t, {
    complete: () => 'a b c d e f',
    beforeToken: (index) => (index === 3 ? hold.passed : undefined),
  });
  for (const stream of [true, false]) {
    const client = await open();
    const numBefore = backend.requests.length;
    client.send(request({ ...DOORS[0].body, stream }));
    await until(() => backend.requests.length > numBefore && backend.numRunning > 0);
    client.send('\0\0\0garbage\r\n\r\n');
    await client.ended();
    await until(() => backend.signals.at(-1)!.aborted);
  }
  hold.open();
  await assertIdle();
});

test('HTTP/1.0 clients get a reply without chunks, ended by the connection', async (t) => {
  const { open, server, assertIdle } = await startForFaults(t);
  for (const stream of [true, false]) {
    const body = JSON.stringify({ ...DOORS[0].body, stream });
    const client = await open();
    client.send(
      `POST /chat/completions HTTP/1.0\r\nauthorization: Bearer ${server.apiKey}\r\n` +
        `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    const text = await client.ended();
    assert.match(text, /^HTTP\/1\.1 200 /);
    assert.doesNotMatch(text, /transfer-encoding/i);
    assert.ok(text.endsWith(stream ? 'data: [DONE]\n\n' : '}'), text.slice(-50));
  }
  await assertIdle();
});

test('Expect: 100-continue is answered; another expectation is not met', async (t) => {
  const { open, head, assertIdle } = await startForFaults(t);
  const client = await open();
  client.send(head(POST, `content-length: ${BODY.length}`, 'expect: 100-continue'));
  await client.until('HTTP/1.1 100 Continue');
  client.send(BODY);
  await client.until('HTTP/1.1 200 OK');
  client.vanish();
  const other = await open();
  other.send(head('GET /models HTTP/1.1', 'expect: coffee', 'connection: close'));
  assert.match(await other.ended(), /^HTTP\/1\.1 417 /);
  await assertIdle();
});

test('an offer to upgrade is ignored', async (t) => {
  const { open, head } = await startForFaults(t);
  const client = await open();
  client.send(head('GET /models HTTP/1.1', 'upgrade: websocket', 'connection: upgrade'));
  assert.match(await client.until('deepseek-reasoner'), /^HTTP\/1\.1 200 /);
  client.vanish();
});
