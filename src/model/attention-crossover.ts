// Where gathering chosen rows starts to beat masking the others, measured on this device with the
// model's own shapes. Masking costs time per key that is there, gathering per key that is chosen: the
// ratio of the two costs is how many times top-k the context must be. The indexer's scoring is common
// to both and left out. Both forms are exact, so a disturbed measurement costs speed only.

import type { Device } from '../tensor/types.js';
import { attendAll, attendGathered, maskAllBut } from './composed-attention.js';
import type { SlabOptions } from './sequence-cache.js';
import { latentWidth } from './config.js';
import type { ModelWeights } from './weights.js';

/** A chunk of a prompt in small; times per key settle from a few hundred keys on. */
const NUM_TOKENS = 32;
const NUM_KEYS = 512;
const NUM_CHOSEN = 128;

/** The best of up to this many runs counts, as long as all together stay within the budget. */
const MAX_RUNS = 5;
const BUDGET_MS = 60;

/** A single expensive run is made smaller: multiply-adds of all heads and keys. */
const MAX_PRODUCTS = { ggml: 1e9, reference: 1e6 };

export interface Crossover {
  /** Context from which to gather, in multiples of top-k; at least 1. */
  factor: number;
  /** What measuring took. */
  milliseconds: number;
}

export function measureGatherFactor(
  device: Device,
  weights: ModelWeights,
  slab: SlabOptions,
): Crossover {
  const start = performance.now();
  const masked = bestMs(device, weights, slab, false) / NUM_KEYS;
  const gathered = bestMs(device, weights, slab, true) / NUM_CHOSEN;
  return {
    factor: Math.max(1, gathered / masked),
    milliseconds: performance.now() - start,
  };
}

/** Milliseconds of one layer's attention over scratch rows of zeros: their values do not matter. */
function bestMs(
  device: Device,
  { layers }: ModelWeights,
  { config, cacheTypes }: SlabOptions,
  gathers: boolean,
): number {
  const { numHeads, qkNopeHeadDim, qkRopeHeadDim } = config;
  const width = latentWidth(config);
  const perToken = 2 * NUM_KEYS * numHeads * width;
  const numTokens = Math.max(
    4,
    Math.min(NUM_TOKENS, Math.floor(MAX_PRODUCTS[device.kind] / perToken)),
  );
  const scratch = device.allocate([
    { name: 'latent', dtype: cacheTypes.latent, shape: [width, NUM_KEYS] },
  ]);
  const graph = device.buildGraph((g) => {
    const layer = layers[0]!;
    const query = {
      nope: g.input('nope', 'f32', [qkNopeHeadDim, numHeads, numTokens]),
      rope: g.input('rope', 'f32', [qkRopeHeadDim, numHeads, numTokens]),
    };
    const chosen = g.input('chosen', 'i32', [NUM_CHOSEN, numTokens]);
    const mask = g.input('mask', 'f32', [NUM_KEYS, numTokens]);
    const rows = g.use(scratch.get('latent'));
    const attended = gathers
      ? attendGathered(g, query, rows, chosen, layer, config)
      : attendAll(g, query, rows, maskAllBut(g, chosen, mask), layer, config);
    return { attended };
  });
  try {
    const zeros = (size: number): Float32Array => new Float32Array(size * numTokens);
    graph.write('nope', zeros(qkNopeHeadDim * numHeads));
    graph.write('rope', zeros(qkRopeHeadDim * numHeads));
    graph.write('mask', zeros(NUM_KEYS));
    graph.write(
      'chosen',
      Int32Array.from({ length: NUM_CHOSEN * numTokens }, (_, i) => (i * 37) % NUM_KEYS),
    );
    let best = Number.POSITIVE_INFINITY;
    const deadline = performance.now() + BUDGET_MS;
    for (let run = 0; run < MAX_RUNS && (run === 0 || performance.now() < deadline); run++) {
      const start = performance.now();
      graph.computeSync();
      best = Math.min(best, performance.now() - start);
    }
    return best;
  } finally {
    graph.dispose();
    scratch.dispose();
  }
}
