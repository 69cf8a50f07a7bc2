// What the page's thread was busy with: its tasks, its frames, its heap.

import type { Browser, Page } from 'playwright-core';

interface Seen {
  /** Milliseconds of tasks above 50 ms, by the clock on the wall. */
  tasks: number[];
  /** Milliseconds between frames. */
  frames: number[];
}

/** Runs in the page: from now on its long tasks and its frames are kept. */
function watchFrames(): void {
  const seen: Seen = { tasks: [], frames: [] };
  Object.assign(window, { seen });
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) seen.tasks.push(duration);
  }).observe({ type: 'longtask' });
  let last = performance.now();
  const next = (now: number) => {
    seen.frames.push(now - last);
    last = now;
    requestAnimationFrame(next);
  };
  requestAnimationFrame(next);
}

interface TraceEvent {
  name: string;
  pid: number;
  tid: number;
  /** Microseconds of processor time. */
  tdur?: number;
  args?: { name?: string };
}

/**
 * Processor time of the tasks of the page's thread, longest first. The clock on the wall also counts
 * the time in which a busy machine ran something else.
 */
function tasksOf(trace: Buffer): number[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: TraceEvent[] };
  const threads = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  return traceEvents
    .filter(({ name, pid, tid }) => name === 'RunTask' && threads.has(`${pid} ${tid}`))
    .map(({ tdur = 0 }) => tdur / 1000)
    .toSorted((a, b) => b - a);
}

export interface PageTasks {
  /** Milliseconds of processor time of each task, longest first. */
  tasks: number[];
  /** Of tasks above 50 ms by the clock on the wall. */
  wallTasks: number[];
  /** In words. */
  frames: string;
}

export async function watchTasks(
  browser: Browser,
  page: Page,
): Promise<{ end: () => Promise<PageTasks> }> {
  await page.evaluate(watchFrames);
  await browser.startTracing(page, {
    categories: ['disabled-by-default-devtools.timeline', '__metadata'],
  });
  return {
    end: async () => {
      const seen = await page.evaluate(() => (window as unknown as { seen: Seen }).seen);
      const tasks = tasksOf(await browser.stopTracing());
      const sorted = seen.frames.toSorted((a, b) => a - b);
      const at = (share: number) => inMs(sorted[Math.floor(share * (sorted.length - 1))]!);
      const frames = `frames ${sorted.length}: median ${at(0.5)}, 95% ${at(0.95)}, most ${at(1)}`;
      return { tasks, wallTasks: seen.tasks, frames };
    },
  };
}

/** Bytes of the page's objects after a collection. */
export async function heapOf(page: Page): Promise<number> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable');
  await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  await cdp.detach();
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')!.value;
}

export function inMs(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}
