// Asks a server and its engine, a process each, many short questions and tells what they hold:
// `node --expose-gc engine-memory-child.js <warm-up> <requests>` prints resident bytes of both
// processes after the warm-up and after that many requests more, as one JSON line. The context cache
// is small, so that it is full soon.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokenTableOf } from '../../src/chat/token-table.js';
import { EngineBackend } from '../../src/engine/engine-backend.js';
import { loadTokenizerFor } from '../../src/model-location.js';
import { startServer } from '../../src/server/start-server.js';
import { smallModel } from './engine-server.js';
import { DOORS } from './fault-server.js';
import { until } from './scripted-server.js';

/** Of the two processes. */
export interface ResidentBytes {
  server: number;
  engine: number;
}

const CALLERS = 16;
const NUM_SAMPLES = 5;
const SAMPLE_EVERY = 80;
const [warmUp, requests] = process.argv.slice(2).map(Number) as [number, number];

const path = await smallModel();
const tokenizer = loadTokenizerFor(path);
const backend = await EngineBackend.start({
  source: { path, device: 'auto', threads: 1 },
  tokenTable: tokenTableOf(tokenizer),
  cache: { ramBytes: 1 << 20 },
});
const folder = mkdtempSync(join(tmpdir(), 'hadal-memory-'));
const server = await startServer({
  served: { backend, tokenizer },
  port: 0,
  // Not in memory, where the ledger would be what grows.
  dataDir: folder,
  log: () => {},
});
const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });
let n = 0;

const before = await least(warmUp);
const afterwards = await least(warmUp + requests);
agent.destroy();
await server.close();
rmSync(folder, { recursive: true });
console.log(JSON.stringify({ before, after: afterwards }));

/** After so many requests in all: the least of the last samples, for garbage comes and goes. */
async function least(count: number): Promise<ResidentBytes> {
  const samples: ResidentBytes[] = [];
  for (let left = NUM_SAMPLES; left-- > 0;) {
    await askUntil(count - left * SAMPLE_EVERY);
    samples.push(await sample());
  }
  return {
    server: Math.min(...samples.map(({ server: bytes }) => bytes)),
    engine: Math.min(...samples.map(({ engine }) => engine)),
  };
}

async function askUntil(count: number): Promise<void> {
  const caller = async () => {
    while (n < count) await ask(n++);
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
}

function ask(number: number): Promise<void> {
  const { path: route, body } = DOORS[number % DOORS.length]!;
  const limit = route === '/responses' ? 'max_output_tokens' : 'max_tokens';
  // Other words and other lengths each time: what is kept by content would pile up.
  const words = `${number} `.repeat(1 + (number % 8));
  const fields = { ...body, [limit]: 3, stream: number % 8 < 4 };
  const text = JSON.stringify(fields).replace('"hi"', `"hello ${words}"`);
  return new Promise((resolve, reject) => {
    const request = httpRequest(server.url + route, {
      method: 'POST',
      agent,
      headers: { authorization: `Bearer ${server.apiKey}`, 'content-type': 'application/json' },
    });
    request.on('error', reject).on('response', (response) => {
      assert.equal(response.statusCode, 200);
      response.resume().on('end', resolve);
    });
    request.end(text);
  });
}

async function sample(): Promise<ResidentBytes> {
  assert.ok(globalThis.gc, 'run with --expose-gc');
  await until(() => server.numActive === 0 && server.platform.health().journalDepth === 0);
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc();
  }
  const { residentBytes, running, caches } = await backend.stats();
  assert.deepEqual([running, caches], [0, 0]);
  assert.ok(residentBytes !== undefined);
  return { server: process.memoryUsage.rss(), engine: residentBytes };
}
