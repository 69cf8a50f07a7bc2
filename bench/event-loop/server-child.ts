// The server under test, with its engine as in production, in a process of its own. Measures its own
// event loop: told `begin`, it starts anew; told `end`, it answers with what it saw. Beside node's
// monitor it asks the kernel, once per turn of a 1 ms timer, how long the main thread has computed and
// how long it has waited for a core: only the former is the server's doing.
// `server-child.js <data folder> <threads>`; 0 threads = chosen from the machine.

import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { startServer } from '../../src/server/start-server.js';

/** How often the monitor looks, in ms. It reports whole intervals: what is more is the delay. */
const RESOLUTION_MS = 1;

export interface LoopFigures {
  /** Milliseconds beyond the monitor's own interval. */
  p50: number;
  p99: number;
  max: number;
  /** Looks that came. */
  samples: number;
  /** Between two turns of a 1 ms timer, in ms: computing, and ready but without a core. Linux only. */
  computing?: Tail;
  withoutCore?: Tail;
  /** Share of the time in which the loop was not waiting, and share of one core it used. */
  utilization: number;
  cpuShare: number;
}

export interface Tail {
  p50: number;
  p99: number;
  max: number;
}

export type FromServer =
  { type: 'listening'; port: number; key: string } | { type: 'figures'; figures: LoopFigures };

const [dataDir = '', threads = '0'] = process.argv.slice(2);
const server = await startServer({
  port: 0,
  dataDir,
  ...(threads !== '0' && { threads: Number(threads) }),
});
const loop = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
/** Of the main thread, as its process id is its own: `<ns on a core> <ns waiting for one> <slices>`. */
const SCHEDSTAT = '/proc/self/schedstat';
const turns = existsSync(SCHEDSTAT)
  ? { computing: [] as number[], withoutCore: [] as number[] }
  : null;
let stopWatching = (): void => {};
let startedAt = performance.now();
let utilization = performance.eventLoopUtilization();
let cpu = process.cpuUsage();

process.on('message', (message) => {
  if (message === 'begin') begin();
  else send({ type: 'figures', figures: end() });
});
process.on('disconnect', () => void server.close());
send({ type: 'listening', port: Number(new URL(server.url).port), key: server.apiKey! });

function begin(): void {
  startedAt = performance.now();
  utilization = performance.eventLoopUtilization();
  cpu = process.cpuUsage();
  loop.reset();
  loop.enable();
  stopWatching = watchTurns();
}

function watchTurns(): () => void {
  if (!turns) return () => {};
  turns.computing = [];
  turns.withoutCore = [];
  const file = openSync(SCHEDSTAT, 'r');
  const buffer = Buffer.alloc(128);
  const read = () => {
    const length = readSync(file, buffer, 0, buffer.length, 0);
    return buffer.toString('latin1', 0, length).split(' ', 2).map(Number) as [number, number];
  };
  let [computed, waited] = read();
  const timer = setInterval(() => {
    const [nowComputed, nowWaited] = read();
    turns.computing.push((nowComputed - computed) / 1e6);
    turns.withoutCore.push((nowWaited - waited) / 1e6);
    [computed, waited] = [nowComputed, nowWaited];
  }, RESOLUTION_MS);
  return () => {
    clearInterval(timer);
    closeSync(file);
  };
}

function tailOf(values: number[]): Tail {
  const sorted = Float64Array.from(values).toSorted();
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

function end(): LoopFigures {
  loop.disable();
  stopWatching();
  const { user, system } = process.cpuUsage(cpu);
  const beyond = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  return {
    p50: beyond(loop.percentile(50)),
    p99: beyond(loop.percentile(99)),
    max: beyond(loop.max),
    samples: loop.count,
    ...(turns && {
      computing: tailOf(turns.computing),
      withoutCore: tailOf(turns.withoutCore),
    }),
    utilization: performance.eventLoopUtilization(utilization).utilization,
    cpuShare: (user + system) / 1000 / (performance.now() - startedAt),
  };
}

function send(message: FromServer): void {
  process.send!(message);
}
