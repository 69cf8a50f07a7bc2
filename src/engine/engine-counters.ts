// What the engine counts as it goes: totals since the process started, and the newest step. Becomes
// part of EngineStats (engine-stats.ts has the meaning of each).

import type { MeasuredStep } from './step-pacer.js';

export class EngineCounters {
  steps = 0;
  batchedSequences = 0;
  /** Of the newest step. */
  batchSize = 0;
  prefillTokens = 0;
  decodeTokens = 0;
  prefillSeconds = 0;
  decodeSeconds = 0;
  preemptions = 0;
  draftedTokens = 0;
  acceptedTokens = 0;

  /** A forward pass over so many sequences went well. */
  recordStep({ ms, prefillTokens }: MeasuredStep, numSequences: number): void {
    this.steps++;
    this.batchedSequences += numSequences;
    this.batchSize = numSequences;
    this.prefillTokens += prefillTokens;
    // Two sums rather than one and its part: a difference of sums may go backwards by a rounding.
    if (prefillTokens > 0) this.prefillSeconds += ms / 1000;
    else this.decodeSeconds += ms / 1000;
  }
}
