// What is measured, and how hard: a model file with its sizes, and numbers of repetitions.

import { configFromGguf } from '../../src/model/config-gguf.js';
import { openGguf } from '../../src/model/gguf-reader.js';
import type { Clock } from './worker.js';

export interface Subject {
  name: string;
  path: string;
  vocabSize: number;
  contextLength: number;
}

export interface Effort {
  /** Times that the computed prompt is run. */
  prefillPasses: number;
  /** Timed decode steps at contexts that are computed, and at 16K and 64K. */
  steps: number;
  longSteps: number;
  /** Timed pieces of prompt per sampled position. */
  samples: number;
  /** Repetitions of figures that go through the engine's process. */
  engineRuns: number;
  /** Tokens of the long prompt of the context cache. */
  cachedPrompt: number;
  /** Of the event loop under load. */
  loopSeconds: number;
}

export const FULL: Effort = {
  prefillPasses: 3,
  steps: 32,
  longSteps: 16,
  samples: 2,
  engineRuns: 3,
  cachedPrompt: 8192,
  loopSeconds: 20,
};

export const QUICK: Effort = {
  prefillPasses: 1,
  steps: 8,
  longSteps: 4,
  samples: 1,
  engineRuns: 1,
  cachedPrompt: 2048,
  loopSeconds: 5,
};

export interface Session {
  /** Of decode and prefill; what goes through the engine's process is always measured by the wall. */
  clock: Clock;
  threads: number;
  effort: Effort;
  /** For files of this run. */
  folder: string;
  /** Progress, for people. */
  say: (line: string) => void;
}

export function subjectOf(name: string, path: string): Subject {
  const file = openGguf(path);
  try {
    const { vocabSize, contextLength } = configFromGguf(file.metadata, path);
    return { name, path, vocabSize, contextLength };
  } finally {
    file.close();
  }
}

/** Tokens without meaning, the same in every run (a linear congruential generator). */
export function someTokens(count: number, vocabSize: number, seed = 1): Int32Array {
  let state = seed;
  return Int32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * vocabSize);
  });
}
