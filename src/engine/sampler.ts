// From logits to one token id: penalties, temperature, top-p, and log-probabilities of the
// untouched distribution. Knows no sequence and no scheduler; one instance serves all sequences in
// turn and owns the scratch memory, so that a decode step allocates nothing of vocabulary size.

import type { SamplingParams, TokenLogprobs } from '../backend/types.js';
import { DescendingHeap } from './descending-heap.js';
import type { RandomSource } from './random.js';

/** Changes logits in place before sampling. Penalties are one; a grammar mask will be another. */
export type LogitsProcessor = (logits: Float32Array) => void;

export class Sampler {
  readonly #scratch: Float32Array;
  readonly #heap: DescendingHeap;

  /** @param vocabSize tokens that may be sampled; rows of the logits beyond it are ignored. */
  constructor(readonly vocabSize: number) {
    this.#scratch = new Float32Array(vocabSize);
    this.#heap = new DescendingHeap(vocabSize);
  }

  /**
   * @param logits `[>= vocabSize]`, left unchanged.
   * @throws when the logits hold no usable maximum (NaN, infinite): the forward pass is broken.
   */
  sample(
    logits: Float32Array,
    params: SamplingParams,
    random: RandomSource,
    processors: readonly LogitsProcessor[] = [],
  ): number {
    const scratch = this.#scratch;
    scratch.set(logits.subarray(0, this.vocabSize));
    for (const process of processors) process(scratch);
    const best = argmax(scratch);
    if (params.temperature === 0) return best;

    const total = exponentiate(scratch, scratch[best]!, params.temperature);
    return params.topP >= 1
      ? this.#drawFromAll(random() * total)
      : this.#drawFromNucleus(params.topP * total, random);
  }

  /** Log-probabilities of the untouched logits (API: "logprobs", before any sampling parameter). */
  logprobs(logits: Float32Array, token: number, numTop: number): TokenLogprobs {
    const usable = logits.subarray(0, this.vocabSize);
    const normalizer = logSumExp(usable);
    const chosen = usable[token]!;
    let rank = 1;
    for (let i = 0; i < usable.length; i++) if (usable[i]! > chosen) rank++;
    const top = [];
    if (numTop > 0) {
      this.#heap.build(usable);
      while (top.length < numTop && this.#heap.size > 0) {
        const index = this.#heap.pop();
        top.push({ token: index, logprob: usable[index]! - normalizer });
      }
    }
    return { logprob: chosen - normalizer, rank, top };
  }

  /** Walks the weights in id order until `mass` of them is passed. */
  #drawFromAll(mass: number): number {
    const weights = this.#scratch;
    let left = mass;
    let last = 0;
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i]!;
      if (weight === 0) continue;
      last = i;
      left -= weight;
      if (left < 0) return i;
    }
    return last; // rounding: the drawn mass lay at the very end
  }

  /** Top-p: the smallest set of most likely tokens whose mass reaches `nucleusMass`. */
  #drawFromNucleus(nucleusMass: number, random: RandomSource): number {
    const weights = this.#scratch;
    this.#heap.build(weights);
    const nucleus: number[] = [];
    let mass = 0;
    while (this.#heap.size > 0 && (nucleus.length === 0 || mass < nucleusMass)) {
      const index = this.#heap.pop();
      if (weights[index] === 0) break; // only rounding kept the mass short
      nucleus.push(index);
      mass += weights[index]!;
    }

    let left = random() * mass;
    for (const index of nucleus) {
      left -= weights[index]!;
      if (left < 0) return index;
    }
    return nucleus.at(-1)!;
  }
}

/**
 * OpenAI's definition: `logit -= count * frequencyPenalty + (count > 0) * presencePenalty`, over
 * the tokens generated so far (the prompt does not count).
 */
export function penaltyProcessor(
  params: SamplingParams,
  counts: ReadonlyMap<number, number>,
): LogitsProcessor | undefined {
  const { presencePenalty, frequencyPenalty } = params;
  if (presencePenalty === 0 && frequencyPenalty === 0) return undefined;
  return (logits) => {
    for (const [token, count] of counts) {
      logits[token]! -= count * frequencyPenalty + presencePenalty;
    }
  };
}

function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  if (!Number.isFinite(values[best]!)) {
    throw new Error(`the model produced no finite logit (largest: ${values[best]})`);
  }
  return best;
}

/** In place: `exp((value - max) / temperature)`; returns the sum. NaN weights would spread: throws. */
function exponentiate(values: Float32Array, max: number, temperature: number): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    const weight = Math.exp((values[i]! - max) / temperature);
    values[i] = weight;
    total += values[i]!; // what is stored, rounded to float32, so that the walk adds up
  }
  if (!Number.isFinite(total)) throw new Error('the model produced logits that are not numbers');
  return total;
}

function logSumExp(values: Float32Array): number {
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) if (values[i]! > max) max = values[i]!;
  let total = 0;
  for (let i = 0; i < values.length; i++) total += Math.exp(values[i]! - max);
  return max + Math.log(total);
}
