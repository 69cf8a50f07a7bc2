// What self-test.ts is for the library, for the kernels over row tables: a few microseconds of work
// that a miscompiled or misdescribed kernel gets wrong. Rows chosen over int8 keys must be exactly the
// reference's; attention may round.

import type { CompiledGraph, Device } from './types.js';

const WIDTH = 20;
const HEADS = 3;
const TOKENS = 5;
const ROWS = 64;
const K = 7;
/** Tokens 0..2 continue one sequence, 3 and 4 are others. */
const SEQUENCES: readonly number[] = [0, 0, 0, 1, 2];
const POSITIONS = Int32Array.of(40, 41, 42, 3, 63);
const TOLERANCE = 1e-4;

/** The first difference in one line, or undefined if there is none. */
export function compareTables(device: Device, reference: Device): string | undefined {
  const got = evaluate(device);
  const expected = evaluate(reference);
  if (got.chosen.some((row, i) => row !== expected.chosen[i])) {
    return `indexTopK chose ${[...got.chosen]}, expected ${[...expected.chosen]}`;
  }
  for (const name of ['chosenAttention', 'fullAttention'] as const) {
    const worst = got[name].reduce(
      (most, value, i) => Math.max(most, Math.abs(value - expected[name][i]!)),
      0,
    );
    if (!(worst <= TOLERANCE)) return `${name} is off by ${worst}`;
  }
  return undefined;
}

interface Results {
  chosen: Int32Array;
  chosenAttention: Float32Array;
  fullAttention: Float32Array;
}

function evaluate(device: Device): Results {
  const caches = device.allocate(
    [0, 1, 2].flatMap((sequence) => [
      { name: `latent.${sequence}`, dtype: 'f16', shape: [WIDTH, ROWS, 2] } as const,
      { name: `keys.${sequence}`, dtype: 'i8_rows', shape: [WIDTH, ROWS, 2] } as const,
    ]),
  );
  try {
    const graph = describe(device);
    try {
      for (const table of ['latent', 'keys']) {
        const tensors = SEQUENCES.map((sequence) => caches.get(`${table}.${sequence}`));
        graph.bindRows(table, tensors);
      }
      return run(graph);
    } finally {
      graph.dispose();
    }
  } finally {
    caches.dispose();
  }
}

function describe(device: Device): CompiledGraph {
  return device.buildGraph((g) => {
    const sizes = { width: WIDTH, numLayers: 2, numTokens: TOKENS };
    const latent = g.rowTable('latent', { dtype: 'f16', ...sizes });
    const keys = g.rowTable('keys', { dtype: 'i8_rows', ...sizes });
    const positions = g.input('positions', 'i32', [TOKENS]);
    const values = g.input('values', 'f32', [WIDTH, TOKENS]);
    g.writeTableRows(latent, 1, values, positions);
    g.writeTableRows(keys, 1, values, positions);
    const queries = g.input('queries', 'f32', [WIDTH, HEADS, TOKENS]);
    const headWeights = g.input('headWeights', 'f32', [HEADS, TOKENS]);
    const chosen = g.indexTopK(keys, 1, { queries, headWeights, positions, k: K });
    const attention = { queries, positions, valueWidth: WIDTH - 3, scale: 0.5 };
    return {
      chosen,
      chosenAttention: g.attendRows(latent, 1, { ...attention, chosen }),
      fullAttention: g.attendRows(latent, 1, attention),
    };
  });
}

/** Fills the caches from the front, one row per sequence and run; the last run is what counts. */
function run(graph: CompiledGraph): Results {
  graph.write('queries', wave(WIDTH * HEADS * TOKENS, 0.3));
  graph.write('headWeights', wave(HEADS * TOKENS, 0.9));
  for (let position = 0; position <= ROWS; position += 3) {
    const isLast = position + 3 > ROWS;
    graph.write('values', wave(WIDTH * TOKENS, 0.7 + position));
    const earlier = [position, position + 1, position + 2, position % 4, position];
    graph.write('positions', isLast ? POSITIONS : Int32Array.from(earlier));
    graph.computeSync();
  }
  return {
    chosen: graph.readI32('chosen'),
    chosenAttention: graph.readF32('chosenAttention'),
    fullAttention: graph.readF32('fullAttention'),
  };
}

/** Distinct values in -1..1 without randomness. */
function wave(length: number, frequency: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(frequency * (i + 1) + 0.01 * i * i));
}
