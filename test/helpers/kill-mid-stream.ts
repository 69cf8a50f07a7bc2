// Kills a server process in the middle of many streams, starts one on the same database and journal,
// and compares what clients saw with what the ledger holds.

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as httpRequest } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { startServer } from '../../src/server/start-server.js';
import { pacedModel, pacedQuestion } from './paced-scenario.js';
import { storedUsage } from './stored-usage.js';
import type { StorePlace } from './store-places.js';

const CHILD = fileURLToPath(new URL('kill-server-child.js', import.meta.url));
const API_KEY = 'sk-kill-0000000000000000';
const DONE = 'data: [DONE]\n\n';
const ADMIN_KEY = 'sk-admin-kill-0000000000';

/** One stream as its client knows it. */
interface Seen {
  /** undefined = the model never ends it. */
  numTokens: number | undefined;
  traceId: string;
  text: string;
  isDone: boolean;
  hasLeft: boolean;
  leave: () => void;
}

/**
 * Half of the streams can finish and half cannot; some of these are left by their clients. The kill
 * comes when a third of the former have finished and every stream has begun.
 */
export async function killMidStream(place: StorePlace, numStreams: number): Promise<void> {
  const places = await place.fresh();
  const streams = await streamAndKill(places, numStreams);
  const server = await startServer({
    served: pacedModel(),
    port: 0,
    log: () => {},
    ...places,
    apiKey: API_KEY,
    adminKey: ADMIN_KEY,
  });
  try {
    const admin = async (path: string) => {
      const headers = { authorization: `Bearer ${ADMIN_KEY}` };
      const response = await fetch(server.url + path, { headers });
      assert.equal(response.status, 200);
      return (await response.json()) as Record<string, unknown>;
    };
    const audit = await admin('/admin/audit');
    assert.deepEqual(audit['problems'], []);
    const stored = await storedUsage(places.databaseUrl);
    assert.equal(audit['usage_records'], stored.length);
    const [usage] = (await admin('/admin/usage?by=key'))['data'] as Record<string, number>[];
    assert.equal(usage!['requests'], stored.length);
    compare(streams, new Map(stored.map((record) => [record.requestId, record])));
  } finally {
    await server.close();
  }
}

function compare(
  streams: readonly Seen[],
  stored: Map<string, Awaited<ReturnType<typeof storedUsage>>[number]>,
): void {
  const known = new Set(streams.map(({ traceId }) => traceId));
  for (const requestId of stored.keys()) assert.ok(known.has(requestId), 'a record of no request');
  for (const { numTokens, traceId, isDone, hasLeft, text } of streams) {
    const record = stored.get(traceId);
    if (isDone) {
      assert.equal(record?.finishReason, 'stop', 'a finished request is missing');
      assert.match(text, new RegExp(`"prompt_tokens":${record.promptTokens},`));
      assert.match(text, new RegExp(`"completion_tokens":${record.completionTokens},`));
    }
    if (!record) continue;
    if (numTokens === undefined) {
      assert.ok(hasLeft, 'a request that ran when the server died counts as over');
      assert.equal(record.finishReason, 'aborted');
      assert.ok(record.completionTokens < 10);
    } else {
      // Its last bytes may have died with the server, but it was complete.
      assert.equal(record.completionTokens, numTokens);
    }
  }
}

async function streamAndKill(
  { databaseUrl, dataDir }: { databaseUrl: string; dataDir: string },
  numStreams: number,
): Promise<Seen[]> {
  const args = [CHILD, databaseUrl, dataDir, API_KEY, ADMIN_KEY];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const agent = new Agent({ maxSockets: Infinity });
  try {
    const url = await firstLine(child);
    return await new Promise<Seen[]>((resolve) => {
      const exited = once(child, 'exit');
      const counts = { begun: 0, done: 0, closed: 0 };
      const streams = Array.from({ length: numStreams }, (_, n) =>
        openStream({
          url,
          agent,
          // From few to many more than the kill leaves time for.
          numTokens: n % 2 === 0 ? 20 + Math.floor((600 * n) / numStreams) : undefined,
          leaves: n % 16 === 1,
          on: (event) => {
            counts[event] += 1;
            if (counts.begun < numStreams) return;
            if (event === 'begun') for (const stream of streams) if (stream.hasLeft) stream.leave();
            if (counts.done >= numStreams / 6) child.kill('SIGKILL');
            if (counts.closed === numStreams) void exited.then(() => resolve(streams));
          },
        }),
      );
    });
  } finally {
    child.kill('SIGKILL');
    agent.destroy();
  }
}

interface StreamOptions {
  url: string;
  agent: Agent;
  numTokens: number | undefined;
  leaves: boolean;
  on: (event: 'begun' | 'done' | 'closed') => void;
}

function openStream({ url, agent, numTokens, leaves, on }: StreamOptions): Seen {
  const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
  const request = httpRequest(`${url}/chat/completions`, { method: 'POST', headers, agent });
  const seen: Seen = {
    numTokens,
    traceId: '',
    text: '',
    isDone: false,
    hasLeft: leaves,
    leave: () => request.destroy(),
  };
  request.on('error', () => {}); // the server's end, which is what this is about
  request.on('close', () => on('closed'));
  request.on('response', (response) => {
    seen.traceId = String(response.headers['x-ds-trace-id']);
    let end = ''; // DONE may come in two pieces
    response.setEncoding('utf8').on('data', (text: string) => {
      if (seen.text === '') on('begun');
      seen.text += text;
      end = (end + text).slice(-DONE.length);
      if (end !== DONE) return;
      seen.isDone = true;
      on('done');
    });
    response.on('error', () => {});
  });
  const messages = [{ role: 'user', content: pacedQuestion(numTokens) }];
  request.end(JSON.stringify({ model: 'deepseek-chat', messages, stream: true, max_tokens: 8000 }));
  return seen;
}

async function firstLine(child: ChildProcess): Promise<string> {
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string];
  return line;
}
