// How many tokens a step may take, so that a long prompt does not stall running streams: a step with
// decoding sequences in it is kept near a target time by halving and doubling its size. Sizes are few
// and count all tokens of the step, because the model compiles a graph per token count.
// Knows times and counts. What is generated does not depend on it, up to the order of float sums.

export interface PaceOptions {
  /** Tokens of a step while sequences decode, prompt tokens included; where the adapting starts. */
  stepTokens: number;
  /** Tokens of a step when nobody would have to wait for it; no step has more prompt tokens. */
  stepTokensAlone: number;
  /** What a step with decoding sequences should take, or twice what it takes without prompt tokens
   *  where that is more. undefined = sizes stay as they are. */
  targetStepMs: number | undefined;
}

/** However slow the machine and however many decode, prompts go on by so much. */
const MIN_PREFILL = 16;
const MIN_STEP = 2 * MIN_PREFILL;
/** Part of the target below which there is room for twice the tokens. */
const ROOMY = 0.4;
/** Weight of the newest decode step in the running mean. */
const SMOOTHING = 0.2;

export interface MeasuredStep {
  ms: number;
  decodeTokens: number;
  prefillTokens: number;
}

export class StepPacer {
  readonly #options: PaceOptions;
  #stepTokens: number;
  /** Mean time of steps that only decode. */
  #decodeMs: number | undefined;

  constructor(options: PaceOptions) {
    this.#options = options;
    this.#stepTokens = options.stepTokens;
  }

  /** Prompt tokens that may join a step with so many tokens to decode. */
  prefillRoom(decodeTokens: number): number {
    const { stepTokens, stepTokensAlone } = this.#options;
    if (decodeTokens === 0) return stepTokensAlone;
    const least = Math.min(MIN_PREFILL, Math.ceil(stepTokens / 2));
    return Math.max(this.#stepTokens - decodeTokens, least);
  }

  record({ ms, decodeTokens, prefillTokens }: MeasuredStep): void {
    const { targetStepMs, stepTokensAlone } = this.#options;
    if (targetStepMs === undefined || decodeTokens === 0) return;
    if (prefillTokens === 0) {
      const before = this.#decodeMs ?? ms;
      this.#decodeMs = before + SMOOTHING * (ms - before);
      return;
    }
    const target = Math.max(targetStepMs, 2 * (this.#decodeMs ?? 0));
    const wasFull = decodeTokens + prefillTokens >= this.#stepTokens;
    if (ms > target) this.#stepTokens = Math.max(Math.floor(this.#stepTokens / 2), MIN_STEP);
    else if (wasFull && ms < ROOMY * target) {
      this.#stepTokens = Math.min(this.#stepTokens * 2, stepTokensAlone);
    }
  }
}
