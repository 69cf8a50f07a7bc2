// Lifetimes, the compute queue and the data path, on both devices.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { DeviceBusyError, DisposedError } from './errors.js';
import { openDevice } from './open-device.js';
import { dequantize, quantize } from './quantize.js';
import type { CompiledGraph, Device } from './types.js';

const ggml = openDevice({ prefer: 'ggml', numThreads: 1 });
const reference = openDevice({ prefer: 'reference' });

/** Adds 1 to x `times` times, in nodes that cannot be merged. */
function counter(device: Device, length: number, times: number): CompiledGraph {
  return device.buildGraph((g) => {
    let y = g.input('x', 'f32', [length]);
    for (let i = 0; i < times; i++) y = g.scale(y, 1, 1);
    return { y };
  });
}

for (const device of [ggml, reference]) {
  const on = `${device.kind}:`;

  test(`${on} inputs keep their values over many runs`, async () => {
    const graph = counter(device, 64, 30);
    graph.write('x', new Float32Array(64).fill(5));
    for (let run = 0; run < 3; run++) {
      await graph.compute();
      assert.deepEqual(graph.readF32('y'), new Float32Array(64).fill(35));
      assert.deepEqual(graph.readF32('x'), new Float32Array(64).fill(5));
    }
    graph.write('x', Float32Array.of(1, 2), 62);
    graph.computeSync();
    assert.deepEqual(Array.from(graph.readF32('y').subarray(60)), [35, 35, 31, 32]);
    graph.dispose();
  });

  test(`${on} a cache survives graphs, reads see earlier writes and not later ones`, () => {
    const caches = device.allocate([{ name: 'kv', dtype: 'f16', shape: [4, 8] }]);
    const kv = caches.get('kv');
    assert.ok(
      kv.download().every((byte) => byte === 0),
      'zero-filled',
    );
    const write = device.buildGraph((g) => {
      const cache = g.use(kv);
      const before = g.cast(cache, 'f32');
      g.setRows(cache, g.input('rows', 'f32', [4, 2]), g.input('at', 'i32', [2]));
      return { before, after: g.cast(g.slice(cache, 1, 4, 4), 'f32') };
    });
    write.write('rows', Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
    write.write('at', Int32Array.of(7, 4));
    write.computeSync();
    assert.deepEqual(write.readF32('before'), new Float32Array(32));
    assert.deepEqual([...write.readF32('after')], [5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
    const read = device.buildGraph((g) => ({ sums: g.sumRows(g.cast(g.use(kv), 'f32')) }));
    read.computeSync();
    assert.deepEqual([...read.readF32('sums')], [0, 0, 0, 0, 26, 0, 0, 10]);
    assert.deepEqual([...dequantize('f16', kv.download(4 * 8, 8))], [5, 6, 7, 8]);
    write.dispose();
    read.dispose();
    caches.dispose();
  });

  test(`${on} writes into computed values are seen by later readers only`, () => {
    const graph = device.buildGraph((g) => {
      const zeros = g.fill(g.input('like', 'f32', [1, 6]), 0);
      const ones = g.fill(g.input('rows', 'f32', [1, 2]), 1);
      const before = g.scale(g.reshape(zeros, [6]), 1, 0);
      g.setRows(zeros, ones, g.input('at', 'i32', [2]));
      return { before, after: g.reshape(zeros, [6]) };
    });
    graph.write('at', Int32Array.of(1, 4));
    graph.computeSync();
    assert.deepEqual([...graph.readF32('before')], [0, 0, 0, 0, 0, 0]);
    assert.deepEqual([...graph.readF32('after')], [0, 1, 0, 0, 1, 0]);
    graph.dispose();
  });

  test(`${on} nodes that nobody needs are dropped, unused inputs are not`, () => {
    const graph = device.buildGraph((g) => {
      const x = g.input('x', 'f32', [4]);
      g.input('unused', 'i32', [2]);
      g.exp(g.exp(x));
      return { y: g.neg(x) };
    });
    assert.equal(graph.numNodes, 1);
    graph.write('unused', Int32Array.of(1, 2));
    assert.deepEqual(graph.readI32('unused'), Int32Array.of(1, 2));
    graph.dispose();
  });

  test(`${on} raw uploads in any dtype, in pieces`, () => {
    const values = Float32Array.from({ length: 256 }, (_, i) => Math.cos(i));
    const dtypes = ['f32', 'f16', 'bf16', 'q8_0', 'q4_0', 'q4_K'] as const;
    const weights = device.allocate(dtypes.map((dtype) => ({ name: dtype, dtype, shape: [256] })));
    for (const dtype of dtypes) {
      const bytes = quantize(dtype, values);
      weights.get(dtype).upload(bytes.subarray(0, 10));
      weights.get(dtype).upload(bytes.subarray(10), 10);
      assert.deepEqual(weights.get(dtype).download(), bytes, dtype);
      assert.deepEqual(weights.get(dtype).hostBytes(), bytes, dtype);
    }
    assert.throws(() => weights.get('f16').upload(new Uint8Array(2), 511), RangeError);
    assert.throws(() => weights.get('f16').upload(new Uint8Array(2), -1), RangeError);
    assert.throws(() => weights.get('f16').download(0, 513), RangeError);
    assert.throws(() => weights.get('q5'), /no tensor named q5/);
    weights.dispose();
  });

  test(`${on} wrong reads and writes are refused`, () => {
    const graph = counter(device, 4, 1);
    assert.throws(() => graph.write('z', new Float32Array(4)), /no input named z; there are x/);
    assert.throws(() => graph.write('x', new Int32Array(4)), /takes Float32Array, not Int32Array/);
    assert.throws(() => graph.write('x', new Float32Array(5)), RangeError);
    assert.throws(() => graph.write('x', new Float32Array(2), 3), RangeError);
    assert.throws(() => graph.write('x', new Float32Array(2), -1), RangeError);
    assert.throws(() => graph.readI32('y'), /read it with readF32/);
    assert.throws(() => graph.readF32('z'), /no output or input named z/);
    assert.throws(() => graph.readF32('y', new Float32Array(3)), RangeError);
    graph.dispose();
  });

  test(`${on} memory in use or being computed on is not freed or touched`, async () => {
    const weights = device.allocate([{ name: 'w', dtype: 'f32', shape: [4] }]);
    const graph = device.buildGraph((g) => ({ y: g.exp(g.use(weights.get('w'))) }));
    const running = graph.compute();
    assert.throws(() => graph.readF32('y'), DeviceBusyError);
    assert.throws(() => graph.computeSync(), DeviceBusyError);
    assert.throws(() => graph.dispose(), DeviceBusyError);
    assert.throws(() => weights.get('w').upload(new Uint8Array(16)), DeviceBusyError);
    assert.throws(() => weights.dispose(), DeviceBusyError);
    await running;
    assert.throws(() => weights.dispose(), /1 graphs still use this memory/);
    assert.throws(() => device.dispose(), /2 allocations or graphs .* are alive/);
    graph.dispose();
    weights.dispose();
    assert.equal(device.allocatedBytes, 0);
  });

  test(`${on} disposed things say so, and dispose is idempotent`, async () => {
    const weights = device.allocate([{ name: 'w', dtype: 'f32', shape: [4] }]);
    const w = weights.get('w');
    const graph = counter(device, 4, 1);
    graph.dispose();
    graph.dispose();
    weights.dispose();
    weights.dispose();
    assert.throws(() => graph.computeSync(), DisposedError);
    await assert.rejects(graph.compute(), DisposedError);
    assert.throws(() => graph.readF32('y'), DisposedError);
    assert.throws(() => w.download(), DisposedError);
    assert.equal(w.hostBytes()!.length, 0);
    assert.throws(() => device.buildGraph((g) => ({ y: g.exp(g.use(w)) })), DisposedError);
  });

  test(`${on} tensors of another device are refused`, () => {
    const other = device === ggml ? reference : ggml;
    const weights = other.allocate([{ name: 'w', dtype: 'f32', shape: [4] }]);
    const build = (): unknown => device.buildGraph((g) => ({ y: g.exp(g.use(weights.get('w'))) }));
    assert.throws(build, /belongs to another device/);
    weights.dispose();
  });

  test(`${on} computes queue up and the event loop stays alive`, async () => {
    const graph = device.buildGraph((g) => {
      const w = g.input('w', 'f32', [192, 192]);
      let y = g.input('x', 'f32', [192, 64]);
      for (let i = 0; i < 20; i++) y = g.mulMat(w, y);
      return { y };
    });
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await Promise.all([graph.compute(), graph.compute(), graph.compute()]);
    clearInterval(timer);
    assert.ok(ticks > 0, 'a timer ran during the computes');
    graph.dispose();
  });

  test(`${on} abort stops a running compute; the next one works`, async () => {
    // Long enough (a tenth of a second or more) that an immediate comes in the middle. A compute
    // that has run to its end resolves, so the rejection shows that it was stopped.
    const graph = counter(device, device.kind === 'ggml' ? 1 << 17 : 1 << 11, 4000);
    const controller = new AbortController();
    const running = graph.compute({ signal: controller.signal });
    const queued = graph.compute({ signal: controller.signal });
    setImmediate(() => controller.abort(new Error('the client left')));
    await assert.rejects(running, /the client left/);
    await assert.rejects(queued, /the client left/);
    await graph.compute();
    assert.equal(graph.readF32('y')[7], 4000);
    graph.dispose();
  });

  test(`${on} everything was freed`, () => assert.equal(device.allocatedBytes, 0));
}

test('a disposed device refuses work', () => {
  const device = openDevice({ prefer: 'ggml', numThreads: 2 });
  device.dispose();
  device.dispose();
  assert.throws(() => device.allocate([{ name: 'w', dtype: 'f32', shape: [4] }]), DisposedError);
  assert.throws(() => counter(device, 4, 1), DisposedError);
});

test('NaN does not upset sorting', () => {
  const graph = ggml.buildGraph((g) => {
    const x = g.input('x', 'f32', [999, 4]);
    return { order: g.argsort(x, 'descending'), top: g.topK(x, 8) };
  });
  graph.write(
    'x',
    new Float32Array(999 * 4).map((_, i) => (i % 3 ? Number.NaN : i)),
  );
  graph.computeSync();
  const order = graph.readI32('order').subarray(0, 999).toSorted();
  assert.deepEqual(
    order,
    Int32Array.from({ length: 999 }, (_, i) => i),
  );
  for (const index of graph.readI32('top')) assert.ok(index >= 0 && index < 999);
  graph.dispose();
});

test('a process that exits with live threads, or in mid compute, exits cleanly', () => {
  const module = new URL('open-device.js', import.meta.url).href;
  const script = `
    const { openDevice } = await import(${JSON.stringify(module)});
    const device = openDevice({ prefer: 'ggml', numThreads: 2 });
    const graph = device.buildGraph((g) => {
      const x = g.input('x', 'f32', [256, 256]);
      let y = x;
      for (let i = 0; i < 100; i++) y = g.mulMat(x, y);
      return { y };
    });
    graph.compute();
    setImmediate(() => process.exit(7));`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  assert.equal(child.status, 7, `signal ${child.signal}, ${child.stderr}`);
});
