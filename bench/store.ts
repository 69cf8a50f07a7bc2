// What recording usage costs the server's main thread, and how long it stalls: requests arrive at a
// fixed rate, each asks who its key is and is recorded, while the drainer posts them to a libSQL file.
// `node dist/bench/store.js [rate per second] [seconds]`. Main-thread CPU comes from /proc (Linux),
// because wall times mean little on a shared machine; `idle` is the same load without records, to be
// subtracted.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { openPlatform } from '../src/store/open-platform.js';
import type { PlatformStore } from '../src/store/platform-store.js';

const [rate = 5_000, seconds = 8] = process.argv.slice(2).map(Number);
const TICK_MS = 2;
const NUM_ACCOUNTS = 20;

let deepest = 0;
/** Of the main thread between two ticks: what a stall is made of when nobody else is to blame. */
let longestCpuMs = 0;
let numRecorded = 0;

const dataDir = mkdtempSync(join(tmpdir(), 'hadal-bench-store-'));
const openedAt = performance.now();
const store = await openPlatform({ dataDir });
const openMs = performance.now() - openedAt;
try {
  const keys = await makeKeys(store);
  await measure(keys, 0.5, true); // warms the compiler
  const idle = await measure(keys, seconds / 2, false);
  console.log('idle', idle);
  console.log({ openMs: Math.round(openMs), ...(await measure(keys, seconds, true)) });
} finally {
  await store.close();
  rmSync(dataDir, { recursive: true });
}

interface BenchKey {
  key: string;
  keyId: string;
  accountId: string;
}

async function makeKeys({ admin }: PlatformStore): Promise<BenchKey[]> {
  const keys: BenchKey[] = [];
  for (let n = 0; n < NUM_ACCOUNTS; n += 1) {
    const { id: accountId } = await admin.createAccount({ name: `account ${n}` });
    const { key, record } = await admin.createKey({ accountId });
    await admin.topUp({ accountId, currency: 'CNY', amount: 10n ** 15n });
    keys.push({ key, keyId: record.id, accountId });
  }
  return keys;
}

async function measure(keys: readonly BenchKey[], forSeconds: number, isRecorded: boolean) {
  const cpuBefore = mainThreadCpuMs();
  const delays = monitorEventLoopDelay({ resolution: 1 });
  deepest = 0;
  longestCpuMs = 0;
  delays.enable();
  const start = performance.now();
  const numRequests = await load(keys, forSeconds * 1_000, isRecorded);
  while (store.health().journalDepth > 0) await sleep(5);
  const wallMs = performance.now() - start;
  delays.disable();
  const cpuMs = mainThreadCpuMs() - cpuBefore;
  return {
    numRequests,
    postedPerSecond: Math.round((numRequests / wallMs) * 1_000),
    maxDepth: deepest,
    mainCpuMicrosecondsPerRequest: Math.round((cpuMs / numRequests) * 1_000),
    mainCpuPercent: Math.round((cpuMs / wallMs) * 100),
    longestCpuMs: Math.round(longestCpuMs * 10) / 10,
    stallMs: { p99: delays.percentile(99) / 1e6, max: delays.max / 1e6 },
  };
}

/** Open loop: a slow store does not slow the arrivals. Returns how many were answered. */
async function load(
  keys: readonly BenchKey[],
  durationMs: number,
  isRecorded: boolean,
): Promise<number> {
  const underWay = new Set<Promise<void>>();
  const start = performance.now();
  let count = 0;
  let cpuMs = mainThreadCpuMs();
  for (let elapsed = 0; elapsed < durationMs; elapsed = performance.now() - start) {
    for (const due = (elapsed / 1_000) * rate; count < due; count += 1) {
      const key = keys[count % keys.length]!;
      const request = answer(key, isRecorded).finally(() => underWay.delete(request));
      underWay.add(request);
    }
    deepest = Math.max(deepest, store.health().journalDepth);
    await sleep(TICK_MS);
    const cpuNow = mainThreadCpuMs();
    longestCpuMs = Math.max(longestCpuMs, cpuNow - cpuMs);
    cpuMs = cpuNow;
  }
  await Promise.all(underWay);
  return count;
}

async function answer({ key, keyId, accountId }: BenchKey, isRecorded: boolean): Promise<void> {
  const principal = await store.identify(key);
  if (principal?.canSpend !== true) throw new Error(`key ${keyId} cannot spend`);
  if (!isRecorded) return;
  numRecorded += 1;
  const now = new Date();
  await store.record({
    requestId: `request-${process.pid}-${numRecorded}`,
    accountId,
    keyId,
    door: 'openai',
    model: 'deepseek-chat',
    startedAt: now,
    finishedAt: now,
    finishReason: 'stop',
    stream: true,
    promptTokens: 1_000,
    cacheHitTokens: 640,
    completionTokens: 100,
    reasoningTokens: 0,
  });
}

/** Time on a CPU; the scheduler's own count, in nanoseconds. */
function mainThreadCpuMs(): number {
  const stat = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8');
  return Number(stat.split(' ')[0]) / 1e6;
}
