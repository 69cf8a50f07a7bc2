// Bodies that are to hurt, through every door: too large, too many, too deep, broken in every way.
// An answer in the dialect's own words, bounded memory, and nothing left behind.

import assert from 'node:assert/strict';
import test from 'node:test';
import { DOORS, startForFaults } from '../../helpers/fault-server.js';
import type { RawSocket } from '../../helpers/raw-socket.js';
import { EOS, until } from '../../helpers/scripted-server.js';

const MIB = 1024 * 1024;
const DEPTH = 10_000;
const PATHS = [...DOORS.map(({ path }) => path), '/anthropic/v1/messages/count_tokens'];

/** Sends `total` bytes as fast as the server takes them; true = it took all of them. */
async function pour(client: RawSocket, { total, chunked }: { total: number; chunked: boolean }) {
  const piece = Buffer.alloc(MIB, 'x');
  let peak = 0;
  for (let sent = 0; sent < total && !client.isClosed; sent += piece.length) {
    if (chunked) client.socket.write(`${piece.length.toString(16)}\r\n`);
    const isTaken = client.socket.write(piece);
    if (chunked) client.socket.write('\r\n');
    if (!isTaken) {
      await new Promise<void>((resolve) => {
        const done = () => {
          client.socket.off('drain', done).off('close', done);
          resolve();
        };
        client.socket.on('drain', done).on('close', done);
      });
    }
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    peak = Math.max(peak, heapUsed + arrayBuffers);
  }
  return peak;
}

test('100 MB are refused with 413 in bounded memory, declared or not', async (t) => {
  const { open, head, assertIdle } = await startForFaults(t);
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  for (const { path } of DOORS) {
    for (const chunked of [false, true]) {
      const client = await open();
      const length = chunked ? 'transfer-encoding: chunked' : `content-length: ${100 * MIB}`;
      client.send(head(`POST ${path} HTTP/1.1`, length));
      const peak = await pour(client, { total: 100 * MIB, chunked });
      assert.match(await client.until('at most 16777216 bytes'), /^HTTP\/1\.1 413 /);
      client.vanish();
      // What was read until the limit, sockets' buffers, garbage; not the body.
      assert.ok(peak - heapUsed - arrayBuffers < 64 * MIB, `${(peak - heapUsed) / MIB} MiB`);
    }
  }
  await assertIdle();
});

test('many large bodies at once are refused with 503 before they fill the memory', async (t) => {
  const { server, open, head, request, assertIdle } = await startForFaults(t, {
    limits: { maxBodyBytes: 2 * MIB, maxBodyBytesInFlight: 5 * MIB },
  });
  const half = Buffer.alloc(MIB, ' ');
  const clients = await Promise.all(Array.from({ length: 5 }, () => open()));
  for (const client of clients) {
    client.send(head('POST /chat/completions HTTP/1.1', `content-length: ${2 * MIB}`)).send(half);
  }
  await until(() => server.numActive === 5);
  // Whoever sends the byte that is too much is refused, and what it had sent is forgotten.
  const late = await open();
  late.send(head('POST /responses HTTP/1.1', `content-length: ${2 * MIB}`));
  const refused = [...clients, late];
  for (const client of refused) client.send(half);
  await Promise.any(refused.map((client) => client.until(/^HTTP\/1\.1 503 [^]*retry-after: \d/)));
  for (const client of refused) client.vanish();
  await until(() => server.numActive === 0);
  const after = await open();
  after.send(request(' '.repeat(MIB) + JSON.stringify(DOORS[0].body)));
  assert.match(await after.until('Hello.'), /^HTTP\/1\.1 200 /);
  after.vanish();
  await assertIdle();
});

/** Whole bodies, by what is wrong with them. */
function brokenBodies(valid: string): Record<string, Buffer> {
  const text: Record<string, string> = {
    empty: '',
    blank: ' \n\t ',
    'not closed': valid.slice(0, -1),
    'closed twice': `${valid}}`,
    'two values': `${valid}${valid}`,
    'arrays to 10,000 levels': '['.repeat(DEPTH) + ']'.repeat(DEPTH),
    'arrays that are never closed': '['.repeat(1_000_000),
    'objects to 10,000 levels': `${'{"a":'.repeat(DEPTH)}1${'}'.repeat(DEPTH)}`,
    'levels in an unknown field': `${valid.slice(0, -1)},"x":${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}}`,
    'a model of levels': `{"model":${'['.repeat(DEPTH)}${']'.repeat(DEPTH)}}`,
    null: 'null',
    array: '[]',
    string: JSON.stringify(valid),
    number: '-0',
    'a number beyond doubles': `${valid.slice(0, -1)},"temperature":1e400}`,
    'a number with 100,000 digits': `${valid.slice(0, -1)},"temperature":${'9'.repeat(100_000)}}`,
    'a raw NUL in a string': valid.replace('deepseek', 'deep\0seek'),
    'a raw NUL after the end': `${valid}\0`,
    'a comment': `/* ${valid} */`,
    'a trailing comma': `${valid.slice(0, -1)},}`,
    'single quotes': valid.replaceAll('"', "'"),
    NaN: `${valid.slice(0, -1)},"temperature":NaN}`,
  };
  const bytes = (value: Buffer) => Buffer.concat([Buffer.from(valid.slice(0, -2)), value]);
  return {
    ...Object.fromEntries(Object.entries(text).map(([name, body]) => [name, Buffer.from(body)])),
    'invalid UTF-8': bytes(Buffer.from([0xff, 0xfe, 0x22, 0x7d])),
    'UTF-8 that is cut': bytes(Buffer.from([0xe6, 0xb7])),
    'overlong UTF-8': bytes(Buffer.from([0xc0, 0x80, 0x22, 0x7d])),
    'surrogates in UTF-8': bytes(Buffer.from([0xed, 0xa0, 0x80, 0x22, 0x7d])),
    'UTF-16': Buffer.from(valid, 'utf16le'),
    gzip: Buffer.from([0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 3]),
  };
}

test('broken bodies are 400 in the dialect of the door', async (t) => {
  const { server, headers, backend, assertIdle } = await startForFaults(t);
  for (const path of PATHS) {
    const { body } = DOORS.find((door) => path.startsWith(door.path))!;
    for (const [name, bytes] of Object.entries(brokenBodies(JSON.stringify(body)))) {
      const response = await fetch(server.url + path, { method: 'POST', headers, body: bytes });
      const text = await response.text();
      assert.equal(response.status, 400, `${path}, ${name}: ${text}`);
      const { error, type } = JSON.parse(text) as { error: { message: string }; type?: string };
      assert.equal(type, path.startsWith('/anthropic') ? 'error' : undefined);
      assert.ok(error.message.length > 0 && error.message.length < 2_000, name);
    }
  }
  assert.equal(backend.requests.length, 0);
  await assertIdle();
});

test('keys of objects that a prototype has are data like others', async (t) => {
  const { server, headers, assertIdle } = await startForFaults(t);
  const hostile =
    '"__proto__":{"polluted":1,"stream":true},"constructor":{"prototype":{"polluted":1}},' +
    '"toString":1,"hasOwnProperty":null,"valueOf":{}';
  for (const path of PATHS) {
    const { body } = DOORS.find((door) => path.startsWith(door.path))!;
    const bytes = `{${hostile},${JSON.stringify(body).slice(1)}`;
    const response = await fetch(server.url + path, { method: 'POST', headers, body: bytes });
    const text = await response.text();
    assert.equal(response.status, 200, `${path}: ${text}`);
    assert.match(response.headers.get('content-type')!, /json/);
    assert.equal(({} as { polluted?: number }).polluted, undefined);
  }
  await assertIdle();
});

test('the same key twice: refused, or one of them counts; never a crash', async (t) => {
  const { server, headers, assertIdle } = await startForFaults(t);
  for (const path of PATHS) {
    const { body } = DOORS.find((door) => path.startsWith(door.path))!;
    const valid = JSON.stringify(body);
    const twice = [
      `{"model":"nonsense",${valid.slice(1)}`,
      `${valid.slice(0, -1)},"model":"nonsense"}`,
      `{${Array.from({ length: 20_000 }, (_, n) => `"k${n % 7}":${n}`).join(',')},${valid.slice(1)}`,
    ];
    for (const bytes of twice) {
      const response = await fetch(server.url + path, { method: 'POST', headers, body: bytes });
      const text = await response.text();
      assert.ok([200, 400].includes(response.status), `${path}: ${response.status} ${text}`);
    }
  }
  await assertIdle();
});

test('NUL, control tokens and lone surrogates are text of a message', async (t) => {
  const prompts: string[] = [];
  const { server, headers, assertIdle } = await startForFaults(t, {
    complete: (prompt) => {
      prompts.push(prompt);
      return `Hello.${EOS}`;
    },
  });
  // Lone surrogates cannot be sent on; they become U+FFFD (api reference §14, item 21).
  const text = 'a\\u0000b <｜end▁of▁sentence｜> \\ud800c \\udc00\\ud800 \\ud83d\\udc1f';
  for (const { door, path, body } of DOORS) {
    const bytes = JSON.stringify(body).replace('"hi"', `"${text}"`);
    const response = await fetch(server.url + path, { method: 'POST', headers, body: bytes });
    assert.equal(response.status, 200, `${door}: ${await response.text()}`);
    assert.ok(prompts.at(-1)!.includes('\0b <｜end▁of▁sentence｜> \ufffdc \ufffd\ufffd 🐟'), door);
  }
  await assertIdle();
});
