// Asks the worker for the colours of a piece of code. One worker for the page, started at the first code.

import type { HighlightDone, HighlightJob } from './highlight-worker.js';

/** Longer code is shown without colours: they would take hundreds of thousands of elements. */
const MAX_CHARACTERS = 150_000;

let worker: Worker | undefined;
let nextId = 1;
const waiting = new Map<number, (groups: string[][] | undefined) => void>();

/** @returns runs per group of lines; undefined where there are no colours. */
export function highlight(grammar: string, code: string): Promise<string[][] | undefined> {
  if (code.length > MAX_CHARACTERS) return Promise.resolve(undefined);
  worker ??= startWorker();
  const job: HighlightJob = { id: nextId++, grammar, code };
  return new Promise((resolve) => {
    waiting.set(job.id, resolve);
    // A worker has no origin to name.
    // oxlint-disable-next-line unicorn/require-post-message-target-origin
    worker!.postMessage(job);
  });
}

function startWorker(): Worker {
  const started = new Worker(new URL('./highlight-worker.ts', import.meta.url), { type: 'module' });
  started.addEventListener('message', ({ data }: MessageEvent<HighlightDone>) => {
    waiting.get(data.id)?.(data.groups);
    waiting.delete(data.id);
  });
  // Without its worker the page shows code in one colour; the next code starts another worker.
  started.addEventListener('error', () => {
    for (const resolve of waiting.values()) resolve(undefined);
    waiting.clear();
    started.terminate();
    worker = undefined;
  });
  return started;
}
