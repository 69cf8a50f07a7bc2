// Products of q8_0 weights, ggml's and those of our own kernels, on one thread: the shapes of the `bench`
// preset for growing numbers of tokens, with weights that lie in the cache; and one token through more
// weights than any cache holds, where memory is what counts.
//
//   npm run build && node dist/bench/products.js [--rounds N]
//
// Both forms take turns; processor time, median and minimum.

import { cpus } from 'node:os';
import { parseArgs } from 'node:util';

import { openDevice } from '../src/tensor/open-device.js';
import { quantize } from '../src/tensor/quantize.js';
import type { Allocation, CompiledGraph, Device } from '../src/tensor/types.js';

const TOKENS = [1, 2, 8, 64, 256] as const;
/** Columns, rows, and experts where there are. */
const SHAPES = [
  [512, 256],
  [256, 768],
  [512, 512],
  [1536, 512],
  [512, 4096],
  [512, 128, 32],
  [128, 512, 32],
] as const;
const USED_EXPERTS = 4;
/** 67 MB of weights. */
const COLD = { size: 512, numMatrices: 240 };
/** Each measurement takes about this long with ggml's products. */
const WORK = 4e7;

const FORMS = ['any', 'product'] as const;

function waves(length: number, frequency: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(frequency * (i + 1) + 0.01 * i * i));
}

interface Subject {
  allocation: Allocation;
  graph: CompiledGraph;
}

function subject(
  device: Device,
  use: (typeof FORMS)[number],
  shape: (typeof SHAPES)[number],
  numTokens: number,
): Subject {
  const [k, m, experts] = shape;
  const allocation = device.allocate([{ name: 'w', dtype: 'q8_0', shape, use }]);
  const weights = allocation.get('w');
  weights.upload(quantize('q8_0', waves(k * m * (experts ?? 1), 0.7)));
  const graph = device.buildGraph((g) => {
    const w = g.use(weights);
    if (experts === undefined) return { y: g.mulMat(w, g.input('x', 'f32', [k, numTokens])) };
    const x = g.input('x', 'f32', [k, 1, numTokens]);
    return { y: g.mulMatId(w, x, g.input('ids', 'i32', [USED_EXPERTS, numTokens])) };
  });
  graph.write('x', waves(k * numTokens, 0.3));
  if (experts !== undefined) {
    // Distinct within a token, spread over all experts.
    const ids = Int32Array.from({ length: USED_EXPERTS * numTokens }, (_, i) => (i * 5) % experts);
    graph.write('ids', ids);
  }
  return { allocation, graph };
}

/** One token through a chain of matrices. */
function coldSubject(device: Device, use: (typeof FORMS)[number]): Subject {
  const { size, numMatrices } = COLD;
  const names = Array.from({ length: numMatrices }, (_, i) => `w.${i}`);
  const shape = [size, size];
  const allocation = device.allocate(names.map((name) => ({ name, dtype: 'q8_0', shape, use })));
  const bytes = quantize('q8_0', waves(size * size, 0.7));
  for (const name of names) allocation.get(name).upload(bytes);
  const graph = device.buildGraph((g) => ({
    y: names.reduce(
      (y, name) => g.scale(g.mulMat(g.use(allocation.get(name)), y), 0.05),
      g.input('x', 'f32', [size, 1]),
    ),
  }));
  graph.write('x', waves(size, 0.3));
  return { allocation, graph };
}

interface Timing {
  medianUs: number;
  minUs: number;
}

/** Frees the subjects. */
function measure(subjects: readonly Subject[], repeats: number, rounds: number): Timing[] {
  const times = subjects.map((): number[] => []);
  for (const { graph } of subjects) graph.computeSync();
  for (let round = 0; round < rounds; round++) {
    subjects.forEach(({ graph }, index) => {
      const start = process.cpuUsage();
      for (let i = 0; i < repeats; i++) graph.computeSync();
      const { user, system } = process.cpuUsage(start);
      times[index]!.push((user + system) / repeats);
    });
  }
  for (const { graph, allocation } of subjects) {
    graph.dispose();
    allocation.dispose();
  }
  return times.map((list) => {
    const sorted = list.toSorted((a, b) => a - b);
    return { medianUs: sorted[sorted.length >> 1]!, minUs: sorted[0]! };
  });
}

function print(name: string, timings: readonly Timing[]): void {
  const columns = timings.map(({ medianUs, minUs }) =>
    `${medianUs.toFixed(1)} (${minUs.toFixed(1)})`.padStart(20),
  );
  const ratio = timings[0]!.minUs / timings[1]!.minUs;
  console.log(`${name.padEnd(24)}${columns.join('')}   ${ratio.toFixed(2)}x`);
}

function main(): void {
  const { values } = parseArgs({ options: { rounds: { type: 'string', default: '25' } } });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new RangeError(`--rounds is ${values.rounds}; expected a whole number above 0`);
  }
  const device = openDevice({ prefer: 'ggml', numThreads: 1 });
  console.log([cpus()[0]?.model, device.name, device.kernels].join('; '));
  console.log(`microseconds, median (minimum)      ggml              native`);
  for (const shape of SHAPES) {
    const [k, m, experts] = shape;
    for (const numTokens of TOKENS) {
      const used = experts === undefined ? 1 : USED_EXPERTS;
      const repeats = Math.max(1, Math.round(WORK / (k * m * numTokens * used) / 4));
      const name = `${shape.join(' x ')}, ${numTokens}`;
      const subjects = FORMS.map((use) => subject(device, use, shape, numTokens));
      print(name, measure(subjects, repeats, rounds));
    }
  }
  const megabytes = Math.round((COLD.size ** 2 * COLD.numMatrices * 34) / 32 / 1e6);
  const cold = FORMS.map((use) => coldSubject(device, use));
  print(`${megabytes} MB of weights, 1`, measure(cold, 1, rounds));
  device.dispose();
}

main();
