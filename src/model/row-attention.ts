// Attention by the fused operations over row tables (tensor/graph.ts): each token finds the rows of
// its own sequence when the graph runs, so one compiled graph serves any mix of sequences and lengths.
// Always in the absorbed form, where queries go to the latents (model reference §4):
//   q . W_UK c = (W_UK^T q) . c, and W_UV comes after the weighted sum of latents.

import type { GraphBuilder } from '../tensor/graph.js';
import type { RowTable, Tensor } from '../tensor/types.js';
import { absorbQuery } from './attention.js';
import type { AttentionQuery, CachedAttention, NewRows } from './attention.js';
import { latentWidth, softmaxScale, type ModelConfig } from './config.js';
import type { CacheTypes } from './types.js';
import type { LayerWeights } from './weights.js';

/** Names of the row tables, to be bound to the two tensors of each token's slab. */
export const LATENT_TABLE = 'rows.latent';
export const KEY_TABLE = 'rows.keys';

export interface RowAttentionOptions {
  /** i32 [N]: position of each token, which is also its row. */
  positions: Tensor;
  /** Layers of a slab, drafting blocks included. */
  numLayers: number;
  cacheTypes: CacheTypes;
  /** Whether some token sees more rows than the indexer would choose. */
  isSparse: boolean;
}

export class RowAttention implements CachedAttention {
  readonly isSparse: boolean;
  readonly #latent: RowTable;
  readonly #keys: RowTable | null;

  constructor(
    private readonly g: GraphBuilder,
    private readonly options: RowAttentionOptions,
    private readonly config: ModelConfig,
  ) {
    const { positions, numLayers, cacheTypes } = options;
    const table = { numLayers, numTokens: positions.shape[0] };
    this.isSparse = options.isSparse;
    this.#latent = g.rowTable(LATENT_TABLE, {
      ...table,
      dtype: cacheTypes.latent,
      width: latentWidth(config),
    });
    this.#keys =
      config.indexer === null
        ? null
        : g.rowTable(KEY_TABLE, {
            ...table,
            dtype: tableDtype(cacheTypes.indexer),
            width: config.indexer.headDim,
          });
  }

  write(layer: number, { latent, keys }: NewRows): void {
    this.g.writeTableRows(this.#latent, layer, latent, this.options.positions);
    if (keys === null || this.#keys === null) return;
    this.g.writeTableRows(this.#keys, layer, keys, this.options.positions);
  }

  attend(layer: number, query: AttentionQuery, weights: LayerWeights): Tensor {
    const { g, config } = this;
    const { positions } = this.options;
    const queries = absorbQuery(g, query, weights); // [kv_lora + rope, H, N]
    const chosen = this.#choose(layer, query);
    const sums = g.attendRows(this.#latent, layer, {
      queries,
      positions,
      ...(chosen !== null && { chosen }),
      valueWidth: config.kvLoraRank,
      scale: softmaxScale(config),
    }); // sum of p c: [kv_lora, H, N]
    return g.mulMat(g.use(weights.valueUp), g.permute(sums, [0, 2, 1, 3]));
  }

  /** i32 [topk, N]; a token that sees fewer rows gets all of them. */
  #choose(layer: number, { indexer: query }: AttentionQuery): Tensor | null {
    const { indexer } = this.config;
    if (query === null || indexer === null || this.#keys === null) return null;
    return this.g.indexTopK(this.#keys, layer, {
      ...query,
      positions: this.options.positions,
      k: indexer.topk,
    });
  }
}

function tableDtype(dtype: CacheTypes['indexer']): 'f32' | 'f16' | 'i8_rows' {
  if (dtype === 'q8_0') throw new Error('row tables hold no q8_0 keys: use i8_rows');
  return dtype;
}
