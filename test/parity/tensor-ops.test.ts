// Every operation, ggml against the plain TypeScript reference, over odd sizes. Tolerances are
// fractions of the largest output value; the reason for each that is not f32 rounding is given.

import test from 'node:test';
import { assertParity, f32, held, i32, ODD_SIZES, randomValues } from './tensor-harness.js';
import type { DType, Tensor } from '../../src/tensor/types.js';

/** Rounding of f32 arithmetic in another order. */
const F32 = 2e-6;
/** exp, sin and cos by polynomial on ggml's side. */
const TRANSCENDENTAL = 5e-6;

/** ggml rounds activations to the weights' precision, except for f32 weights: bf16 keeps 8 bits of
 *  mantissa, f16 11, q8_0 about 7 per block, q4_0 and q4_K multiply with 8-bit activations. */
const WEIGHTS: readonly [Exclude<DType, 'i8_rows'>, number][] = [
  ['f32', F32],
  ['f16', 2e-3],
  ['bf16', 1.5e-2],
  ['q8_0', 1.5e-2],
  ['q4_0', 2e-2],
  ['q4_K', 2e-2],
];

for (const [dtype, tolerance] of WEIGHTS) {
  const blocks = { f32: 1, f16: 1, bf16: 1, i32: 1, q8_0: 32, q4_0: 32, q4_K: 256 }[dtype];
  const lengths = blocks === 1 ? ODD_SIZES : [blocks, 3 * blocks];

  test(`mulMat with ${dtype} weights`, () => {
    for (const k of lengths) {
      for (const n of [1, 7, 65]) {
        for (const m of [1, 2, 33]) {
          assertParity(`k ${k} n ${n} m ${m}`, {
            held: { w: held(dtype, [k, n], k + n) },
            inputs: { x: f32([k, m], m) },
            build: (g, { w, x }) => ({ y: g.mulMat(w!, x!) }),
            tolerance,
            typical: sumOfProducts(k),
          });
        }
      }
    }
  });

  test(`mulMat with ${dtype} weights repeating over batches, strided activations`, () => {
    const k = lengths.at(-1)!;
    assertParity('batched', {
      held: { w: held(dtype, [k, 7, 2, 1], 1) },
      inputs: { x: f32([k, 5, 4, 3], 2), wide: f32([k + 3, 5, 4], 3) },
      build: (g, { w, x, wide }) => ({
        repeated: g.mulMat(w!, x!),
        permuted: g.mulMat(w!, g.permute(x!, [0, 3, 2, 1])),
        window: g.mulMat(w!, g.slice(wide!, 0, 2, k)),
      }),
      tolerance,
      typical: sumOfProducts(k),
    });
  });

  test(`mulMatId with ${dtype} experts`, () => {
    for (const k of lengths) {
      assertParity(`k ${k}`, {
        held: { w: held(dtype, [k, 9, 5], k) },
        inputs: {
          shared: f32([k, 1, 7], 1),
          each: f32([k, 3, 7], 2),
          // prefer-distinct experts per token, some used by no token
          ids: i32([3, 7], [0, 1, 2, 1, 2, 4, 4, 0, 1, 2, 1, 0, 1, 4, 2, 0, 4, 1, 2, 0, 4]),
        },
        build: (g, { w, shared, each, ids }) => ({
          fromShared: g.mulMatId(w!, shared!, ids!),
          fromEach: g.mulMatId(w!, each!, ids!),
        }),
        tolerance,
        typical: sumOfProducts(k),
      });
    }
  });

  test(`getRows from ${dtype}`, () => {
    for (const k of lengths) {
      assertParity(`k ${k}`, {
        held: { w: held(dtype, [k, 11], k), stack: held(dtype, [k, 4, 2, 3], k + 1) },
        inputs: {
          one: i32([1], [10]),
          some: i32([5], [3, 0, 3, 10, 7]),
          each: i32([2, 2, 3], [0, 1, 2, 3, 3, 2, 1, 0, 1, 1, 2, 2]),
        },
        build: (g, { w, stack, one, some, each }) => ({
          oneRow: g.getRows(w!, one!),
          someRows: g.getRows(w!, some!),
          window: g.getRows(g.slice(w!, 1, 0, 11), some!),
          eachRows: g.getRows(stack!, each!),
        }),
        tolerance: 2e-7,
      });
    }
  });

  test(`setRows and copy into ${dtype}`, () => {
    for (const k of lengths) {
      // Vector code may round a tie, or a value next to one, to the neighbouring grid point.
      const step = { f32: 0, f16: 0, bf16: 0, i32: 0, q8_0: 1 / 127, q4_0: 1 / 7, q4_K: 1 / 7 }[
        dtype
      ];
      assertParity(`k ${k}`, {
        held: { cache: held(dtype, [k, 9], 5), other: held(dtype, [k, 3], 6) },
        inputs: {
          x: f32([k, 3], k),
          rows: i32([3], [8, 0, 4]),
          all: i32([9], [0, 1, 2, 3, 4, 5, 6, 7, 8]),
        },
        build: (g, { cache, other, x, rows, all }) => {
          const written = g.setRows(cache!, x!, rows!);
          const copied = g.copy(x!, other!);
          return {
            written: g.getRows(written, all!),
            // read through another window, built after the write
            seen: g.getRows(g.slice(cache!, 1, 4, 5), g.slice(all!, 0, 0, 5)),
            copied: g.getRows(copied, g.slice(all!, 0, 0, 3)),
          };
        },
        tolerance: step,
      });
    }
  });
}

test('add, sub, mul, div with b repeating', () => {
  for (const n of ODD_SIZES) {
    const shapes = [[n, 6, 2], [n, 1, 2], [n], [1], [1, 6], [1, 1, 2]];
    for (const [index, shape] of shapes.entries()) {
      assertParity(`n ${n} b [${shape.join(', ')}]`, {
        inputs: { a: f32([n, 6, 2], 1), b: f32(shape, index + 2) },
        build: (g, { a, b }) => {
          const away = g.add(g.scale(g.step(b!), 2, -1), g.scale(b!, 0.5)); // not near zero
          return {
            add: g.add(a!, b!),
            sub: g.sub(a!, b!),
            mul: g.mul(a!, b!),
            div: g.div(a!, away),
          };
        },
        tolerance: F32,
      });
    }
  }
});

test('binary operations on permuted and sliced operands', () => {
  assertParity('views', {
    inputs: { a: f32([7, 33, 2], 1), b: f32([33, 7, 2], 2), wide: f32([10, 33, 2], 3) },
    build: (g, { a, b, wide }) => ({
      transposed: g.add(a!, g.transpose(b!)),
      slicedB: g.mul(a!, g.slice(wide!, 0, 3, 7)),
      slicedA: g.sub(g.slice(wide!, 0, 1, 7), a!),
    }),
    tolerance: F32,
  });
});

test('element-wise functions', () => {
  for (const n of ODD_SIZES) {
    assertParity(`n ${n}`, {
      inputs: { a: f32([n, 5], n, 4), wide: f32([2 * n, 5], n, 4) },
      build: (g, { a, wide }) => ({
        scale: g.scale(a!, 0.37, -1.25),
        clamp: g.clamp(a!, -1.5, 2),
        sqr: g.sqr(a!),
        sqrt: g.sqrt(g.sqr(a!)),
        exp: g.exp(a!),
        neg: g.neg(a!),
        sigmoid: g.sigmoid(a!),
        silu: g.silu(a!),
        relu: g.relu(a!),
        step: g.step(a!),
        swiglu: g.swiglu(a!, g.scale(a!, 2)),
        // gate and up as the two halves of one product
        halves: g.swiglu(g.slice(wide!, 0, 0, n), g.slice(wide!, 0, n, n)),
        fill: g.fill(a!, -Infinity),
        fillHalf: g.fill(g.cast(a!, 'f16'), 0.25),
      }),
      tolerance: TRANSCENDENTAL,
    });
  }
});

test('rmsNorm, norm and sumRows, also of windows', () => {
  for (const n of ODD_SIZES) {
    assertParity(`n ${n}`, {
      inputs: { a: f32([n, 5, 2], n), wide: f32([n + 3, 5], n + 1) },
      build: (g, { a, wide }) => ({
        rmsNorm: g.rmsNorm(a!, 1e-6),
        norm: g.norm(a!, 1e-6),
        sumRows: g.sumRows(a!),
        window: g.rmsNorm(g.slice(wide!, 0, 2, n), 1e-5),
        sumWindow: g.sumRows(g.slice(wide!, 0, 2, n)),
      }),
      tolerance: 1e-5,
    });
  }
});

test('softMax with and without mask and scale', () => {
  for (const n of ODD_SIZES) {
    const mask = randomValues(n * 8 * 2, 3).map((value, i) =>
      value > 0.4 && i % n > 0 ? -Infinity : value,
    );
    assertParity(`n ${n}`, {
      inputs: {
        a: f32([n, 5, 4], n, 6),
        mask: { dtype: 'f32', shape: [n, 8, 2], values: mask },
      },
      build: (g, { a, mask }) => ({
        plain: g.softMax(a!),
        scaled: g.softMax(a!, { scale: 0.125 }),
        masked: g.softMax(a!, { mask: mask!, scale: 0.5 }),
        halfMask: g.softMax(a!, { mask: g.cast(mask!, 'f16') }),
      }),
      tolerance: TRANSCENDENTAL,
    });
  }
});

test('rope: both layouts, partial rotation, YaRN', () => {
  const positions = i32([5], [0, 1, 7, 100, 1000]);
  for (const headDim of [2, 8, 64, 66]) {
    for (const numDims of new Set([2, headDim])) {
      for (const mode of ['interleaved', 'half'] as const) {
        const base = { mode, numDims, freqBase: 10000 };
        assertParity(`${mode}, ${numDims} of ${headDim}`, {
          inputs: {
            a: f32([headDim, 3, 5], headDim),
            wide: f32([headDim + 6, 3, 5], 2),
            positions,
          },
          build: (g, { a, wide, positions }) => ({
            plain: g.rope(a!, positions!, base),
            scaled: g.rope(a!, positions!, { ...base, freqScale: 0.25, attnFactor: 1.5 }),
            yarn: g.rope(a!, positions!, {
              ...base,
              freqScale: 1 / 40,
              extFactor: 1,
              attnFactor: 0.73,
              origContextLength: 4096,
            }),
            window: g.rope(g.slice(wide!, 0, 4, headDim), positions!, base),
          }),
          // ggml multiplies angles up in f32: about 4e-5 at position 1000
          tolerance: 2e-4,
        });
      }
    }
  }
});

test('topK finds the same set, argsort and argsortTopK the same order', () => {
  for (const n of ODD_SIZES) {
    for (const k of new Set([1, Math.ceil(n / 2), n])) {
      assertParity(`n ${n} k ${k}`, {
        inputs: { a: f32([n, 5, 2], n) },
        build: (g, { a }) => {
          // the order of topK is free: compare sums of what it picked
          const columns = g.reshape(a!, [1, n, 10]);
          const picked = g.getRows(columns, g.reshape(g.topK(a!, k), [k, 10]));
          return {
            topK: g.sumRows(g.reshape(picked, [k, 10])),
            argsortTopK: g.argsortTopK(a!, k),
            ascending: g.argsort(a!, 'ascending'),
          };
        },
        tolerance: F32,
      });
    }
  }
});

test('reshape, view, slice, permute, transpose, cont, concat, repeat move the same elements', () => {
  for (const n of ODD_SIZES) {
    assertParity(`n ${n}`, {
      inputs: { a: f32([n, 3, 2], 1), b: f32([n, 3, 2], 2), ids: i32([n, 2], randomIds(2 * n)) },
      build: (g, { a, b, ids }) => {
        const half = g.cast(a!, 'f16');
        return {
          reshape: g.reshape(a!, [3, 2, n]),
          view: g.view(a!, [n, 2, 2], { strides: [n, 3 * n], offset: n }),
          overlapFree: g.view(a!, [1, 2 * 3], { strides: [n] }),
          slice: g.slice(a!, 1, 1, 2),
          sliceOfSlice: g.slice(g.slice(a!, 2, 1, 1), 1, 2, 1),
          permute: g.permute(a!, [2, 0, 1, 3]),
          transpose: g.transpose(g.slice(a!, 1, 1, 2)),
          cont: g.cont(g.permute(a!, [1, 2, 0, 3])),
          concat0: g.concat(a!, b!, 0),
          concat1: g.concat(g.permute(a!, [1, 0, 2, 3]), g.permute(b!, [1, 0, 2, 3]), 1),
          concat2: g.concat(a!, b!, 2),
          concatHalf: g.concat(half, half, 0),
          concatInts: g.concat(ids!, ids!, 0),
          permuteInts: g.permute(ids!, [1, 0, 2, 3]),
          repeat: g.repeat(a!, [2 * n, 3, 4, 5]),
        };
      },
      tolerance: 0,
    });
  }
});

test('casts among dtypes, packed or not', () => {
  for (const n of [256, 512]) {
    assertParity(`n ${n}`, {
      held: {
        q8: held('q8_0', [n, 3], 1),
        q4: held('q4_K', [n, 3], 2),
        old: held('q4_0', [n, 3], 3),
      },
      inputs: { a: f32([n, 3], 4) },
      build: (g, { a, q8, q4, old }) => {
        const back = (tensor: Tensor): Tensor => g.cast(tensor, 'f32');
        return {
          f16: g.cast(a!, 'f16'),
          bf16: g.cast(g.transpose(a!), 'bf16'),
          between: g.cast(g.cast(a!, 'bf16'), 'f16'),
          q8: back(q8!),
          q4: back(q4!),
          old: back(old!),
        };
      },
      tolerance: 2e-7,
    });
  }
});

test('getRows and argsort keep i32 exact', () => {
  assertParity('large integers', {
    inputs: {
      a: i32([2, 3], [16777217, -16777219, 5, 2147483647, -2147483648, 1]),
      rows: i32([2], [2, 1]),
    },
    build: (g, { a, rows }) => ({ picked: g.getRows(a!, rows!), cont: g.cont(g.transpose(a!)) }),
    tolerance: 0,
  });
});

/** Standard deviation of a sum of k products of numbers uniform in -1..1. */
function sumOfProducts(k: number): number {
  return Math.sqrt(k) / 3;
}

function randomIds(length: number): number[] {
  return [...randomValues(length, 9, 1e6)].map(Math.round);
}
