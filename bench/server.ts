// `npm run bench:server [-- --json] [--seconds N]`: what the whole path costs (key, validation,
// limits, ledger on disk, metrics) in front of a model that answers at once. The floor is a bare
// node:http pass-through before an instant upstream; the peer is claude-code-router, when it has been
// installed (`npm run bench:peers`). Runs are interleaved and medians are taken, because the cores
// are shared; read the ratios, not the figures.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { packageFile } from '../src/package-root.js';
import { load, percentile, type LoadResult, type Target } from './server/load-client.js';
import { start, type Running } from './server/processes.js';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    requests: { type: 'string', default: '100000' },
  },
});
const SECONDS = Number(options.seconds);
const ROUNDS = Number(options.rounds);
/** Length of every reply, in tokens; a stream has some frames more. */
const UNARY_TOKENS = 32;
const STREAM_TOKENS = 200;
const CONNECTIONS = 32;
const OPEN_STREAMS = 1000;

const CCR = packageFile('bench/peers/node_modules/@musistudio/claude-code-router/dist/cli.js');

const child = (name: string) => fileURLToPath(new URL(`./server/${name}.js`, import.meta.url));
const say = (text: string) => process.stderr.write(`${text}\n`);
const median = (values: readonly number[]) =>
  percentile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
const rate = ({ replies, seconds }: LoadResult) => replies / seconds;
const eventRate = ({ events, seconds }: LoadResult) => events / seconds;

interface Subject {
  name: string;
  running: Running;
  unary: Target;
  stream: Target;
  anthropicStream?: Target;
}

const messages = [
  { role: 'system', content: 'You are a careful assistant. Answer briefly. '.repeat(12) },
  { role: 'user', content: 'What lies below six thousand metres?' },
];

function chatTarget(port: number, key: string, stream: boolean, path = '/chat/completions') {
  const body = JSON.stringify({
    model: 'deepseek-chat',
    messages,
    max_tokens: 1024,
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
  });
  return { port, path, headers: { authorization: `Bearer ${key}` }, body };
}

function anthropicTarget(port: number, key: string, path: string, stream: boolean): Target {
  const body = JSON.stringify({
    model: 'deepseek-chat',
    system: messages[0]!.content,
    messages: messages.slice(1),
    max_tokens: 1024,
    ...(stream && { stream: true }),
  });
  const headers = { 'x-api-key': key, 'anthropic-version': '2023-06-01' };
  return { port, path, headers, body };
}

async function startHadal(tokens: number, dataDir: string): Promise<Subject> {
  const running = await start(child('hadal-child'), [String(tokens), dataDir]);
  const { url, key } = JSON.parse(running.line) as { url: string; key: string };
  const port = Number(new URL(url).port);
  return {
    name: 'hadal',
    running,
    unary: chatTarget(port, key, false),
    stream: chatTarget(port, key, true),
    anthropicStream: anthropicTarget(port, key, '/anthropic/v1/messages', true),
  };
}

async function startPlain(args: readonly string[], name: string): Promise<Subject> {
  const running = await start(child('plain-upstream'), args);
  const port = Number(running.line);
  const [unary, stream] = [false, true].map((isStream) => chatTarget(port, 'sk-x', isStream));
  return { name, running, unary: unary!, stream: stream! };
}

async function startCcr(upstreamPort: number, home: string): Promise<Subject> {
  const port = await freePort();
  mkdirSync(join(home, '.claude-code-router'));
  const provider = {
    name: 'up',
    api_base_url: `http://127.0.0.1:${upstreamPort}/chat/completions`,
    api_key: 'x',
    models: ['m'],
  };
  const config = {
    HOST: '127.0.0.1',
    PORT: port,
    APIKEY: 'peer-key',
    NON_INTERACTIVE_MODE: true,
    LOG: false,
    Providers: [provider],
    Router: { default: 'up,m' },
  };
  writeFileSync(join(home, '.claude-code-router', 'config.json'), JSON.stringify(config));
  const running = await start(CCR, ['start'], { ...process.env, HOME: home });
  const unary = anthropicTarget(port, 'peer-key', '/v1/messages', false);
  const stream = anthropicTarget(port, 'peer-key', '/v1/messages', true);
  await untilReady(unary);
  return { name: 'claude-code-router', running, unary, stream, anthropicStream: stream };
}

async function untilReady(target: Target): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const { replies, errors } = await load(target, { connections: 1, replies: 1 });
    if (replies === 1 && errors === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the peer did not answer with 200 within ten seconds');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Medians over rounds, the subjects taking turns within each. */
async function rounds(
  what: string,
  targets: Record<string, Target>,
  connections: number,
): Promise<Record<string, LoadResult[]>> {
  const results: Record<string, LoadResult[]> = {};
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, target] of Object.entries(targets)) {
      const seconds = round === 0 ? 1 : SECONDS; // the first warms up
      const result = await load(target, { connections, seconds });
      if (result.errors > 0) throw new Error(`${what}: ${name} had ${result.errors} errors`);
      if (round > 0) (results[name] ??= []).push(result);
    }
  }
  for (const [name, list] of Object.entries(results)) {
    say(
      `${what} ${name}: ${median(list.map(rate)).toFixed(0)} replies/s, ` +
        `${median(list.map(eventRate)).toFixed(0)} events/s`,
    );
  }
  return results;
}

async function run(): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-'));
  const subjects: Subject[] = [];
  const add = async (subject: Promise<Subject>) => {
    subjects.push(await subject);
    return subjects.at(-1)!;
  };
  try {
    const hadal = await add(startHadal(UNARY_TOKENS, join(folder, 'unary')));
    const hadalStream = await add(startHadal(STREAM_TOKENS, join(folder, 'stream')));
    const direct = await add(startPlain([String(UNARY_TOKENS)], 'upstream'));
    const directStream = await add(startPlain([String(STREAM_TOKENS)], 'upstream'));
    const floor = await add(startPlain(['--proxy', direct.running.line], 'pass-through'));
    const floorStream = await add(
      startPlain(['--proxy', directStream.running.line], 'pass-through'),
    );
    const hasCcr = existsSync(CCR);
    const homes = ['ccr', 'ccr-stream'].map((name) => join(folder, name));
    for (const home of homes) mkdirSync(home);
    const ccr = hasCcr ? await add(startCcr(Number(direct.running.line), homes[0]!)) : undefined;
    const ccrStream = hasCcr
      ? await add(startCcr(Number(directStream.running.line), homes[1]!))
      : undefined;

    const unary = await rounds(
      'unary',
      { hadal: hadal.unary, floor: floor.unary, ...(ccr && { ccr: ccr.unary }) },
      CONNECTIONS,
    );
    const single = await rounds('1 connection', { hadal: hadal.unary, direct: direct.unary }, 1);
    const chatStream = await rounds(
      'chat stream',
      { hadal: hadalStream.stream, floor: floorStream.stream },
      CONNECTIONS,
    );
    const anthropic = await rounds(
      'anthropic stream',
      {
        hadal: hadalStream.anthropicStream!,
        ...(ccrStream?.anthropicStream && { ccr: ccrStream.anthropicStream }),
      },
      CONNECTIONS,
    );
    say(`${OPEN_STREAMS} streams at once`);
    const many = await load(hadalStream.stream, {
      connections: OPEN_STREAMS,
      replies: 3 * OPEN_STREAMS,
    });
    const requests = Number(options.requests);
    say(`memory over ${requests} requests`);
    await load(hadal.unary, { connections: CONNECTIONS, replies: Math.ceil(requests / 5) });
    const before = hadal.running.memory();
    await load(hadal.unary, { connections: CONNECTIONS, replies: requests });
    const after = hadal.running.memory();

    const of = (results: LoadResult[] | undefined, figure: (result: LoadResult) => number) =>
      results ? median(results.map(figure)) : NaN;
    const added = (share: number) =>
      of(single['hadal'], (r) => percentile(r.latencies, share)) -
      of(single['direct'], (r) => percentile(r.latencies, share));
    const missing = hasCcr ? undefined : 'claude-code-router is not installed: npm run bench:peers';
    return {
      machine: `${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}`,
      unary_rps: round(of(unary['hadal'], rate)),
      unary_rps_vs_passthrough: ratio(of(unary['hadal'], rate), of(unary['floor'], rate)),
      added_latency_p50_ms: round(added(0.5), 3),
      added_latency_p99_ms: round(added(0.99), 3),
      sse_events_per_s: round(of(chatStream['hadal'], eventRate)),
      sse_events_vs_passthrough: ratio(
        of(chatStream['hadal'], eventRate),
        of(chatStream['floor'], eventRate),
      ),
      anthropic_sse_events_per_s: round(of(anthropic['hadal'], eventRate)),
      first_byte_p50_ms_32: round(
        of(chatStream['hadal'], (r) => percentile(r.firstBytes, 0.5)),
        2,
      ),
      rss_mib: round(after),
      rss_growth_100k: round(after / before - 1, 4),
      streams_1000_errors: many.errors + (3 * OPEN_STREAMS - many.replies),
      vs_ccr: missing ?? {
        unary_rps: ratio(of(unary['hadal'], rate), of(unary['ccr'], rate)),
        anthropic_sse_events_per_s: ratio(
          of(anthropic['hadal'], eventRate),
          of(anthropic['ccr'], eventRate),
        ),
      },
    };
  } finally {
    for (const { running } of subjects.toReversed()) await running.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function round(value: number, digits = 0): number {
  return Number(value.toFixed(digits));
}

function ratio(a: number, b: number): number {
  return round(a / b, 2);
}

const figures = await run();
if (options.json) process.stdout.write(`${JSON.stringify(figures)}\n`);
else console.table(figures);
