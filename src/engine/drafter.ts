// Self-speculation within steps: which slices carry a draft, whether the model agreed with it, and the
// drafts for the next step. A draft is the guess of the model's drafting block at the token after the
// one sampled last; both are fed together, and the logits of both are true ones. Tokens are sampled
// from them one after the other, as they would be without drafts; a guess that differs is forgotten.
// Knows sequences and the runner; not grammars, sampling or when a step is.
// Contract: as for forward passes, nobody touches caches while `draft` runs.

import type { EngineCounters } from './engine-counters.js';
import type { DraftSlice, ForwardSlice, ModelRunner, SliceOutput } from './model-runner.js';
import type { Sequence } from './sequence.js';
import type { Speculation } from './speculation.js';
import type { StepItem } from './step-planner.js';

export interface DrafterOptions {
  runner: ModelRunner;
  speculation: Speculation;
  counters: EngineCounters;
}

/** Rows that a step has left for the drafting block. */
interface PendingRows {
  sequence: Sequence;
  rows: Omit<DraftSlice, 'cache' | 'wantToken'>;
}

export class Drafter {
  readonly #options: DrafterOptions;
  #pending: PendingRows[] = [];

  constructor(options: DrafterOptions) {
    this.#options = options;
  }

  /** What the model is to run for an item of a step of so many sampled tokens. */
  toSlice(slice: ForwardSlice, { sequence, isPrefill }: StepItem, batchSize: number): ForwardSlice {
    const { speculation } = this.#options;
    sequence.draftRole ??= speculation.enlist();
    // Rows of prompts are kept for the time when fewer sequences run.
    const wantHidden = speculation.isWorthwhile(sequence.draftRole, isPrefill ? 1 : batchSize);
    const { draft } = sequence;
    if (draft === undefined || isPrefill) return { ...slice, wantHidden };
    const tokens = Int32Array.of(...slice.tokens, draft);
    return { ...slice, tokens, wantLogits: 'all', wantHidden };
  }

  /** The draft was verified. */
  record(isAccepted: boolean): void {
    const { counters, speculation } = this.#options;
    counters.draftedTokens++;
    if (isAccepted) counters.acceptedTokens++;
    speculation.record(isAccepted);
  }

  /** Takes what the drafting block needs of a slice that ran from `startPos` on; what of it was
   *  refused is cut off the cache by now, and the token after the rest is known. */
  collect(sequence: Sequence, startPos: number, slice: ForwardSlice, output: SliceOutput): void {
    const { cache, isFinished } = sequence;
    const { hidden } = output;
    if (!hidden || !cache || isFinished) return;
    const numRows = cache.length - startPos;
    const width = hidden.length / slice.tokens.length;
    this.#pending.push({
      sequence,
      rows: {
        startPos,
        tokens: sequence.tokensBetween(startPos + 1, startPos + 1 + numRows),
        hidden: hidden.subarray(0, numRows * width),
      },
    });
  }

  /** Makes the drafts for the next step. Never rejects: without drafts everything goes on. */
  async draft(): Promise<void> {
    const { runner, speculation } = this.#options;
    const pending = this.#pending.filter(({ sequence }) => sequence.cache && !sequence.isFinished);
    this.#pending = [];
    if (!runner.draft || pending.length === 0) return;
    try {
      const drafts = await runner.draft(
        pending.map(({ sequence, rows }) => ({
          ...rows,
          cache: sequence.cache!,
          wantToken: sequence.canTakeDraft,
        })),
      );
      for (const [i, { sequence }] of pending.entries()) {
        if (drafts[i]! >= 0 && !sequence.isFinished) sequence.draft = drafts[i]!;
      }
    } catch (error) {
      speculation.fail(error);
    }
  }
}
