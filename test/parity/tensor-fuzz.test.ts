// Random graphs: whatever shapes the builder lets through must run on ggml without an abort (which
// would end this process) and agree with the reference. Most attempts are refused with a ShapeError;
// that is the point. Everything follows from the seed in the test's name.

import assert from 'node:assert/strict';
import test from 'node:test';
import { ShapeError } from '../../src/tensor/errors.js';
import type { GraphBuilder } from '../../src/tensor/graph.js';
import type { Tensor } from '../../src/tensor/types.js';
import { assertParity, f32, held, i32 } from './tensor-harness.js';

const NUM_GRAPHS = 60;
const ATTEMPTS_PER_GRAPH = 120;
const MAX_ELEMENTS = 1 << 14;

type Random = (below: number) => number;
type Attempt = (g: GraphBuilder, pick: () => Tensor, random: Random, ids: () => Tensor) => Tensor;

/** Dimensions small enough that shapes often fit by chance. */
const SIZES = [1, 1, 2, 3, 4, 6, 32, 64];

const ATTEMPTS: readonly Attempt[] = [
  (g, pick) => g.mulMat(pick(), pick()),
  (g, pick) => g.mulMat(g.transpose(pick()), pick()),
  (g, pick, _, ids) => g.mulMatId(pick(), pick(), ids()),
  (g, pick) => g.add(pick(), pick()),
  (g, pick) => g.mul(pick(), pick()),
  (g, pick) => g.sub(pick(), pick()),
  (g, pick) => g.scale(pick(), 0.5, 0.1),
  (g, pick) => g.clamp(pick(), -1, 1),
  (g, pick) => g.sigmoid(pick()),
  (g, pick) => g.swiglu(pick(), pick()),
  (g, pick) => g.fill(pick(), 0.25),
  (g, pick) => g.rmsNorm(pick(), 1e-3),
  (g, pick) => g.norm(pick(), 1e-3),
  (g, pick) => g.softMax(pick()),
  (g, pick) => g.softMax(pick(), { mask: pick(), scale: 0.3 }),
  (g, pick) => g.sumRows(pick()),
  (g, pick, random, ids) =>
    g.rope(pick(), ids(), { mode: 'half', numDims: 2 * (1 + random(3)), freqBase: 100 }),
  (g, pick, _, ids) => g.getRows(pick(), ids()),
  (g, pick, _, ids) => g.setRows(pick(), pick(), ids()),
  (g, pick, random) => g.reshape(pick(), shape(random)),
  (g, pick, random) => g.view(pick(), shape(random), { offset: random(40) }),
  (g, pick, random) => g.view(pick(), shape(random), { strides: shape(random).slice(1) }),
  (g, pick, random) => g.slice(pick(), random(4) as 0, random(3), 1 + random(4)),
  (g, pick, random) => g.permute(pick(), permutation(random)),
  (g, pick) => g.cont(pick()),
  (g, pick, random) => g.concat(pick(), pick(), random(4) as 0),
  (g, pick, random) => g.cast(pick(), (['f32', 'f16', 'bf16', 'q8_0'] as const)[random(4)]!),
  (g, pick) => g.copy(pick(), pick()),
  (g, pick, random) => g.repeat(pick(), shape(random)),
];

for (let seed = 1; seed <= NUM_GRAPHS; seed++) {
  test(`random graph ${seed}`, () => {
    assertParity(`seed ${seed}`, {
      held: { w: held('q8_0', [32, 4, 2], seed), h: held('f16', [4, 6, 2], seed + 1) },
      inputs: {
        a: f32([4, 3, 2], seed),
        b: f32([32, 6], seed + 1),
        c: f32([6, 4, 1, 2], seed + 2),
        // small enough to be in range of every dimension that lets them through
        ids: i32([2], [0, 0]),
        pairs: i32([2, 3], [0, 0, 0, 0, 0, 0]),
        positions: i32([3], [0, 0, 0]),
      },
      build: (g, tensors) => randomGraph(g, tensors, seed),
      // block and half weights, chained
      tolerance: 0.05,
      typical: 1, // sums may cancel to nothing
    });
  });
}

function randomGraph(
  g: GraphBuilder,
  tensors: Record<string, Tensor>,
  seed: number,
): Record<string, Tensor> {
  let state = Math.imul(seed, 2654435761) >>> 0;
  const random: Random = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % below;
  };
  const { ids, pairs, positions, ...floats } = tensors;
  const pool = Object.values(floats);
  const pick = (): Tensor => pool[random(pool.length)]!;
  const pickIds = (): Tensor => [ids!, pairs!, positions!][random(3)]!;
  const outputs: Record<string, Tensor> = {};
  for (let attempt = 0; attempt < ATTEMPTS_PER_GRAPH; attempt++) {
    const build = ATTEMPTS[random(ATTEMPTS.length)]!;
    let made: Tensor;
    try {
      made = build(g, pick, random, pickIds);
    } catch (error) {
      assert.ok(error instanceof ShapeError, `${error}`);
      continue;
    }
    if (made.shape.reduce((product, size) => product * size, 1) > MAX_ELEMENTS) continue;
    pool.push(made);
    if (made.dtype !== 'q8_0') outputs[`y${attempt}`] = made;
  }
  assert.ok(Object.keys(outputs).length > 5, 'some attempts succeed');
  return outputs;
}

function shape(random: Random): number[] {
  return [0, 1, 2, 3].map(() => SIZES[random(SIZES.length)]!);
}

function permutation(random: Random): [number, number, number, number] {
  const axes = [0, 1, 2, 3];
  for (let i = 3; i > 0; i--) {
    const j = random(i + 1);
    [axes[i], axes[j]] = [axes[j]!, axes[i]!];
  }
  return axes as [number, number, number, number];
}
