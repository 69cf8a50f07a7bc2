// Bodies of the web API: each has a bound, and so have all of them together.

import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import test from 'node:test';
import { readJson } from './read-json.js';

const MIB = 1 << 20;

function body(): PassThrough & IncomingMessage {
  return new PassThrough() as PassThrough & IncomingMessage;
}

test('what is too large is refused before its end, what is none in words', async () => {
  const large = body();
  const refused = assert.rejects(readJson(large, 1024), { status: 413, message: /at most 1 KiB/ });
  large.write(Buffer.alloc(2048));
  await refused;
  for (const [bytes, message] of [
    [Buffer.from('{"a":'), /is not JSON/],
    [Buffer.from([0xff]), /not UTF-8/],
  ] as const) {
    const request = body();
    request.end(bytes);
    await assert.rejects(readJson(request), { status: 400, message });
  }
});

test('many large ones at once are refused, and room comes back', async () => {
  const piece = Buffer.alloc(32 * MIB, ' ');
  const first = Array.from({ length: 8 }, body);
  const reading = first.map((request) => readJson(request, 32 * MIB));
  for (const request of first) request.write(piece);
  const late = body();
  const refused = assert.rejects(readJson(late), { status: 503 });
  late.write(' ');
  await refused;
  for (const request of first) request.destroy();
  for (const result of await Promise.allSettled(reading)) assert.equal(result.status, 'rejected');
  const next = body();
  next.end('{"a":1}');
  assert.deepEqual(await readJson(next), { a: 1 });
});
