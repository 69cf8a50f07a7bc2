// The engine process killed at random moments under 32 streams, real model, real process: every
// client gets an end that its dialect knows, the ledger agrees with what clients saw, and nothing
// stays behind.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import test, { type TestContext } from 'node:test';
import { startEngineServer, type EngineServer } from '../../helpers/engine-server.js';
import { DOORS } from '../../helpers/fault-server.js';
import { seededRandom } from '../../helpers/seeded-random.js';
import { gate, until } from '../../helpers/scripted-server.js';
import { storedUsage } from '../../helpers/stored-usage.js';

const STREAMS = 32;

type DoorName = (typeof DOORS)[number]['door'];

/** How a stream ends, whatever became of its reply. */
const STREAM_ENDS: Record<DoorName, RegExp> = {
  chat: /\ndata: \[DONE\]\n\n$/,
  fim: /\ndata: \[DONE\]\n\n$/,
  anthropic: /\nevent: (message_stop|error)\ndata: \{.*\}\n\n$/,
  responses: /\nevent: response\.(completed|incomplete|failed)\ndata: \{.*\}\n\n$/,
};

const WAS_LOST =
  /"finish_reason":"insufficient_system_resource"|event: error|response\.failed|"status":"failed"|"type":"error"/;

interface Seen {
  door: DoorName;
  isStream: boolean;
  status: number;
  traceId: string;
  text: string;
}

/** A reply of up to 120 tokens through one of the doors; `onPiece` with every piece that comes. */
async function ask({ post }: EngineServer, n: number, onPiece: () => void): Promise<Seen> {
  const { door, path, body } = DOORS[n % DOORS.length]!;
  // A reply that is not streamed is silent until its end.
  const isStream = n % 8 < 6;
  const limit = door === 'responses' ? 'max_output_tokens' : 'max_tokens';
  const response = await post(path, { ...body, [limit]: 120, stream: isStream });
  let text = '';
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    onPiece();
  }
  const traceId = response.headers.get('x-ds-trace-id')!;
  return { door, isStream, status: response.status, traceId, text };
}

function assertEnded({ door, isStream, status, text }: Seen): void {
  if (isStream && status === 200) assert.match(text, STREAM_ENDS[door]);
  else assert.doesNotThrow(() => JSON.parse(text), text.slice(0, 200));
  // Lost before its first token, a reply can still be an error with a status.
  if (status !== 200) assert.ok(status >= 500, `${door}: ${status} ${text}`);
}

/** Streams, and a kill when so many pieces have come, at the latest when all have ended. */
async function killAfter(on: EngineServer, numPieces: number): Promise<Seen[]> {
  let pieces = 0;
  let pid = on.backend.pid;
  const kill = () => {
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    pid = undefined;
  };
  const onPiece = () => {
    if (++pieces === numPieces) kill();
  };
  // Before the first piece: an engine that stands still cannot end a reply before the last has come.
  if (numPieces === 0) process.kill(pid!, 'SIGSTOP');
  const streams = Array.from({ length: STREAMS }, (_, n) => ask(on, n, onPiece));
  if (numPieces === 0) {
    await until(() => on.server.numActive === STREAMS);
    kill();
  }
  const seen = await Promise.all(streams);
  kill();
  return seen;
}

function numOf({ notices }: EngineServer, type: string): number {
  return notices.filter((notice) => notice.type === type).length;
}

function inFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-engine-kill-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return pathToFileURL(join(folder, 'hadal.db')).href;
}

async function metric(on: EngineServer, name: string): Promise<number> {
  const text = await (await fetch(`${on.server.url}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return Number(line?.split(' ')[1]);
}

test('killed at random moments under 32 streams', async (t) => {
  const databaseUrl = inFile(t);
  const on = await startEngineServer(t, { databaseUrl });
  const random = seededRandom(7);
  const moments = [0, 1, ...Array.from({ length: 3 }, () => Math.ceil(random() * 900))];
  const all: Seen[] = [];
  let steps = 0;
  for (const [round, moment] of moments.entries()) {
    const seen = await killAfter(on, moment);
    for (const one of seen) assertEnded(one);
    all.push(...seen);
    await until(() => numOf(on, 'restarted') === round + 1);
    const stepsNow = await metric(on, 'hadal_engine_steps_total');
    assert.ok(stepsNow >= steps, 'a counter never goes backwards');
    steps = stepsNow;
  }
  assert.equal(await metric(on, 'hadal_engine_restarts_total'), moments.length);
  const numLost = all.filter(({ text }) => WAS_LOST.test(text)).length;
  assert.ok(numLost >= STREAMS, `${numLost} replies were lost`);
  await on.assertIdle();
  // A life that ends before it is asked takes its counts along; the last one served just now.
  assert.ok((await metric(on, 'hadal_engine_steps_total')) > steps);
  await compareWithLedger(on, all, databaseUrl);
});

/** Whoever saw a usage finds it in the ledger, and nothing is there twice or of nobody. */
async function compareWithLedger(on: EngineServer, all: Seen[], databaseUrl: string) {
  await until(() => on.server.platform.health().journalDepth === 0);
  const audit = await on.admin('/admin/audit');
  assert.deepEqual(audit['problems'], []);
  const records = await storedUsage(databaseUrl);
  assert.equal(audit['usage_records'], records.length);
  const stored = new Map(records.map((record) => [record.requestId, record]));
  assert.equal(stored.size, records.length);
  let numCompared = 0;
  for (const { traceId, door, status, text } of all) {
    if (status !== 200 || (door !== 'chat' && door !== 'fim')) continue;
    const record = stored.get(traceId);
    assert.ok(record, 'a reply that told its usage has no record');
    assert.match(text, new RegExp(`"completion_tokens":${record.completionTokens},`));
    const isLost = record.finishReason === 'insufficient_system_resource';
    assert.equal(WAS_LOST.test(text), isLost);
    numCompared++;
  }
  assert.ok(numCompared >= STREAMS);
}

test('while the engine restarts: degraded, metrics stand, requests wait for it', async (t) => {
  const { passed, open } = gate();
  const on = await startEngineServer(t, { sleep: () => passed });
  const status = async () => {
    const report = await (await fetch(`${on.server.url}/status`)).json();
    return report as { status: string; components: { name: string; status: string }[] };
  };
  await on.assertIdle();
  const tokens = await metric(on, 'hadal_engine_tokens_total{phase="decode"}');
  assert.ok(tokens > 0);
  process.kill(on.backend.pid!, 'SIGKILL');
  await until(() => numOf(on, 'crashed') === 1);

  const during = await status();
  assert.equal(during.status, 'degraded');
  assert.equal(during.components.find(({ name }) => name === 'engine')!.status, 'degraded');
  assert.equal(await metric(on, 'hadal_engine_running_sequences'), 0);
  assert.equal(await metric(on, 'hadal_engine_resident_memory_bytes'), 0);
  assert.ok((await metric(on, 'hadal_engine_steps_total')) > 0);
  const waiting = ask(on, 0, () => {});
  await until(() => on.server.numActive === 1);
  open();
  const { status: code, text } = await waiting;
  assert.equal(code, 200);
  assert.doesNotMatch(text, WAS_LOST);
  assert.equal((await status()).status, 'operational');
  assert.equal(await metric(on, 'hadal_engine_restarts_total'), 1);
  await on.assertIdle();
});

test('killed while it loads: who waited is told so, the next start serves', async (t) => {
  const on = await startEngineServer(t);
  const first = on.backend.pid!;
  process.kill(first, 'SIGKILL');
  await until(() => numOf(on, 'crashed') === 1 && on.backend.pid !== first);
  // It stays at loading until everybody waits for it.
  process.kill(on.backend.pid!, 'SIGSTOP');
  const waiting = Promise.all(Array.from({ length: STREAMS }, (_, n) => ask(on, n, () => {})));
  await until(() => on.server.numActive === STREAMS);
  assert.equal(on.backend.health().status, 'restarting');
  process.kill(on.backend.pid!, 'SIGKILL');
  for (const seen of await waiting) assertEnded(seen);
  await on.assertIdle();
  assert.ok(numOf(on, 'restarted') >= 1);
});

test('a process that hangs is ended and replaced', async (t) => {
  const on = await startEngineServer(t, { hangMs: 1500 });
  const stopped = on.backend.pid!;
  let isStopped = false;
  const seen = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      ask(on, n, () => {
        if (!isStopped) process.kill(stopped, 'SIGSTOP');
        isStopped = true;
      }),
    ),
  );
  for (const one of seen) assertEnded(one);
  assert.ok(seen.some(({ text }) => WAS_LOST.test(text)));
  const [warning] = on.notices.filter(({ type }) => type === 'warning');
  assert.ok(warning?.type === 'warning');
  assert.match(warning.detail, /has not answered for \d+ s and is ended/);
  await on.assertIdle();
  assert.notEqual(on.backend.pid, stopped);
});
