// What runs in the next step: every decoding sequence, and as many prompt tokens as the pace allows,
// of one or several sequences. Urgent prompts first; among equals the tenant that has had least, and
// within a tenant in turn, so that a short prompt never waits for the whole of a long one.
// Knows no model and no memory.

import type { Sequence } from './sequence.js';
import type { StepPacer } from './step-pacer.js';

/** One sequence's part of a step. */
export interface StepItem {
  sequence: Sequence;
  /** What its cache grows by. */
  tokens: Int32Array;
  isPrefill: boolean;
  /** The next token is sampled after them. */
  wantLogits: boolean;
}

export interface PlanContext {
  running: readonly Sequence[];
  pacer: StepPacer;
  /** How much the sequence's tenant has had. */
  served: (sequence: Sequence) => number;
  /** Called before the first chunk of a sequence is cut; may finish the sequence. */
  begin: (sequence: Sequence) => void;
  /** Number of the step. */
  turn: number;
}

export function planStep({ running, pacer, served, begin, turn }: PlanContext): StepItem[] {
  const ready = running.filter((one) => !one.isHeld && !one.isFinished);
  const items: StepItem[] = ready
    .filter((one) => !one.needsPrefill)
    .map((one) => ({
      sequence: one,
      tokens: one.nextInput(),
      isPrefill: false,
      wantLogits: true,
    }));
  let room = pacer.prefillRoom(numTokensOf(items));

  const due = new Map(ready.map((one) => [one, served(one)]));
  const prefilling = ready
    .filter((one) => one.needsPrefill)
    .toSorted(
      (a, b) => b.priority - a.priority || due.get(a)! - due.get(b)! || a.lastTurn - b.lastTurn,
    );
  for (const sequence of prefilling) {
    if (room === 0) break;
    begin(sequence);
    if (sequence.isFinished) continue;
    const tokens = sequence.nextChunk(room);
    const wantLogits = tokens.length === sequence.numPending;
    items.push({ sequence, tokens, isPrefill: true, wantLogits });
    sequence.lastTurn = turn;
    room -= tokens.length;
  }
  return items;
}

export function numTokensOf(items: readonly StepItem[]): number {
  return items.reduce((sum, { tokens }) => sum + tokens.length, 0);
}
