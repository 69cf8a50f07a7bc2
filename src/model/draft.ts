// The multi-token-prediction block as a graph (model reference §10): from the main model's hidden
// state at a position and the token that followed, a guess at the token after that. The engine
// verifies such guesses, so the block decides about speed, never about what is generated.
//   u = eh_proj [enorm(Emb(t_{i+1})) ; hnorm(h_i)]     one decoder layer over u     head(norm(.))
// Rows of several sequences are columns here, as in forward.ts; the block's cache rows lie in the
// slabs behind those of the main layers. Knows neither slabs nor compiled graphs.

import type { GraphBuilder } from '../tensor/graph.js';
import type { Tensor } from '../tensor/types.js';
import { projectRows, type CachedAttention } from './attention.js';
import type { ModelConfig } from './config.js';
import { decoderLayer, norm } from './forward.js';
import type { NextnWeights } from './weights.js';

/** What a compiled graph depends on, besides its caches. */
export interface DraftShape {
  /** Rows of the step. */
  numRows: number;
  /** Rows after which a token is guessed; the others only fill the cache. */
  numWanted: number;
}

/**
 * Inputs: `tokens` i32 [N], the one after each row's position; `hidden` f32 [hidden, N], as the main
 * model gave it; `known` f32 [1, N], from `knownEmbeddings`; `wanted` i32 [M] (which rows, unless
 * all or none are), beside those of `caches`. Output: `logits` f32 [vocab, M] unless none are wanted.
 * @param positions i32 [N]
 */
export function buildDraft(
  g: GraphBuilder,
  { numRows, numWanted }: DraftShape,
  nextn: NextnWeights,
  caches: CachedAttention,
  positions: Tensor,
  config: ModelConfig,
): Record<string, Tensor> {
  const embedded = g.getRows(g.use(nextn.embedding), g.input('tokens', 'i32', [numRows]));
  const visible = g.mul(embedded, g.input('known', 'f32', [1, numRows]));
  const state = g.input('hidden', 'f32', [config.hiddenSize, numRows]);
  const pair = g.concat(
    norm(g, visible, nextn.embeddingNorm, config),
    norm(g, state, nextn.hiddenNorm, config),
    0,
  ); // [2 hidden, N]: the embedding first, as in the released weights
  const input = g.mulMat(g.use(nextn.projection), pair); // [hidden, N]
  const { layer } = nextn;
  const index = config.numLayers;
  if (numWanted === 0) {
    const x = norm(g, input, layer.attentionNorm, config);
    caches.write(index, projectRows(g, x, positions, layer, config));
    return {};
  }
  const wanted = numWanted < numRows ? g.input('wanted', 'i32', [numWanted]) : null;
  const output = decoderLayer(g, input, positions, index, layer, caches, config, wanted);
  return { logits: g.mulMat(g.use(nextn.head), norm(g, output, nextn.headNorm, config)) };
}

/** Values of the input `known`: nothing is known of the embedding at position 0, as the engines that
 *  the released weights were made for have it. */
export function knownEmbeddings(positions: Int32Array): Float32Array {
  return Float32Array.from(positions, (position) => (position === 0 ? 0 : 1));
}

/** The most likely token of each row of logits. */
export function mostLikely(logits: Float32Array, vocabSize: number): Int32Array {
  return Int32Array.from({ length: logits.length / vocabSize }, (_, row) => {
    const start = row * vocabSize;
    let best = start;
    for (let i = start + 1; i < start + vocabSize; i++) if (logits[i]! > logits[best]!) best = i;
    return best - start;
  });
}
