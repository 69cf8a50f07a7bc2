// The number of threads changes who computes, not what: every output row has one owner.

import assert from 'node:assert/strict';
import test from 'node:test';
import { openDevice } from '../../src/tensor/open-device.js';
import type { Device } from '../../src/tensor/types.js';
import { evaluate, f32, held, i32 } from './tensor-harness.js';

test('three threads give bit for bit what one gives, on and off the main thread', async () => {
  const results: Float32Array[] = [];
  for (const numThreads of [1, 3]) {
    const device = openDevice({ prefer: 'ggml', numThreads });
    results.push(run(device), await runAsync(device));
    assert.equal(device.allocatedBytes, 0);
    device.dispose();
  }
  for (const result of results.slice(1)) assert.deepEqual(result, results[0]);
});

function run(device: Device): Float32Array {
  const outputs = evaluate(device, {
    held: { w: held('q8_0', [64, 97], 1), experts: held('f32', [97, 33, 4], 2) },
    inputs: { x: f32([64, 5], 3), ids: i32([2, 5], [0, 1, 2, 3, 1, 0, 3, 2, 0, 3]) },
    build: (g, { w, experts, x, ids }) => {
      const hidden = g.silu(g.mulMat(w!, g.rmsNorm(x!, 1e-6)));
      const each = g.mulMatId(experts!, g.reshape(hidden, [97, 1, 5]), ids!);
      return { y: g.softMax(each, { scale: 0.3 }) };
    },
    tolerance: 0,
  });
  return outputs.get('y') as Float32Array;
}

async function runAsync(device: Device): Promise<Float32Array> {
  const weights = device.allocate([{ name: 'w', dtype: 'f32', shape: [64, 64] }]);
  const graph = device.buildGraph((g) => {
    const x = g.input('x', 'f32', [64, 4]);
    return { y: g.add(g.mulMat(g.use(weights.get('w')), x), x) };
  });
  graph.write('x', f32([64, 4], 9).values);
  await graph.compute();
  const asynchronous = graph.readF32('y');
  graph.computeSync();
  assert.deepEqual(graph.readF32('y'), asynchronous);
  graph.dispose();
  weights.dispose();
  return run(device);
}
