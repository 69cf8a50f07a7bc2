// Random work over row tables, run on any device: a few sequences filled with rows, then one batch of
// tokens that writes, scores and attends. Same seed, same work. Values come on a coarse grid when
// asked, so that every sum is exact in f32 and ties are common.

import { randomValues } from './tensor-harness.js';
import type { Allocation, CompiledGraph, Device, DeviceTensor } from '../../src/tensor/types.js';

export interface TableCase {
  seed: number;
  keyDtype: 'f32' | 'f16' | 'i8_rows';
  latentDtype: 'f32' | 'f16';
  keyWidth: number;
  latentWidth: number;
  valueWidth: number;
  indexHeads: number;
  heads: number;
  k: number;
  /** Visible rows of each token; tokens of one sequence have consecutive ones. */
  tokens: readonly { sequence: number; position: number }[];
  /** Keys, index queries and head weights are whole numbers in -2..2. Needed over float keys, whose
   *  scores would otherwise round differently and choose differently. */
  isCoarse: boolean;
}

export interface TableResult {
  chosen: Int32Array;
  overChosen: Float32Array;
  overVisible: Float32Array;
}

const LAYERS = 2;
const LAYER = 1;

/** Caches of every sequence, filled below the batch's own positions. */
export function fillCaches(device: Device, work: TableCase): Allocation {
  const lengths = new Map<number, number>();
  for (const { sequence, position } of work.tokens) {
    lengths.set(sequence, Math.max(lengths.get(sequence) ?? 0, position + 1));
  }
  const caches = device.allocate(
    [...lengths].flatMap(([sequence, length]) => {
      const numRows = Math.ceil(length / 16) * 16;
      return [
        {
          name: `keys.${sequence}`,
          dtype: work.keyDtype,
          shape: [work.keyWidth, numRows, LAYERS],
        },
        {
          name: `latent.${sequence}`,
          dtype: work.latentDtype,
          shape: [work.latentWidth, numRows, LAYERS],
        },
      ];
    }),
  );
  for (const [sequence, length] of lengths) {
    const graph = device.buildGraph((g) => {
      const positions = g.input('positions', 'i32', [length]);
      const sizes = { numLayers: LAYERS, numTokens: length };
      const keys = g.rowTable('keys', { dtype: work.keyDtype, width: work.keyWidth, ...sizes });
      const latent = g.rowTable('latent', {
        dtype: work.latentDtype,
        width: work.latentWidth,
        ...sizes,
      });
      const keyValues = g.input('keyValues', 'f32', [work.keyWidth, length]);
      const latentValues = g.input('latentValues', 'f32', [work.latentWidth, length]);
      g.writeTableRows(keys, LAYER, keyValues, positions);
      g.writeTableRows(latent, LAYER, latentValues, positions);
      return {};
    });
    for (const table of ['keys', 'latent']) {
      const tensor = caches.get(`${table}.${sequence}`);
      graph.bindRows(
        table,
        Array.from({ length }, () => tensor),
      );
    }
    const seed = work.seed + 100 * sequence;
    graph.write(
      'positions',
      Int32Array.from({ length }, (_, i) => i),
    );
    graph.write('keyValues', values(work.isCoarse, work.keyWidth * length, seed));
    graph.write('latentValues', values(false, work.latentWidth * length, seed + 1));
    graph.computeSync();
    graph.dispose();
  }
  return caches;
}

/** Writes the tokens' keys, chooses among them and attends, over the choice and over everything. */
export function buildBatch(device: Device, work: TableCase, numTokens: number): CompiledGraph {
  return device.buildGraph((g) => {
    const sizes = { numLayers: LAYERS, numTokens };
    const keys = g.rowTable('keys', { dtype: work.keyDtype, width: work.keyWidth, ...sizes });
    const latent = g.rowTable('latent', {
      dtype: work.latentDtype,
      width: work.latentWidth,
      ...sizes,
    });
    const positions = g.input('positions', 'i32', [numTokens]);
    g.writeTableRows(keys, LAYER, g.input('newKeys', 'f32', [work.keyWidth, numTokens]), positions);
    const chosen = g.indexTopK(keys, LAYER, {
      queries: g.input('indexQueries', 'f32', [work.keyWidth, work.indexHeads, numTokens]),
      headWeights: g.input('headWeights', 'f32', [work.indexHeads, numTokens]),
      positions,
      k: work.k,
    });
    const attention = {
      queries: g.input('queries', 'f32', [work.latentWidth, work.heads, numTokens]),
      positions,
      valueWidth: work.valueWidth,
      scale: 1 / Math.sqrt(work.latentWidth),
    };
    return {
      chosen,
      overChosen: g.attendRows(latent, LAYER, { ...attention, chosen }),
      overVisible: g.attendRows(latent, LAYER, attention),
    };
  });
}

/** Runs tokens `picked` of the case in one batch. */
export function runBatch(
  graph: CompiledGraph,
  work: TableCase,
  caches: Allocation,
  picked: readonly number[] = work.tokens.map((_, token) => token),
): TableResult {
  const tokens = picked.map((token) => work.tokens[token]!);
  const rowsOf = (table: string): DeviceTensor[] =>
    tokens.map(({ sequence }) => caches.get(`${table}.${sequence}`));
  graph.bindRows('keys', rowsOf('keys'));
  graph.bindRows('latent', rowsOf('latent'));
  graph.write(
    'positions',
    Int32Array.from(tokens, ({ position }) => position),
  );
  const inputs: Readonly<Record<string, number>> = {
    newKeys: work.keyWidth,
    indexQueries: work.keyWidth * work.indexHeads,
    headWeights: work.indexHeads,
    queries: work.latentWidth * work.heads,
  };
  Object.entries(inputs).forEach(([name, size], input) => {
    picked.forEach((token, at) => {
      const seed = work.seed + 7919 * token + 31 * input + 5;
      const isCoarse = work.isCoarse && name !== 'queries';
      graph.write(name, values(isCoarse, size, seed), at * size);
    });
  });
  graph.computeSync();
  return {
    chosen: graph.readI32('chosen'),
    overChosen: graph.readF32('overChosen'),
    overVisible: graph.readF32('overVisible'),
  };
}

/** The whole case on a device of its own caches. */
export function runCase(device: Device, work: TableCase): TableResult {
  const caches = fillCaches(device, work);
  const graph = buildBatch(device, work, work.tokens.length);
  try {
    return runBatch(graph, work, caches);
  } finally {
    graph.dispose();
    caches.dispose();
  }
}

function values(isCoarse: boolean, length: number, seed: number): Float32Array {
  const fine = randomValues(length, seed);
  return isCoarse ? fine.map((value) => Math.round(2 * value)) : fine;
}
