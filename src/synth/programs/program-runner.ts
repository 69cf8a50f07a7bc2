// The one place where this layer gets hold of the isolate. Loading it is asynchronous and running it is
// not, so that verdicts stay plain functions: whoever starts a process that judges (a build's worker, a
// server, `reverify`, an export, a test) loads it once before.

import { loadIsolate } from '../../sandbox/isolate.js';
import type { RunProgram } from '../../sandbox/types.js';

let loaded: RunProgram | undefined;

/** Idempotent. */
export async function loadProgramRunner(): Promise<void> {
  loaded ??= (await loadIsolate()).run;
}

/** @throws Error before loadProgramRunner() is done; as RunProgram never otherwise */
export const runProgram: RunProgram = (program, input, limits) => {
  if (!loaded) throw new Error('programs cannot run yet: await loadProgramRunner() at the start');
  return loaded(program, input, limits);
};

/** Does work whose programs another runner runs: elsewhere.ts. */
export function withRunner<T>(runner: RunProgram, work: () => T): T {
  const before = loaded;
  loaded = runner;
  try {
    return work();
  } finally {
    loaded = before;
  }
}
