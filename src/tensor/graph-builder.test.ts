// Every way to call the builder wrongly, one line each: a ShapeError that names the operation. What
// gets past the builder aborts the process on ggml, so this table is a safety net.

import assert from 'node:assert/strict';
import test from 'node:test';
import { ShapeError } from './errors.js';
import type { GraphBuilder } from './graph.js';
import { openDevice } from './open-device.js';
import type { Tensor } from './types.js';

const device = openDevice({ prefer: 'reference' });

/** A name saying what is wrong, and the call. `t` makes an f32 input of a shape. */
type Wrong = [
  string,
  (g: GraphBuilder, t: (...shape: number[]) => Tensor, i: (...shape: number[]) => Tensor) => Tensor,
];

const ROPE = { mode: 'half', numDims: 4, freqBase: 10000 } as const;

const WRONG: readonly Wrong[] = [
  ['input without dimensions', (_, t) => t()],
  ['input with five dimensions', (_, t) => t(1, 1, 1, 1, 1)],
  ['input with a zero size', (_, t) => t(4, 0)],
  ['input with a fraction', (_, t) => t(4.5)],
  ['input with NaN', (_, t) => t(Number.NaN)],
  ['input beyond 31 bits', (_, t) => t(2 ** 31)],
  ['input beyond addressing', (_, t) => t(2 ** 30, 2 ** 30)],
  ['input of a block dtype', (g) => g.input('q', 'q8_0' as 'f32', [32])],
  ['mulMat k', (g, t) => g.mulMat(t(4, 3), t(5, 2))],
  ['mulMat batches', (g, t) => g.mulMat(t(4, 3, 2), t(4, 2, 3))],
  ['mulMat more weights than batches', (g, t) => g.mulMat(t(4, 3, 4), t(4, 2, 2))],
  ['mulMat transposed weights', (g, t) => g.mulMat(g.transpose(t(3, 4)), t(4, 2))],
  ['mulMat transposed activations', (g, t) => g.mulMat(t(4, 3), g.transpose(t(2, 4)))],
  ['mulMat integer weights', (g, t, i) => g.mulMat(i(4, 3), t(4, 2))],
  ['mulMat integer activations', (g, t, i) => g.mulMat(t(4, 3), i(4, 2))],
  ['mulMat half activations', (g, t) => g.mulMat(t(4, 3), g.cast(t(4, 2), 'f16'))],
  ['mulMatId k', (g, t, i) => g.mulMatId(t(4, 3, 5), t(6, 1, 2), i(2, 2))],
  ['mulMatId tokens', (g, t, i) => g.mulMatId(t(4, 3, 5), t(4, 1, 2), i(2, 3))],
  ['mulMatId used', (g, t, i) => g.mulMatId(t(4, 3, 5), t(4, 3, 2), i(2, 2))],
  ['mulMatId float ids', (g, t) => g.mulMatId(t(4, 3, 5), t(4, 1, 2), t(2, 2))],
  ['mulMatId 3d ids', (g, t, i) => g.mulMatId(t(4, 3, 5), t(4, 1, 2), i(2, 2, 2))],
  ['mulMatId 4d weights', (g, t, i) => g.mulMatId(t(4, 3, 5, 2), t(4, 1, 2), i(2, 2))],
  ['add sizes', (g, t) => g.add(t(4, 3), t(3))],
  ['add larger b', (g, t) => g.add(t(4), t(4, 3))],
  ['add half', (g, t) => g.add(t(4), g.cast(t(4), 'f16'))],
  ['mul half a', (g, t) => g.mul(g.cast(t(4), 'f16'), t(4))],
  ['sub transposed a', (g, t) => g.sub(g.transpose(t(4, 3)), t(3))],
  ['div integers', (g, _, i) => g.div(i(4), i(4))],
  ['scale by NaN', (g, t) => g.scale(t(4), Number.NaN)],
  ['scale of a window', (g, t) => g.scale(g.slice(t(4, 3), 0, 0, 2), 2)],
  ['clamp reversed', (g, t) => g.clamp(t(4), 2, 1)],
  ['clamp NaN', (g, t) => g.clamp(t(4), Number.NaN, 1)],
  ['silu integers', (g, _, i) => g.silu(i(4))],
  ['relu transposed', (g, t) => g.relu(g.transpose(t(4, 3)))],
  ['sigmoid half', (g, t) => g.sigmoid(g.cast(t(4), 'f16'))],
  ['swiglu shapes', (g, t) => g.swiglu(t(4, 3), t(4, 2))],
  ['swiglu permuted', (g, t) => g.swiglu(g.permute(t(4, 3, 2), [0, 2, 1, 3]), t(4, 2, 3))],
  ['fill bf16', (g, t) => g.fill(g.cast(t(4), 'bf16'), 1)],
  ['rmsNorm negative eps', (g, t) => g.rmsNorm(t(4), -1)],
  ['rmsNorm transposed', (g, t) => g.rmsNorm(g.transpose(t(4, 3)), 1e-6)],
  ['norm NaN eps', (g, t) => g.norm(t(4), Number.NaN)],
  ['softMax mask n0', (g, t) => g.softMax(t(4, 3), { mask: t(5, 3) })],
  ['softMax mask rows', (g, t) => g.softMax(t(4, 3), { mask: t(4, 2) })],
  ['softMax mask heads', (g, t) => g.softMax(t(4, 3, 2), { mask: t(4, 3, 3) })],
  ['softMax bf16 mask', (g, t) => g.softMax(t(4), { mask: g.cast(t(4), 'bf16') })],
  ['softMax infinite scale', (g, t) => g.softMax(t(4), { scale: Infinity })],
  ['softMax window', (g, t) => g.softMax(g.slice(t(4, 3), 0, 0, 2))],
  ['sumRows integers', (g, _, i) => g.sumRows(i(4))],
  ['topK too large', (g, t) => g.topK(t(4), 5)],
  ['topK zero', (g, t) => g.topK(t(4), 0)],
  ['topK window', (g, t) => g.topK(g.slice(t(4, 3), 0, 0, 2), 1)],
  ['argsortTopK too large', (g, t) => g.argsortTopK(t(4), 5)],
  ['argsort integers', (g, _, i) => g.argsort(i(4), 'ascending')],
  ['argsort window', (g, t) => g.argsort(g.slice(t(4, 3), 0, 0, 2), 'descending')],
  ['rope tokens', (g, t, i) => g.rope(t(4, 2, 3), i(2), ROPE)],
  ['rope float positions', (g, t) => g.rope(t(4, 2, 3), t(3), ROPE)],
  ['rope positions in columns', (g, t, i) => g.rope(t(4, 2, 3), i(1, 3), ROPE)],
  ['rope too many dims', (g, t, i) => g.rope(t(4, 2, 3), i(3), { ...ROPE, numDims: 6 })],
  ['rope odd dims', (g, t, i) => g.rope(t(4, 2, 3), i(3), { ...ROPE, numDims: 3 })],
  ['rope odd head', (g, t, i) => g.rope(t(5, 2, 3), i(3), ROPE)],
  ['rope zero base', (g, t, i) => g.rope(t(4, 2, 3), i(3), { ...ROPE, freqBase: 0 })],
  ['rope YaRN without context', (g, t, i) => g.rope(t(4, 2, 3), i(3), { ...ROPE, extFactor: 1 })],
  ['rope mode', (g, t, i) => g.rope(t(4, 2, 3), i(3), { ...ROPE, mode: 'neox' as 'half' })],
  ['rope half', (g, t, i) => g.rope(g.cast(t(4, 2, 3), 'f16'), i(3), ROPE)],
  ['getRows float indices', (g, t) => g.getRows(t(4, 3), t(2))],
  ['getRows batches', (g, t, i) => g.getRows(t(4, 3, 2), i(2))],
  ['getRows 4d indices', (g, t, i) => g.getRows(t(4, 3), i(2, 1, 1, 2))],
  ['getRows transposed', (g, t, i) => g.getRows(g.transpose(t(4, 3)), i(2))],
  ['setRows into an input', (g, t, i) => g.setRows(t(4, 3), t(4, 2), i(2))],
  ['setRows length', (g, t, i) => g.setRows(g.exp(t(4, 3)), t(5, 2), i(2))],
  ['setRows count', (g, t, i) => g.setRows(g.exp(t(4, 3)), t(4, 2), i(3))],
  ['setRows stacks', (g, t, i) => g.setRows(g.exp(t(4, 3, 2)), t(4, 2, 1), i(2))],
  ['setRows half rows', (g, t, i) => g.setRows(g.exp(t(4, 3)), g.cast(t(4, 2), 'f16'), i(2))],
  ['setRows integers', (g, t, i) => g.setRows(g.cont(i(4, 3)), t(4, 2), i(2))],
  ['setRows transposed', (g, t, i) => g.setRows(g.transpose(g.exp(t(3, 4))), t(4, 2), i(2))],
  ['reshape count', (g, t) => g.reshape(t(4, 3), [5, 2])],
  ['reshape permuted', (g, t) => g.reshape(g.transpose(t(4, 3)), [12])],
  ['reshape zero', (g, t) => g.reshape(t(4, 3), [12, 0])],
  ['view beyond the end', (g, t) => g.view(t(4, 3), [4, 3], { offset: 1 })],
  ['view negative offset', (g, t) => g.view(t(4, 3), [4], { offset: -4 })],
  ['view wide stride', (g, t) => g.view(t(4, 3), [4, 3], { strides: [5] })],
  ['view zero stride', (g, t) => g.view(t(4, 3), [4, 3], { strides: [0] })],
  ['view overlapping', (g, t) => g.view(t(4, 3), [4, 9], { strides: [1] })],
  ['view four strides', (g, t) => g.view(t(4, 3), [4], { strides: [4, 4, 4, 4] })],
  ['slice beyond the end', (g, t) => g.slice(t(4, 3), 1, 2, 2)],
  ['slice nothing', (g, t) => g.slice(t(4, 3), 1, 2, 0)],
  ['slice of dim 4', (g, t) => g.slice(t(4, 3), 4 as 3, 0, 1)],
  ['slice of a transpose', (g, t) => g.slice(g.transpose(t(4, 3)), 1, 0, 2)],
  ['permute twice the same', (g, t) => g.permute(t(4, 3), [0, 0, 2, 3])],
  ['permute out of range', (g, t) => g.permute(t(4, 3), [0, 1, 2, 4])],
  ['concat sizes', (g, t) => g.concat(t(4, 3), t(4, 2), 0)],
  ['concat dtypes', (g, t) => g.concat(t(4), g.cast(t(4), 'f16'), 0)],
  ['concat of dim 4', (g, t) => g.concat(t(4), t(4), 4 as 3)],
  ['cast to integers', (g, t) => g.cast(t(4), 'i32')],
  ['cast from integers', (g, _, i) => g.cast(i(4), 'f32')],
  ['cast to partial blocks', (g, t) => g.cast(t(33), 'q8_0')],
  ['cast half to blocks', (g, t) => g.cast(g.cast(t(32), 'f16'), 'q8_0')],
  ['cast to an unknown dtype', (g, t) => g.cast(t(32), 'q9' as 'q8_0')],
  ['copy shapes', (g, t) => g.copy(t(4, 3), g.exp(t(3, 4)))],
  ['copy into an input', (g, t) => g.copy(t(4), t(4))],
  ['copy into integers', (g, t, i) => g.copy(t(4), g.cont(i(4)))],
  ['repeat that does not divide', (g, t) => g.repeat(t(4, 3), [4, 4])],
  ['repeat integers', (g, _, i) => g.repeat(i(4), [8])],
];

for (const [name, build] of WRONG) {
  test(`ShapeError: ${name}`, () => {
    let count = 0;
    const attempt = (): unknown =>
      device.buildGraph((g) => ({
        y: build(
          g,
          (...shape) => g.input(`t${count++}`, 'f32', shape),
          (...shape) => g.input(`i${count++}`, 'i32', shape),
        ),
      }));
    assert.throws(attempt, (error) => {
      assert.ok(error instanceof ShapeError, `${error}`);
      assert.match(error.message, /^\w+: got .+, expected .+/);
      return true;
    });
  });
}

test('block dtypes: whole blocks in n0, in slices and in views', () => {
  assert.throws(() => device.allocate([{ name: 'w', dtype: 'q8_0', shape: [33, 2] }]), ShapeError);
  const weights = device.allocate([{ name: 'w', dtype: 'q8_0', shape: [64, 4] }]);
  const wrong: ((g: GraphBuilder, w: Tensor) => Tensor)[] = [
    (g, w) => g.slice(w, 0, 16, 32),
    (g, w) => g.slice(w, 0, 0, 16),
    (g, w) => g.view(w, [32, 2], { strides: [48] }),
    (g, w) => g.view(w, [32], { offset: 8 }),
    (g, w) => g.transpose(w),
    (g, w) => g.reshape(w, [16, 16]),
    (g, w) => g.relu(w),
    (g, w) => g.concat(w, w, 0),
    (g, w) => g.cast(w, 'f16'),
    (_, w) => w,
  ];
  for (const build of wrong) {
    assert.throws(
      () => device.buildGraph((g) => ({ y: build(g, g.use(weights.get('w'))) })),
      ShapeError,
    );
  }
  const graph = device.buildGraph((g) => {
    const w = g.use(weights.get('w'));
    return { y: g.cast(g.cont(g.slice(g.slice(w, 0, 32, 32), 1, 1, 2)), 'f32') };
  });
  graph.computeSync();
  assert.deepEqual(graph.readF32('y'), new Float32Array(64));
  graph.dispose();
  weights.dispose();
});

test('values of another graph, and names used twice, are refused', () => {
  let foreign: Tensor | undefined;
  device
    .buildGraph((g) => {
      foreign = g.input('x', 'f32', [4]);
      return { y: g.exp(foreign) };
    })
    .dispose();
  assert.throws(
    () => device.buildGraph((g) => ({ y: g.exp(foreign!) })),
    /not a value of this graph/,
  );
  assert.throws(() => device.buildGraph(inputTwice), /already an input or row table named x/);
  assert.throws(() => device.buildGraph(outputNamedAsInput), /has the name of an input/);
});

test('a failed build leaves nothing behind', () => {
  assert.equal(device.allocatedBytes, 0);
});

function inputTwice(g: GraphBuilder): Record<string, Tensor> {
  g.input('x', 'f32', [4]);
  return { y: g.input('x', 'f32', [4]) };
}

function outputNamedAsInput(g: GraphBuilder): Record<string, Tensor> {
  return { x: g.exp(g.input('x', 'f32', [4])) };
}
