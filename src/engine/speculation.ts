// Whether to draft: self-speculation pays only where drafts are right often enough for what they cost
// (draft-cost.ts). Watches how many are accepted, stops drafting below the break-even, and lets a
// sequence try now and then, because the next conversation may be easier to guess.
// Knows counts; neither models nor sequences. What is generated never depends on it.

import { breakEven, canPay, type DraftCost } from './draft-cost.js';

export type DraftMode = 'auto' | 'on' | 'off';

/** A sequence's part in drafting: none, as long as it is on, or to find out whether it would pay. */
export type DraftRole = 'none' | 'follows' | 'probes';

/** Accepted share that is believed before anything was seen. */
const PRIOR = 0.75;
/** Weight of one draft in the running mean. */
const SMOOTHING = 1 / 64;
/** How far the mean must be beyond the break-even for a change of mind. */
const MARGIN = 0.03;
/** While drafting is off, one sequence in so many tries it. */
const PROBE_INTERVAL = 32;

export interface SpeculationOptions {
  mode: 'auto' | 'on';
  /** Measured, for `auto`. */
  costs?: readonly DraftCost[];
  /** Something a person should know. */
  onWarning?: (warning: string) => void;
}

export class Speculation {
  readonly #options: SpeculationOptions;
  readonly #costs: readonly DraftCost[];
  #hasFailed = false;
  #accepted = PRIOR;
  #isOn: boolean;
  /** Sequences since drafting was turned off. */
  #numSkipped = 0;

  constructor(options: SpeculationOptions) {
    const { mode, costs = [] } = options;
    this.#options = options;
    this.#costs = costs;
    this.#isOn = mode === 'on' || PRIOR > breakEven(costs, 1);
  }

  /** Whether drafts are made for sequences in general. */
  get isOn(): boolean {
    return this.#isOn && !this.#hasFailed;
  }

  /** Asked once per sequence, before its prompt is computed: all but `none` keep the drafting block's
   *  rows up, without which there are no good drafts. */
  enlist(): DraftRole {
    if (this.isOn) return 'follows';
    if (!canPay(this.#costs)) return 'none';
    return this.#numSkipped++ % PROBE_INTERVAL === 0 ? 'probes' : 'none';
  }

  /** Whether a sequence should draft for a step of so many sequences. */
  isWorthwhile(role: DraftRole, batchSize: number): boolean {
    if (role === 'none' || this.#hasFailed) return false;
    if (this.#options.mode === 'on') return true;
    const least = breakEven(this.#costs, batchSize);
    return role === 'probes' ? least < 1 : this.#isOn && this.#accepted > least - MARGIN;
  }

  /** One draft was verified. */
  record(isAccepted: boolean): void {
    this.#accepted += SMOOTHING * (Number(isAccepted) - this.#accepted);
    if (this.#options.mode === 'on') return;
    const least = breakEven(this.#costs, 1);
    if (this.#isOn && this.#accepted < least - MARGIN) {
      this.#isOn = false;
      this.#numSkipped = 1; // the next ones do without
    } else if (!this.#isOn && this.#accepted > least + MARGIN) {
      this.#isOn = true;
    }
  }

  /** The drafting block does not work: no drafts any more. */
  fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#options.onWarning?.(`drafting failed and is off until the next start: ${reason}`);
  }
}
