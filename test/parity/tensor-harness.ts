// Runs one graph on the ggml device and on the reference device with the same numbers and compares
// every output. Values come from a seeded generator, so a failure repeats.

import assert from 'node:assert/strict';
import type { GraphBuilder } from '../../src/tensor/graph.js';
import { numElements } from '../../src/tensor/dtype.js';
import { openDevice } from '../../src/tensor/open-device.js';
import { quantize } from '../../src/tensor/quantize.js';
import type { Device, DType, Shape, Tensor, TensorData } from '../../src/tensor/types.js';

export const ODD_SIZES = [1, 7, 33, 64, 65] as const;

export interface Held {
  dtype: DType;
  shape: Shape;
  values: Float32Array;
}

export interface Given {
  dtype: 'f32' | 'f16' | 'i32';
  shape: Shape;
  values: TensorData;
}

export interface ParityCase {
  /** Weights or caches, packed to their dtype. */
  held?: Record<string, Held>;
  inputs?: Record<string, Given>;
  build(g: GraphBuilder, tensors: Record<string, Tensor>): Record<string, Tensor>;
  /** Largest accepted difference, as a fraction of the largest reference value. 0 = bit for bit. */
  tolerance: number;
  /** Typical size of an output, if one output may be small by cancellation. */
  typical?: number;
}

export const DEVICES: readonly Device[] = [
  openDevice({ prefer: 'ggml', numThreads: 1 }),
  openDevice({ prefer: 'reference' }),
];

export function assertParity(name: string, parityCase: ParityCase): void {
  const [actual, expected] = DEVICES.map((device) => evaluate(device, parityCase));
  for (const [output, wanted] of expected!) {
    const got = actual!.get(output)!;
    let scale = parityCase.typical ?? 1e-6;
    for (const value of wanted)
      if (Number.isFinite(value)) scale = Math.max(scale, Math.abs(value));
    const { worst, where } = largestDifference(got, wanted);
    assert.ok(
      worst <= parityCase.tolerance * scale,
      `${name}, ${output}: max difference ${worst} at ${where} ` +
        `(ggml ${got[where]}, reference ${wanted[where]}), accepted ${parityCase.tolerance * scale}`,
    );
  }
}

/** NaN on either side counts as an infinite difference. */
function largestDifference(
  got: Float32Array | Int32Array,
  wanted: Float32Array | Int32Array,
): { worst: number; where: number } {
  let worst = 0;
  let where = 0;
  for (let i = 0; i < wanted.length; i++) {
    if (got[i] === wanted[i]) continue;
    const difference = Math.abs(wanted[i]! - got[i]!);
    if (difference <= worst) continue;
    worst = Number.isNaN(difference) ? Infinity : difference;
    where = i;
  }
  return { worst, where };
}

export function evaluate(
  device: Device,
  { held = {}, inputs = {}, build }: ParityCase,
): Map<string, Float32Array | Int32Array> {
  const specs = Object.entries(held).map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const allocation = device.allocate(specs);
  for (const [name, { dtype, values }] of Object.entries(held)) {
    allocation.get(name).upload(quantize(dtype, values));
  }
  const outputs = new Map<string, DType>();
  const graph = device.buildGraph((g) => {
    const tensors: Record<string, Tensor> = {};
    for (const name of Object.keys(held)) tensors[name] = g.use(allocation.get(name));
    for (const [name, { dtype, shape }] of Object.entries(inputs)) {
      tensors[name] = g.input(name, dtype, shape);
    }
    const built = build(g, tensors);
    for (const [name, tensor] of Object.entries(built)) outputs.set(name, tensor.dtype);
    return built;
  });
  try {
    for (const [name, { values }] of Object.entries(inputs)) graph.write(name, values);
    graph.computeSync();
    return new Map(
      [...outputs].map(([name, dtype]) => [
        name,
        dtype === 'i32' ? graph.readI32(name) : graph.readF32(name),
      ]),
    );
  } finally {
    graph.dispose();
    allocation.dispose();
  }
}

/** Uniform in -scale..scale, from a linear congruential generator. */
export function randomValues(length: number, seed: number, scale = 1): Float32Array {
  let state = (Math.imul(seed, 2654435761) + 12345) >>> 0;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return ((state / 2 ** 32) * 2 - 1) * scale;
  });
}

export function f32(shape: Shape, seed: number, scale = 1): Given & { dtype: 'f32' } {
  return { dtype: 'f32', shape, values: randomValues(numElements(shape), seed, scale) };
}

export function i32(shape: Shape, values: readonly number[]): Given {
  return { dtype: 'i32', shape, values: Int32Array.from(values) };
}

export function held(dtype: DType, shape: Shape, seed: number, scale = 1): Held {
  return { dtype, shape, values: randomValues(numElements(shape), seed, scale) };
}
