// What serving costs: tool calls per second of 100 MCP sessions, the memory of 10,000 open ones, and the
// middle times of a new session, a tool call and a verdict, one after the other. Server, load and
// baseline are processes of their own and take turns, so that what disturbs the machine hits all.

import { openCorpus, type CorpusStore } from '../../src/synth/corpus.js';
import { median } from '../engine/samples.js';
import { Child } from './children.js';
import { Connection } from './connection.js';
import { rounded, type Figures, type Measured } from './figures.js';
import type { LoadReport, LoadTask } from './load-child.js';
import type { Effort } from './options.js';
import type { Memory, ServerQuestion } from './studio-child.js';
import { sessionLoads, type SessionLoad } from './tasks.js';

const NUM_CLIENTS = 100;
/** Environments that timed sessions go round, so that most of them are loaded already: rollouts of one
 *  task come in groups. */
const NUM_WARM = 32;

type Say = (line: string) => void;

export async function serveFigures(folder: string, effort: Effort, say: Say): Promise<Figures> {
  const store = openCorpus(folder);
  return {
    mcp_calls_per_second: await throughput(folder, store, effort, say),
    open_sessions_10k_mb: await memory(folder, effort, say),
    ...(await latency(folder, store, effort, say)),
  };
}

/** Each session goes on to its next call when it has the answer to the last. */
async function throughput(
  folder: string,
  store: CorpusStore,
  { rounds, roundSeconds: seconds }: Effort,
  say: Say,
): Promise<Measured> {
  const sessions = sessionLoads(store, NUM_CLIENTS);
  const [studio, echo, load] = [
    new Child('studio-child', [folder]),
    new Child('echo-child'),
    new Child('load-child'),
  ];
  const subjects = [
    { name: 'studio', child: studio, url: await serve(studio), expect: '"isError":false' },
    { name: 'echo', child: echo, url: await serve(echo), expect: '"method":"tools/call"' },
  ];
  const taken = subjects.map(() => [] as Round[]);
  try {
    for (let round = 0; round <= rounds; round++) {
      say(`${NUM_CLIENTS} sessions, round ${round} of ${rounds} (0 warms up)`);
      for (const [i, { child, url, expect }] of subjects.entries()) {
        const before = await cpuMs(child);
        const task: LoadTask = { url, seconds, sessions, expect };
        const report = await load.ask<LoadReport>(task);
        const cpu = (await cpuMs(child)) - before;
        if (round > 0) taken[i]!.push({ ...report, cpu });
      }
    }
  } finally {
    await Promise.all([studio, echo, load].map((child) => child.stop()));
  }
  const [ours, plain] = taken as [Round[], Round[]];
  const perCpuSecond = (of: readonly Round[]): number =>
    Math.round(median(of.map(({ calls, cpu }) => (1000 * calls) / cpu)));
  return {
    value: Math.round(median(ours.map(rateOf))),
    baseline: Math.round(median(plain.map(rateOf))),
    details: {
      // What one core would do if load and neighbours were elsewhere.
      per_server_cpu_second: perCpuSecond(ours),
      echo_per_server_cpu_second: perCpuSecond(plain),
      best_round: Math.round(Math.max(...ours.map(rateOf))),
      p50_ms: rounded(median(ours.map(({ p50Ms }) => p50Ms))),
      p99_ms: rounded(median(ours.map(({ p99Ms }) => p99Ms))),
      failures: ours.reduce((sum, { failures }) => sum + failures, 0),
    },
    how:
      `${NUM_CLIENTS} sessions over loopback, each waiting for its answers, median of ${rounds} ` +
      `rounds of ${seconds} s; baseline: the same requests to a node:http server that echoes JSON`,
  };
}

type Round = LoadReport & { readonly cpu: number };

const rateOf = ({ calls, seconds }: LoadReport): number => calls / seconds;

async function serve(child: Child): Promise<string> {
  return (await child.ask<{ url: string }>({ ask: 'serve' } satisfies ServerQuestion)).url;
}

async function cpuMs(child: Child): Promise<number> {
  const question: ServerQuestion = { ask: 'cpu' };
  const { user, system } = await child.ask<NodeJS.CpuUsage>(question);
  return (user + system) / 1000;
}

async function memory(folder: string, { openSessions }: Effort, say: Say): Promise<Measured> {
  say(`${openSessions} open sessions`);
  const studio = new Child('studio-child', [folder]);
  try {
    const question: ServerQuestion = { ask: 'open', sessions: openSessions };
    const { sessions, environments, heapMb, rssMb } = await studio.ask<Memory>(question);
    return {
      value: rssMb,
      details: { sessions, environments, heap_mb: heapMb },
      how: 'resident memory of the whole process, every session half-way through its solution',
    };
  } finally {
    await studio.stop();
  }
}

type LatencyKey = 'new_session_p50_ms' | 'tool_call_p50_ms' | 'verify_p50_ms';

async function latency(
  folder: string,
  store: CorpusStore,
  { timedSessions }: Effort,
  say: Say,
): Promise<Record<LatencyKey, Measured>> {
  say(`${timedSessions} sessions one after the other`);
  const loads = sessionLoads(store, NUM_WARM);
  const [studio, echo] = [new Child('studio-child', [folder]), new Child('echo-child')];
  const times = { cold: [], opened: [], called: [], verified: [], echoed: [] } as Times;
  const connections: Connection[] = [];
  try {
    const [ours, plain] = [new Connection(await serve(studio)), new Connection(await serve(echo))];
    connections.push(ours, plain);
    for (let i = 0; i < timedSessions; i++) {
      const load = loads[i % loads.length]!;
      const isCold = i < loads.length;
      await timeSession(ours, load, isCold ? { ...times, opened: times.cold } : times);
      await timed(times.echoed, plain, '/echo', { messages: [], i });
    }
  } finally {
    for (const connection of connections) connection.close();
    await Promise.all([studio.stop(), echo.stop()]);
  }
  const baseline = rounded(median(times.echoed), 3);
  const figure = (of: readonly number[], how: string, more = {}): Measured => ({
    value: rounded(median(of), 3),
    baseline,
    details: { p99: rounded(p99(of), 3), count: of.length, ...more },
    how: `${how}, one after the other on one connection; baseline: a request to the echo`,
  });
  return {
    new_session_p50_ms: figure(times.opened, 'POST /v1/sessions of environments in use', {
      first_of_environment_p50: rounded(median(times.cold), 3),
    }),
    tool_call_p50_ms: figure(times.called, 'POST /v1/sessions/{id}/tools/{name}, reads'),
    verify_p50_ms: figure(times.verified, 'POST /v1/sessions/{id}/verify'),
  };
}

type Times = Record<'cold' | 'opened' | 'called' | 'verified' | 'echoed', number[]>;

async function timeSession(
  connection: Connection,
  { key, calls }: SessionLoad,
  times: Times,
): Promise<void> {
  const sessions = '/v1/sessions';
  const answer = await timed(times.opened, connection, sessions, { task_key: key });
  const { session_id: id } = JSON.parse(answer) as { session_id: string };
  for (const { name, arguments: args } of calls) {
    await timed(times.called, connection, `${sessions}/${id}/tools/${name}`, args);
  }
  const messages = [{ role: 'assistant', content: 'Done.' }];
  await timed(times.verified, connection, `${sessions}/${id}/verify`, { messages });
}

/** Posts, adds the time it took, returns the answer's body. */
async function timed(
  times: number[],
  connection: Connection,
  path: string,
  value: unknown,
): Promise<string> {
  const body = JSON.stringify(value);
  const at = performance.now();
  const answer = await connection.post(path, body);
  times.push(performance.now() - at);
  return answer.body;
}

function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)]!;
}
