// `node dist/bench/synth-serve.js [--json] [--seconds N] [--corpus DIR]`: what serving costs. MCP tool
// calls per second over loopback with 100 sessions (the client in a process of its own), memory of
// 10,000 open sessions with a few changes each, and the middle times of a new session, a tool call and
// a verdict, one after the other over HTTP. Without a corpus it makes a small one by hand.

import { fork, type ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openCorpus } from '../src/synth/corpus.js';
import { Rollouts } from '../src/synth/serve/rollouts.js';
import { serveCorpus, type RunningStudio } from '../src/synth/serve/serve-corpus.js';
import { replay } from '../src/synth/replay.js';
import { writeFixtureCorpus } from '../test/helpers/synth-corpus.js';
import type { LoadReport, LoadTask } from './synth-serve-load.js';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '5' },
    corpus: { type: 'string' },
  },
});
const SECONDS = Number(options.seconds);
const NUM_CLIENTS = 100;
const NUM_OPEN = 10_000;
const NUM_TIMED = 500;

const fixture =
  options.corpus === undefined
    ? writeFixtureCorpus({ numTasks: 400, numEnvironments: 50 })
    : undefined;
const folder = options.corpus ?? fixture!.folder;
const store = openCorpus(folder);
const say = (text: string): void => void process.stderr.write(`${text}\n`);

const report = {
  corpus: { environments: store.environmentIds.length, tasks: store.numTasks },
  ...(await throughput()),
  ...memory(),
  ...(await latency()),
};
if (fixture) rmSync(folder, { recursive: true });
process.stdout.write(
  options.json
    ? `${JSON.stringify(report)}\n`
    : `${Object.entries(report)
        .map(([name, value]) => `${name.padEnd(28)} ${JSON.stringify(value)}\n`)
        .join('')}`,
);

/** Each session goes on to its next call when it has the answer to the last. */
async function throughput(): Promise<object> {
  const studio = await serveCorpus({ store, limits: { maxSessions: 100_000 } });
  const load = fork(fileURLToPath(new URL('./synth-serve-load.js', import.meta.url)));
  const task: LoadTask = {
    url: studio.url,
    seconds: SECONDS,
    sessions: sampleTasks(NUM_CLIENTS).map((key) => {
      const { envId } = store.task(key)!;
      return { key, envId, calls: readsOf(key) };
    }),
  };
  say(`${NUM_CLIENTS} sessions for ${SECONDS} s ...`);
  const cpu = process.cpuUsage();
  const { calls, seconds, p50Ms, p99Ms, failures } = await result(load, task);
  const { user, system } = process.cpuUsage(cpu);
  await studio.close();
  return {
    mcp_calls_per_second: Math.round(calls / seconds),
    mcp_failures: failures,
    mcp_call_p50_ms_under_load: p50Ms,
    mcp_call_p99_ms_under_load: p99Ms,
    // What one core would do if the load and the neighbours were elsewhere.
    mcp_calls_per_server_cpu_second: Math.round(calls / ((user + system) / 1e6)),
  };
}

function result(load: ChildProcess, task: LoadTask): Promise<LoadReport> {
  return new Promise((resolve, reject) => {
    load.once('message', (message) => resolve(message as LoadReport));
    load.once('exit', (code) => reject(new Error(`the load ended with ${code}`)));
    load.send(task);
  });
}

/** Every session has carried out half of its task's solution. */
function memory(): object {
  collect();
  const before = process.memoryUsage();
  const rollouts = openedRollouts();
  collect();
  const after = process.memoryUsage();
  say(`${rollouts.length} sessions open`);
  return {
    open_sessions: rollouts.length,
    open_sessions_heap_mb: megabytes(after.heapUsed - before.heapUsed),
    open_sessions_rss_mb: megabytes(after.rss),
  };
}

function openedRollouts(): unknown[] {
  const keys = sampleTasks(NUM_OPEN);
  const studio = new Rollouts({ store });
  return keys.map((key) => {
    const rollout = studio.openTask(key);
    const { solution } = store.privateTask(key)!;
    const half = solution.steps.slice(0, Math.ceil(solution.steps.length / 2));
    replay({ steps: half }, rollout.session);
    return rollout;
  });
}

async function latency(): Promise<object> {
  const studio = await serveCorpus({ store });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const post = (path: string, body: unknown): Promise<string> => send(studio, agent, path, body);
  const opened: number[] = [];
  const called: number[] = [];
  const verified: number[] = [];
  for (const key of sampleTasks(NUM_TIMED)) {
    let at = performance.now();
    const answer = await post('/v1/sessions', { task_key: key });
    opened.push(performance.now() - at);
    const { session_id: id } = JSON.parse(answer) as { session_id: string };
    for (const { name, arguments: args } of readsOf(key)) {
      at = performance.now();
      await post(`/v1/sessions/${id}/tools/${name}`, args);
      called.push(performance.now() - at);
    }
    at = performance.now();
    const messages = [{ role: 'assistant', content: 'Done.' }];
    await post(`/v1/sessions/${id}/verify`, { messages });
    verified.push(performance.now() - at);
  }
  agent.destroy();
  await studio.close();
  return {
    new_session_p50_ms: median(opened),
    tool_call_p50_ms: median(called),
    verify_p50_ms: median(verified),
  };
}

function send(studio: RunningStudio, agent: Agent, path: string, body: unknown): Promise<string> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    };
    const sent = request(studio.url + path, { method: 'POST', agent, headers }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('end', () => resolve(Buffer.concat(pieces).toString()));
    });
    sent.on('error', reject);
    sent.end(text);
  });
}

function sampleTasks(count: number): string[] {
  const keys = [...store.taskKeys()];
  return Array.from(
    { length: count },
    (_, i) => keys[Math.floor((i * keys.length) / count) % keys.length]!,
  );
}

/** The solution's first step with literal arguments, again and again; else a list of policies. */
function readsOf(key: string): LoadTask['sessions'][number]['calls'] {
  const { steps } = store.privateTask(key)!.solution;
  const env = store.environment(store.task(key)!.envId)!;
  const reads = steps.filter(({ tool, arguments: args }) => {
    const spec = env.tools.find(({ name }) => name === tool);
    return (
      spec?.effect === 'read' &&
      spec.side === 'agent' &&
      Object.values(args).every((value) => 'literal' in value)
    );
  });
  return reads.map(({ tool, arguments: args }) => ({
    name: tool,
    arguments: Object.fromEntries(
      Object.entries(args).map(([name, value]) => [name, (value as { literal: unknown }).literal]),
    ),
  }));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Number(sorted[sorted.length >> 1]!.toFixed(3));
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

function collect(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}
