// A few milliseconds at start-up that tell a working native library from one that loads but computes
// something else (a changed signature, a broken build): one small graph through the paths that
// matter, compared with the reference device.

import { DeviceUnavailableError } from './errors.js';
import type { GraphBuilder } from './graph.js';
import { quantize } from './quantize.js';
import type { Device, DeviceTensor, DType, Tensor } from './types.js';

const K = 64;
const ROWS = 8;
const TOKENS = 3;
const WEIGHT_DTYPES = ['f32', 'f16', 'bf16', 'q8_0'] as const satisfies readonly DType[];

/** Largest accepted difference, relative to the largest value of the output. Block and half weights
 *  make ggml round the activations too. */
const TOLERANCE: Readonly<Record<string, number>> = { q8_0: 0.02, bf16: 0.02, f16: 0.004 };
const DEFAULT_TOLERANCE = 1e-4;

/** @throws DeviceUnavailableError naming the first operation whose result differs. */
export function selfTest(device: Device, reference: Device): void {
  const got = evaluate(device);
  const expected = evaluate(reference);
  for (const [name, values] of expected) {
    const actual = got.get(name)!;
    const scale = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-3);
    const worst = values.reduce((w, value, i) => Math.max(w, Math.abs(value - actual[i]!)), 0);
    const tolerance = TOLERANCE[name] ?? DEFAULT_TOLERANCE;
    if (!(worst <= tolerance * scale)) {
      throw new DeviceUnavailableError(
        `${device.name} failed its self-test: ${name} is off by ${worst} (scale ${scale}); ` +
          'the native library does not compute what this release expects',
      );
    }
  }
}

function evaluate(device: Device): Map<string, Float32Array> {
  const weights = device.allocate([
    ...WEIGHT_DTYPES.map((dtype) => ({ name: dtype, dtype, shape: [K, ROWS] })),
    { name: 'cache', dtype: 'f16', shape: [K, 4] },
  ]);
  try {
    for (const dtype of WEIGHT_DTYPES) {
      weights.get(dtype).upload(quantize(dtype, wave(K * ROWS, 0.7)));
    }
    return run(device, (name) => weights.get(name));
  } finally {
    weights.dispose();
  }
}

function run(device: Device, weight: (name: string) => DeviceTensor): Map<string, Float32Array> {
  let names: string[] = [];
  const graph = device.buildGraph((g) => {
    const outputs = describe(g, (name) => g.use(weight(name)));
    names = Object.keys(outputs);
    return outputs;
  });
  try {
    graph.write('x', wave(K * TOKENS, 0.3));
    graph.write('positions', Int32Array.of(0, 5, 1000));
    graph.write('rows', Int32Array.of(2, 0, 1));
    graph.computeSync();
    return new Map(names.map((name) => [name, graph.readF32(name)]));
  } finally {
    graph.dispose();
  }
}

function describe(g: GraphBuilder, weight: (name: string) => Tensor): Record<string, Tensor> {
  const x = g.input('x', 'f32', [K, TOKENS]);
  const positions = g.input('positions', 'i32', [TOKENS]);
  const rows = g.input('rows', 'i32', [TOKENS]);
  const products = WEIGHT_DTYPES.map((dtype) => [dtype, g.mulMat(weight(dtype), x)] as const);
  const heads = g.reshape(x, [K / 2, 2, TOKENS]);
  const yarn = { extFactor: 1, freqScale: 0.25, origContextLength: 4096 };
  const plain = { numDims: K / 4, freqBase: 10000 };
  const cache = g.setRows(weight('cache'), x, rows);
  const elements = g.reshape(x, [1, K, TOKENS]);
  return {
    ...Object.fromEntries(products),
    rmsNorm: g.rmsNorm(x, 1e-6),
    norm: g.norm(x, 1e-6),
    softMax: g.softMax(x, { scale: 0.5 }),
    swiglu: g.swiglu(x, g.scale(x, 2, 1)),
    ropeInterleaved: g.rope(heads, positions, { mode: 'interleaved', ...plain, ...yarn }),
    ropeHalf: g.rope(heads, positions, { mode: 'half', ...plain }),
    cache: g.getRows(cache, rows),
    topK: g.sumRows(g.reshape(g.getRows(elements, g.topK(x, 5)), [5, TOKENS])),
    argsort: g.getRows(elements, g.argsortTopK(x, 8)),
  };
}

/** Distinct values in -1..1 without randomness. */
function wave(length: number, frequency: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => Math.sin(frequency * i + 0.01 * i * i));
}
