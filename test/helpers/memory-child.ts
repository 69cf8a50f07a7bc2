// Asks a server of this process thousands of times and tells what is left in memory:
// `node --expose-gc memory-child.js <finished> <aborted>` prints the growth of the heap in bytes over
// a second half of that many requests, after a first half that fills caches and pools.

import assert from 'node:assert/strict';
import { Agent, request as httpRequest } from 'node:http';
import { startServer } from '../../src/server/start-server.js';
import { ScriptedBackend, testTokenizer } from './scripted-backend.js';
import { DOORS } from './fault-server.js';
import { EOS, until } from './scripted-server.js';

const [numFinished, numAborted] = process.argv.slice(2).map(Number) as [number, number];
const CALLERS = 16;

const tokenizer = testTokenizer();
const backend = new ScriptedBackend({
  tokenizer,
  // A question for silence is never answered, so that its client can leave in the middle.
  complete: (prompt) => (prompt.includes('silence') ? 'x'.repeat(2_000) : `Hello.${EOS}`),
  beforeToken: () => new Promise<void>((resolve) => setImmediate(resolve)),
});
const server = await startServer({
  served: { backend, tokenizer },
  port: 0,
  apiKey: 'sk-memory-0000000000',
  log: () => {},
});
const agent = new Agent({ keepAlive: true, maxSockets: CALLERS });

await round();
const before = await heapUsed();
await round();
const growth = (await heapUsed()) - before;
agent.destroy();
await server.close();
console.log(growth);

/** Half of all requests, by callers that each wait for their answer. */
async function round(): Promise<void> {
  let numLeft = numFinished / 2;
  let numToLeave = numAborted / 2;
  const caller = async () => {
    while (numLeft > 0) {
      numLeft -= 1;
      await ask(numLeft);
      if (numToLeave <= 0 || numLeft % Math.floor(numFinished / numAborted) !== 0) continue;
      numToLeave -= 1;
      await leave(numToLeave);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  await until(() => server.numActive === 0 && backend.numRunning === 0);
  // The fixture's own memory of what it was asked.
  backend.requests.length = 0;
  backend.signals.length = 0;
}

function send(n: number, question: string) {
  const { path, body } = DOORS[n % DOORS.length]!;
  const request = httpRequest(server.url + path, {
    method: 'POST',
    agent,
    headers: { authorization: `Bearer ${server.apiKey}`, 'content-type': 'application/json' },
  });
  // The words differ each time: what is kept by content would pile up.
  const text = JSON.stringify({ ...body, stream: n % 8 < 4 }).replace('"hi"', `"${question} ${n}"`);
  request.end(text);
  return request;
}

function ask(n: number): Promise<void> {
  return new Promise((resolve, reject) => {
    send(n, 'hello')
      .on('error', reject)
      .on('response', (response) => {
        assert.equal(response.statusCode, 200);
        response.resume().on('end', resolve);
      });
  });
}

/** Leaves a stream at its first byte, a whole reply as soon as it is generated. */
function leave(n: number): Promise<void> {
  return new Promise((resolve) => {
    const isStream = n % 8 < 4;
    const request = send(n, 'silence').on('error', () => {});
    request.on('close', resolve);
    if (isStream)
      request.on('response', (response) => response.once('data', () => request.destroy()));
    else request.on('finish', () => setImmediate(() => request.destroy()));
  });
}

async function heapUsed(): Promise<number> {
  assert.ok(globalThis.gc, 'run with --expose-gc');
  await until(() => server.platform.health().journalDepth === 0);
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc();
  }
  return process.memoryUsage().heapUsed;
}
