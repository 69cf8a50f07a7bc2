// Attention composed from single operations, for devices without row tables: each sequence attends
// with its own slice of the queries, over views of its own slab, so a graph belongs to those slabs.
// Two algebraically equal forms, chosen by cost:
//   plain (MHA):    keys and values of every head are expanded from the cached rows
//   absorbed (MQA): q . W_UK c = (W_UK^T q) . c: queries go to the latents, W_UV comes after the sum
// Three ways to select, all exact:
//   dense:  every visible key (no indexer, or no more keys than the indexer would choose)
//   masked: every key is scored and all but the chosen ones are masked out
//   gather: only the chosen rows are read
// Shapes as in attention.ts; C cached keys, K chosen keys, n tokens of one sequence.

import type { GraphBuilder } from '../tensor/graph.js';
import type { DeviceTensor, Tensor } from '../tensor/types.js';
import { absorbQuery } from './attention.js';
import type { AttentionQuery, CachedAttention, HeadQuery, NewRows } from './attention.js';
import { latentWidth, softmaxScale, type ModelConfig } from './config.js';
import { chooseKeys } from './indexer.js';
import type { LayerWeights } from './weights.js';

export type Selection = 'dense' | 'masked' | 'gather';

/** Gathered rows of one tile of queries may take this much scratch memory. */
const MAX_GATHER_BYTES = 32 << 20;

/** One sequence's part of a step. */
export interface ComposedSequence {
  /** [kv_lora + rope, rows, layers] */
  latent: DeviceTensor;
  /** [index head dim, rows, layers]; null without an indexer. */
  keys: DeviceTensor | null;
  /** Its tokens within the step. */
  firstToken: number;
  numTokens: number;
  /** C: leading rows of the cache that this graph reads. */
  numKeys: number;
  selection: Selection;
}

interface SequenceInputs extends ComposedSequence {
  /** f32 [C, n]: 0 where a token may look, -Infinity elsewhere. */
  mask: Tensor;
}

/** Name of the input that holds a sequence's causal mask. */
export function maskName(index: number): string {
  return `mask.${index}`;
}

export class ComposedAttention implements CachedAttention {
  readonly isSparse: boolean;
  readonly #sequences: readonly SequenceInputs[];

  /** @param positions i32 [N]: position of each token, which is also its row in its cache */
  constructor(
    private readonly g: GraphBuilder,
    private readonly positions: Tensor,
    sequences: readonly ComposedSequence[],
    private readonly config: ModelConfig,
  ) {
    this.isSparse = sequences.some(({ selection }) => selection !== 'dense');
    this.#sequences = sequences.map((sequence, i) => ({
      ...sequence,
      mask: g.input(maskName(i), 'f32', [sequence.numKeys, sequence.numTokens]),
    }));
  }

  write(layer: number, rows: NewRows): void {
    const { g } = this;
    for (const sequence of this.#sequences) {
      const positions = part(g, this.positions, 0, sequence);
      const latent = g.slice(g.use(sequence.latent), 2, layer, 1);
      g.setRows(latent, part(g, rows.latent, 1, sequence), positions);
      if (rows.keys === null || sequence.keys === null) continue;
      const keys = g.slice(g.use(sequence.keys), 2, layer, 1);
      g.setRows(keys, part(g, rows.keys, 1, sequence), positions);
    }
  }

  attend(layer: number, query: AttentionQuery, weights: LayerWeights): Tensor {
    let joined: Tensor | null = null;
    for (const sequence of this.#sequences) {
      const attended = this.#attendSequence(layer, query, weights, sequence); // [v, n, H]
      joined = joined === null ? attended : this.g.concat(joined, attended, 1);
    }
    return joined!;
  }

  #attendSequence(
    layer: number,
    query: AttentionQuery,
    weights: LayerWeights,
    sequence: SequenceInputs,
  ): Tensor {
    const { g, config } = this;
    const { latent, numKeys, mask, selection } = sequence;
    const rows = layerRows(g, latent, layer, numKeys); // [kv_lora + rope, C]
    const own = {
      nope: part(g, query.nope, 2, sequence),
      rope: part(g, query.rope, 2, sequence),
    };
    if (selection === 'dense') return attendAll(g, own, rows, mask, weights, config);
    const { indexer } = config;
    if (indexer === null || query.indexer === null || sequence.keys === null) {
      throw new Error(`${selection} attention in a model without indexer`);
    }
    const chosen = chooseKeys(g, {
      queries: part(g, query.indexer.queries, 2, sequence),
      headWeights: part(g, query.indexer.headWeights, 1, sequence),
      keys: layerRows(g, sequence.keys, layer, numKeys),
      mask,
      topk: indexer.topk,
    });
    if (selection === 'gather') return attendGathered(g, own, rows, chosen, weights, config);
    const open = maskAllBut(g, chosen, mask);
    return attendAll(g, own, rows, open, weights, config);
  }
}

/** The sequence's tokens along a dimension. */
function part(
  g: GraphBuilder,
  a: Tensor,
  dim: 0 | 1 | 2,
  { firstToken, numTokens }: ComposedSequence,
): Tensor {
  return a.shape[dim] === numTokens ? a : g.slice(a, dim, firstToken, numTokens);
}

/** The first rows of one layer of a slab: [width, numKeys]. */
function layerRows(g: GraphBuilder, slab: DeviceTensor, layer: number, numKeys: number): Tensor {
  return g.slice(g.slice(g.use(slab), 2, layer, 1), 1, 0, numKeys);
}

type HeadWeights = Pick<LayerWeights, 'keyUp' | 'valueUp'>;

/** All keys under a mask [C, n], in the cheaper form. -> [v, n, H] */
export function attendAll(
  g: GraphBuilder,
  query: HeadQuery,
  rows: Tensor,
  mask: Tensor,
  weights: HeadWeights,
  config: ModelConfig,
): Tensor {
  const attend = isPlainCheaper(query.nope.shape[2], config) ? attendPlain : attendAbsorbed;
  return attend(g, query, rows, mask, weights, config);
}

/**
 * Multiply-adds per key and head for N queries: absorbed N (2 kv_lora + rope); plain
 * N (nope + rope + v) plus the expansion kv_lora (nope + v), which N queries share.
 * Source: model reference §12.
 */
export function isPlainCheaper(numTokens: number, config: ModelConfig): boolean {
  const { kvLoraRank, qkNopeHeadDim, qkRopeHeadDim, vHeadDim } = config;
  const absorbed = numTokens * (2 * kvLoraRank + qkRopeHeadDim);
  const expansion = kvLoraRank * (qkNopeHeadDim + vHeadDim);
  return numTokens * (qkNopeHeadDim + qkRopeHeadDim + vHeadDim) + expansion < absorbed;
}

/** Keys and values of every head, expanded from the cached rows. -> [v, n, H] */
function attendPlain(
  g: GraphBuilder,
  query: HeadQuery,
  rows: Tensor,
  mask: Tensor,
  weights: HeadWeights,
  config: ModelConfig,
): Tensor {
  const { kvLoraRank, qkNopeHeadDim, qkRopeHeadDim, numHeads } = config;
  const numKeys = rows.shape[1];
  const latent = asF32(g, g.slice(rows, 0, 0, kvLoraRank)); // [kv_lora, C]
  const keyUp = g.cont(g.transpose(asF32(g, g.use(weights.keyUp)))); // [kv_lora, nope, H]
  const flatKeyUp = g.reshape(keyUp, [kvLoraRank, qkNopeHeadDim * numHeads]);
  const expanded = g.reshape(g.mulMat(flatKeyUp, latent), [qkNopeHeadDim, numHeads, numKeys]);
  const ropeKey = g.reshape(g.cont(asF32(g, g.slice(rows, 0, kvLoraRank, qkRopeHeadDim))), [
    qkRopeHeadDim,
    1,
    numKeys,
  ]);
  // k = [W_UK c | k_rope], the rotary part the same for all heads: [nope + rope, H, C]
  const keys = g.concat(expanded, g.repeat(ropeKey, [qkRopeHeadDim, numHeads, numKeys]), 0);
  const queries = g.permute(g.concat(query.nope, query.rope, 0), [0, 2, 1, 3]); // [nope + rope, n, H]
  const scores = g.mulMat(g.permute(keys, [0, 2, 1, 3]), queries); // [C, n, H]
  const shares = g.softMax(scores, { mask, scale: softmaxScale(config) });
  // With the latent as the left operand the product is already transposed: [C, v, H].
  const values = g.mulMat(
    g.reshape(g.cont(latent), [kvLoraRank, numKeys]),
    asF32(g, g.use(weights.valueUp)),
  );
  return g.mulMat(values, shares);
}

/** Queries in the latent space, where one cached row serves all heads. -> [v, n, H] */
function attendAbsorbed(
  g: GraphBuilder,
  query: HeadQuery,
  rows: Tensor,
  mask: Tensor,
  weights: HeadWeights,
  config: ModelConfig,
): Tensor {
  const { kvLoraRank } = config;
  // As absorbQuery, but per head: products want their activations without gaps.
  const nope = g.mulMat(g.use(weights.keyUp), g.permute(query.nope, [0, 2, 1, 3])); // [kv_lora, n, H]
  const absorbed = g.concat(nope, g.permute(query.rope, [0, 2, 1, 3]), 0); // [width, n, H]
  const scores = mulShared(g, rows, absorbed); // [C, n, H]
  const shares = g.softMax(scores, { mask, scale: softmaxScale(config) });
  const values = transposed(g, g.slice(rows, 0, 0, kvLoraRank), rows.dtype); // [C, kv_lora]
  const sums = mulShared(g, values, shares); // sum of p c: [kv_lora, n, H]
  return g.mulMat(g.use(weights.valueUp), sums);
}

/** Absorbed attention over the chosen rows only; chosen i32 [K, n]. -> [v, n, H] */
export function attendGathered(
  g: GraphBuilder,
  query: HeadQuery,
  rows: Tensor,
  chosen: Tensor,
  weights: HeadWeights,
  config: ModelConfig,
): Tensor {
  const [numChosen, numTokens] = chosen.shape;
  const width = latentWidth(config);
  const absorbed = absorbQuery(g, query, weights); // [width, H, n]
  // No mask: selection gathers only where every token sees at least K keys.
  const tile = Math.max(1, Math.floor(MAX_GATHER_BYTES / (numChosen * width * 4)));
  let outputs: Tensor | null = null;
  for (let start = 0; start < numTokens; start += tile) {
    const length = Math.min(tile, numTokens - start);
    const indices = g.reshape(g.slice(chosen, 1, start, length), [numChosen * length]);
    const gathered = g.reshape(g.getRows(rows, indices), [width, numChosen, length]);
    const scores = g.mulMat(gathered, g.slice(absorbed, 2, start, length)); // [K, H, tile]
    const shares = g.softMax(scores, { scale: softmaxScale(config) });
    const latents = g.slice(gathered, 0, 0, config.kvLoraRank);
    const values = transposed(g, latents, rows.dtype); // [K, kv_lora, tile]
    const output = g.mulMat(values, shares); // [kv_lora, H, tile]
    outputs = outputs === null ? output : g.concat(outputs, output, 2); // [kv_lora, H, n]
  }
  return g.mulMat(g.use(weights.valueUp), g.permute(outputs!, [0, 2, 1, 3]));
}

/**
 * -Infinity everywhere but at the chosen keys. The causal mask is added again because a row with
 * fewer visible keys than top-k chooses hidden ones too (model reference §8.1).
 */
export function maskAllBut(g: GraphBuilder, chosen: Tensor, causal: Tensor): Tensor {
  const [numKeys, numTokens] = causal.shape;
  const closed = g.reshape(g.fill(causal, Number.NEGATIVE_INFINITY), [1, numKeys, numTokens]);
  const numChosen = chosen.shape[0];
  // Zeros of the right shape: any packed f32 tensor will do as a pattern.
  const pattern = g.cont(g.slice(causal, 0, 0, numChosen));
  const open = g.reshape(g.fill(pattern, 0), [1, numChosen, numTokens]);
  const selected = g.setRows(closed, open, chosen);
  return g.add(g.reshape(selected, [numKeys, numTokens]), causal);
}

/** weights [k, m] x [k, n, H] -> [m, n, H]; the heads of a single token become one product. */
function mulShared(g: GraphBuilder, weights: Tensor, activations: Tensor): Tensor {
  const [k, numTokens, numHeads] = activations.shape;
  if (numTokens > 1) return g.mulMat(weights, activations);
  const product = g.mulMat(weights, g.reshape(activations, [k, numHeads]));
  return g.reshape(product, [weights.shape[1], 1, numHeads]);
}

/**
 * a with n0 and n1 swapped, packed, in f32. What comes from an f16 cache takes the way through f16,
 * which loses nothing: the native kernel that converts while it transposes is three times faster
 * than the one that only transposes (20 against 66 us for 128 x 256).
 */
function transposed(g: GraphBuilder, a: Tensor, cacheDtype: Tensor['dtype']): Tensor {
  if (cacheDtype !== 'f16') return g.cont(g.transpose(a));
  const half = a.dtype === 'f16' ? a : g.cast(a, 'f16');
  return g.cast(g.transpose(half), 'f32');
}

function asF32(g: GraphBuilder, a: Tensor): Tensor {
  return a.dtype === 'f32' ? a : g.cast(a, 'f32');
}
