// The ladder of sparse attention in decoding: score every key, keep the k best, attend to them, for one
// token of one layer on one thread. The same numbers as single ggml ops (scores in q8_0, as the model
// composes them where there are no native kernels) and as the native kernels; then prompts.
//
//   npm run bench:kernels -- [--json] [--rounds N]
//
// The variants take turns, so that a machine that slows down slows all of them, and what counts is
// processor time, so that waiting for other jobs does not. Medians and minima.

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import type { GraphBuilder } from '../src/tensor/graph.js';
import { openDevice } from '../src/tensor/open-device.js';
import { quantize } from '../src/tensor/quantize.js';
import type { Allocation, CompiledGraph, Device, Tensor } from '../src/tensor/types.js';

const CONTEXTS = [4096, 16384, 65536] as const;
/** Of the `bench` preset. */
const INDEX_HEADS = 4;
const KEY_WIDTH = 128;
const HEADS = 8;
const LATENT_WIDTH = 160;
const VALUE_WIDTH = 128;
const TOP_K = 256;
const PROMPT_TOKENS = 256;
const PROMPT_CONTEXT = 8192;
const SCALE = 1 / Math.sqrt(LATENT_WIDTH);

interface Timing {
  medianMs: number;
  minMs: number;
}

interface Variant {
  name: string;
  graph: CompiledGraph;
}

type Timings = Record<string, Timing>;

/** Runs the variants in turn. */
function measure(variants: readonly Variant[], rounds: number): Timings {
  const times = variants.map((): number[] => []);
  for (const { graph } of variants) graph.computeSync();
  for (let round = 0; round < rounds; round++) {
    variants.forEach(({ graph }, index) => {
      const start = process.cpuUsage();
      graph.computeSync();
      const { user, system } = process.cpuUsage(start);
      times[index]!.push((user + system) / 1000);
    });
  }
  return Object.fromEntries(variants.map(({ name }, index) => [name, timing(times[index]!)]));
}

function timing(times: readonly number[]): Timing {
  const sorted = times.toSorted((a, b) => a - b);
  return { medianMs: sorted[sorted.length >> 1]!, minMs: sorted[0]! };
}

function randomValues(length: number, seed: number): Float32Array {
  let state = (Math.imul(seed, 2654435761) + 12345) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  });
}

/** Caches of one layer, the same keys in both formats. */
function fillCaches(device: Device, numRows: number): Allocation {
  const caches = device.allocate([
    { name: 'latent', dtype: 'f16', shape: [LATENT_WIDTH, numRows, 1] },
    { name: 'keys.q8_0', dtype: 'q8_0', shape: [KEY_WIDTH, numRows] },
    { name: 'keys.i8', dtype: 'i8_rows', shape: [KEY_WIDTH, numRows, 1] },
  ]);
  const keys = randomValues(KEY_WIDTH * numRows, 1);
  caches.get('latent').upload(quantize('f16', randomValues(LATENT_WIDTH * numRows, 2)));
  caches.get('keys.q8_0').upload(quantize('q8_0', keys));
  if (!device.hasRowTables) return caches;
  const graph = device.buildGraph((g) => {
    const sizes = { width: KEY_WIDTH, numLayers: 1, numTokens: numRows };
    const table = g.rowTable('keys', { dtype: 'i8_rows', ...sizes });
    const values = g.input('values', 'f32', [KEY_WIDTH, numRows]);
    g.writeTableRows(table, 0, values, g.input('positions', 'i32', [numRows]));
    return {};
  });
  graph.bindRows(
    'keys',
    Array.from({ length: numRows }, () => caches.get('keys.i8')),
  );
  graph.write('values', keys);
  graph.write(
    'positions',
    Int32Array.from({ length: numRows }, (_, i) => i),
  );
  graph.computeSync();
  graph.dispose();
  return caches;
}

interface Inputs {
  indexQueries: Tensor;
  headWeights: Tensor;
  queries: Tensor;
}

function declareInputs(g: GraphBuilder, numTokens: number): Inputs {
  return {
    indexQueries: g.input('indexQueries', 'f32', [KEY_WIDTH, INDEX_HEADS, numTokens]),
    headWeights: g.input('headWeights', 'f32', [INDEX_HEADS, numTokens]),
    queries: g.input('queries', 'f32', [LATENT_WIDTH, HEADS, numTokens]),
  };
}

function writeInputs(graph: CompiledGraph, numTokens: number): void {
  graph.write('indexQueries', randomValues(KEY_WIDTH * INDEX_HEADS * numTokens, 3));
  graph.write('headWeights', randomValues(INDEX_HEADS * numTokens, 4));
  graph.write('queries', randomValues(LATENT_WIDTH * HEADS * numTokens, 5));
}

/** One token out of single ops; `attends` = choose and attend, else choose only. */
function composed(device: Device, caches: Allocation, attends: boolean): CompiledGraph {
  const graph = device.buildGraph((g): Record<string, Tensor> => {
    const { indexQueries, headWeights, queries } = declareInputs(g, 1);
    const keys = g.use(caches.get('keys.q8_0'));
    const dots = g.relu(g.mulMat(keys, g.reshape(indexQueries, [KEY_WIDTH, INDEX_HEADS]))); // [C, J]
    const weighted = g.mul(dots, g.reshape(headWeights, [1, INDEX_HEADS]));
    const halves = g.add(g.slice(weighted, 1, 0, 2), g.slice(weighted, 1, 2, 2));
    const scores = g.add(g.slice(halves, 1, 0, 1), g.slice(halves, 1, 1, 1));
    const chosen = g.topK(g.cont(scores), TOP_K); // [k, 1]
    if (!attends) return { chosen };
    const rows = g.getRows(
      g.reshape(g.use(caches.get('latent')), [LATENT_WIDTH, caches.get('latent').shape[1]]),
      chosen,
    );
    const logits = g.mulMat(rows, g.reshape(queries, [LATENT_WIDTH, HEADS])); // [k, H]
    const weights = g.softMax(logits, { scale: SCALE });
    const values = g.cont(g.transpose(g.slice(rows, 0, 0, VALUE_WIDTH))); // [k, V]
    return { chosen, attended: g.mulMat(values, weights) };
  });
  writeInputs(graph, 1);
  return graph;
}

/** The last `numTokens` positions of the context. */
function native(
  device: Device,
  caches: Allocation,
  numTokens: number,
  what: 'choose' | 'attend' | 'both',
): CompiledGraph {
  const graph = device.buildGraph((g): Record<string, Tensor> => {
    const sizes = { numLayers: 1, numTokens };
    const { indexQueries, headWeights, queries } = declareInputs(g, numTokens);
    const positions = g.input('positions', 'i32', [numTokens]);
    const keys = g.rowTable('keys', { dtype: 'i8_rows', width: KEY_WIDTH, ...sizes });
    const latent = g.rowTable('latent', { dtype: 'f16', width: LATENT_WIDTH, ...sizes });
    const index = { queries: indexQueries, headWeights, positions, k: TOP_K };
    const chosen =
      what === 'attend'
        ? g.input('chosen', 'i32', [TOP_K, numTokens])
        : g.indexTopK(keys, 0, index);
    if (what === 'choose') return { chosen };
    const attention = { queries, positions, chosen, valueWidth: VALUE_WIDTH, scale: SCALE };
    return { attended: g.attendRows(latent, 0, attention) };
  });
  const numRows = caches.get('latent').shape[1];
  const repeat = (name: string) => Array.from({ length: numTokens }, () => caches.get(name));
  graph.bindRows('keys', repeat('keys.i8'));
  graph.bindRows('latent', repeat('latent'));
  graph.write(
    'positions',
    Int32Array.from({ length: numTokens }, (_, i) => numRows - numTokens + i),
  );
  if (what === 'attend') {
    // Scattered, distinct rows.
    const stride = Math.floor((numRows - numTokens) / TOP_K);
    const chosen = Int32Array.from(
      { length: TOP_K * numTokens },
      (_, i) => (i % TOP_K) * stride + (Math.floor(i / TOP_K) % stride),
    );
    graph.write('chosen', chosen);
  }
  writeInputs(graph, numTokens);
  return graph;
}

function atContext(device: Device, numRows: number, rounds: number): Timings {
  const caches = fillCaches(device, numRows);
  const variants: Variant[] = [
    { name: 'ggml: choose', graph: composed(device, caches, false) },
    { name: 'ggml: choose and attend', graph: composed(device, caches, true) },
  ];
  if (device.hasRowTables) {
    variants.push(
      { name: 'native: choose', graph: native(device, caches, 1, 'choose') },
      { name: 'native: attend', graph: native(device, caches, 1, 'attend') },
      { name: 'native: choose and attend', graph: native(device, caches, 1, 'both') },
    );
  }
  const timings = measure(variants, rounds);
  for (const { graph } of variants) graph.dispose();
  caches.dispose();
  return timings;
}

/** Per token of a chunk of a prompt. */
function atPrompt(device: Device, rounds: number): Timings {
  const caches = fillCaches(device, PROMPT_CONTEXT);
  const variants = (['choose', 'attend'] as const).map((what) => ({
    name: `native: ${what}`,
    graph: native(device, caches, PROMPT_TOKENS, what),
  }));
  const timings = measure(variants, rounds);
  for (const { graph } of variants) graph.dispose();
  caches.dispose();
  return Object.fromEntries(
    Object.entries(timings).map(([name, { medianMs, minMs }]) => [
      name,
      { medianMs: medianMs / PROMPT_TOKENS, minMs: minMs / PROMPT_TOKENS },
    ]),
  );
}

function main(): void {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '101' },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new RangeError(`--rounds is ${values.rounds}; expected a whole number above 0`);
  }
  const device = openDevice({ prefer: 'ggml', numThreads: 1 });
  const results: Record<string, Timings> = {};
  for (const context of CONTEXTS) {
    results[`decode, ${context} rows`] = atContext(device, context, rounds);
  }
  if (device.hasRowTables) {
    const name = `prompt, ${PROMPT_TOKENS} tokens at ${PROMPT_CONTEXT}, per token`;
    results[name] = atPrompt(device, Math.ceil(rounds / 20));
  }
  const about = { cpu: cpus()[0]?.model, device: device.name, kernels: device.kernels, rounds };
  device.dispose();
  if (values.json) {
    console.log(JSON.stringify({ ...about, results }, null, 2));
    return;
  }
  console.log(Object.values(about).join('; '));
  for (const [name, timings] of Object.entries(results)) {
    console.log(`\n${name}`);
    for (const [variant, { medianMs, minMs }] of Object.entries(timings)) {
      const figures = `${(1000 * medianMs).toFixed(1).padStart(10)} us median`;
      console.log(
        `  ${variant.padEnd(26)}${figures}${(1000 * minMs).toFixed(1).padStart(10)} us min`,
      );
    }
  }
}

main();
