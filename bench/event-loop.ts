// `npm run bench:event-loop [-- --json] [--seconds N] [--streams N] [--threads N]`: by how much the
// event loop of the HTTP process is late while its engine, a child process with the embedded model,
// feeds that many streams. The same process without work is the baseline, taken before and after in
// the same run: on a busy machine it shows how late any process comes. `own_p99_ms` is what the loop
// computed between two looks, without what it waited for a core.

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { FromServer, LoopFigures } from './event-loop/server-child.js';
import { load, percentile, type LoadResult, type Target } from './server/load-client.js';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '20' },
    streams: { type: 'string', default: '32' },
    threads: { type: 'string', default: '0' },
  },
});
const SECONDS = Number(options.seconds);
const STREAMS = Number(options.streams);
const IDLE_SECONDS = 3;
const WARM_UP_SECONDS = 3;
const MAX_TOKENS = 200;

const CHILD = fileURLToPath(new URL('./event-loop/server-child.js', import.meta.url));

type Message<T extends FromServer['type']> = Extract<FromServer, { type: T }>;

async function next<T extends FromServer['type']>(
  child: ChildProcess,
  type: T,
): Promise<Message<T>> {
  const gone = new AbortController();
  const exited = once(child, 'exit', { signal: gone.signal }).then(() => {
    throw new Error('the server ended early; its own message is above');
  });
  exited.catch(() => {}); // it is not waited for any more
  try {
    const [message] = (await Promise.race([once(child, 'message'), exited])) as [FromServer];
    if (message.type !== type) throw new Error(`expected ${type}, got ${message.type}`);
    return message as Message<T>;
  } finally {
    gone.abort();
  }
}

async function measured<T>(child: ChildProcess, work: () => Promise<T>): Promise<[LoopFigures, T]> {
  child.send('begin');
  const result = await work();
  child.send('end');
  const { figures } = await next(child, 'figures');
  return [figures, result];
}

function targetOf({ port, key }: Message<'listening'>): Target {
  const messages = [{ role: 'user', content: 'Tell me about the deep sea, at length, please.' }];
  const body = JSON.stringify({
    model: 'deepseek-chat',
    messages,
    max_tokens: MAX_TOKENS,
    stream: true,
    stream_options: { include_usage: true },
  });
  return { port, path: '/chat/completions', headers: { authorization: `Bearer ${key}` }, body };
}

const rounded = (figures: LoopFigures): unknown =>
  JSON.parse(JSON.stringify(figures), (_, value: unknown) =>
    typeof value === 'number' ? round(value) : value,
  );
const round = (value: number) => Math.round(value * 1000) / 1000;

const folder = mkdtempSync(join(tmpdir(), 'hadal-loop-'));
const child = fork(CHILD, [join(folder, 'data'), options.threads]);
try {
  const target = targetOf(await next(child, 'listening'));
  await load(target, { connections: STREAMS, seconds: WARM_UP_SECONDS });
  const [idleBefore] = await measured(child, () => delay(IDLE_SECONDS * 1000));
  const [busy, result] = await measured<LoadResult>(child, () =>
    load(target, { connections: STREAMS, seconds: SECONDS }),
  );
  const [idleAfter] = await measured(child, () => delay(IDLE_SECONDS * 1000));
  const report = {
    event_loop_p50_ms: round(busy.p50),
    event_loop_p99_ms: round(busy.p99),
    event_loop_max_ms: round(busy.max),
    own_p99_ms: busy.computing && round(busy.computing.p99),
    own_max_ms: busy.computing && round(busy.computing.max),
    without_core_p99_ms: busy.withoutCore && round(busy.withoutCore.p99),
    idle_p99_ms: [round(idleBefore.p99), round(idleAfter.p99)],
    idle_max_ms: [round(idleBefore.max), round(idleAfter.max)],
    streams: STREAMS,
    seconds: round(result.seconds),
    replies: result.replies,
    errors: result.errors,
    events_per_second: Math.round(result.events / result.seconds),
    first_byte_p50_ms: round(percentile(result.firstBytes, 0.5)),
    cpu_share: round(busy.cpuShare),
    cpu_us_per_event: round((busy.cpuShare * result.seconds * 1e6) / result.events),
    busy: rounded(busy),
    idle: [rounded(idleBefore), rounded(idleAfter)],
    cores: cpus().length,
    node: process.version,
  };
  if (options.json) console.log(JSON.stringify(report));
  else {
    const { p99, max } = busy;
    const idle = [idleBefore, idleAfter].map((each) => each.p99.toFixed(2)).join(' and ');
    console.log(`${STREAMS} streams: loop late by ${p99.toFixed(2)} ms at the 99th percentile`);
    console.log(`  at most ${max.toFixed(2)} ms; without work ${idle} ms (p99, before and after)`);
    console.log(
      `  ${report.events_per_second} events/s, ${report.cpu_us_per_event} us of CPU each`,
    );
  }
} finally {
  const exited = child.exitCode === null ? once(child, 'exit') : undefined;
  if (child.connected) child.disconnect();
  await exited;
  rmSync(folder, { recursive: true, force: true });
}
