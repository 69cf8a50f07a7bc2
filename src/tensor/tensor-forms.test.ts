// Tensors that lie in a mapped file or are rearranged: what they hold, what may be done with them,
// and that nothing stays behind.

import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { openDevice } from './open-device.js';
import { quantize } from './quantize.js';
import type { Device, MappedFile } from './types.js';

const canMap = process.platform !== 'win32';

function withDevice(run: (device: Device) => void): void {
  const device = openDevice({ prefer: 'ggml', numThreads: 1 });
  try {
    run(device);
  } finally {
    device.dispose();
  }
}

/** A file of these bytes, open until the test ends. */
function openFile(t: TestContext, bytes: Uint8Array): { path: string; fd: number } {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-mapped-'));
  const path = join(folder, 'weights');
  writeFileSync(path, bytes);
  const fd = openSync(path, 'r');
  t.after(() => {
    closeSync(fd);
    rmSync(folder, { recursive: true });
  });
  return { path, fd };
}

function mapped(device: Device, fd: number, byteLength: number): MappedFile {
  const file = device.mapFile(fd, byteLength);
  assert.ok(file);
  return file;
}

function waves(count: number, step: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(i * step));
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer);
}

/** weights x activations, [rows, columns of the activations]. */
function product(device: Device, name: string, specs: Parameters<Device['allocate']>[0]) {
  const allocation = device.allocate(specs);
  const weights = allocation.get(name);
  return {
    weights,
    allocation,
    run(activations: Float32Array): Float32Array {
      const width = weights.shape[0];
      const graph = device.buildGraph((g) => {
        const x = g.input('x', 'f32', [width, activations.length / width]);
        return { y: g.mulMat(g.use(weights), x) };
      });
      graph.write('x', activations);
      graph.computeSync();
      const result = graph.readF32('y');
      graph.dispose();
      return result;
    },
  };
}

test(
  'a tensor in a mapped file computes like one in memory and takes none',
  { skip: !canMap },
  (t) => {
    const values = waves(64 * 8, 0.37);
    const { fd } = openFile(t, Buffer.concat([Buffer.alloc(64), bytesOf(values)]));
    withDevice((device) => {
      const file = mapped(device, fd, 64 + values.byteLength);
      const spec = { name: 'w', dtype: 'f32', shape: [64, 8] } as const;
      const inFile = product(device, 'w', [{ ...spec, mapped: { file, byteOffset: 64 } }]);
      const inMemory = product(device, 'w', [spec]);
      inMemory.weights.upload(bytesOf(values));
      file.dispose(); // the allocation still holds it
      assert.equal(inFile.weights.form, 'mapped');
      assert.equal(inFile.allocation.byteLength, 0);
      assert.equal(inFile.allocation.mappedBytes, values.byteLength);
      assert.deepEqual(inFile.weights.download(), bytesOf(values));
      const x = waves(64 * 3, 0.11);
      assert.deepEqual(inFile.run(x), inMemory.run(x));
      inFile.allocation.dispose();
      inMemory.allocation.dispose();
      assert.equal(device.allocatedBytes, 0);
    });
  },
);

test(
  'a mapped tensor cannot be written, neither by upload nor by a graph',
  { skip: !canMap },
  (t) => {
    const { fd } = openFile(t, Buffer.alloc(4096));
    withDevice((device) => {
      const file = mapped(device, fd, 4096);
      const spec = {
        name: 'w',
        dtype: 'f32',
        shape: [32, 4],
        mapped: { file, byteOffset: 0 },
      } as const;
      const allocation = device.allocate([spec]);
      const tensor = allocation.get('w');
      assert.throws(() => tensor.upload(new Uint8Array(4)), /tensor w lies in a mapped file/);
      const write = (): unknown =>
        device.buildGraph((g) => {
          const rows = g.input('rows', 'f32', [32, 1]);
          return { y: g.setRows(g.use(tensor), rows, g.input('at', 'i32', [1])) };
        });
      assert.throws(write, /the mapped tensor w, f32 \[32, 4\], expected a tensor in memory/);
      allocation.dispose();
      file.dispose();
    });
  },
);

test(
  'a tensor at an unaligned place of the file gets memory of its own',
  { skip: !canMap },
  (t) => {
    const { fd } = openFile(t, Buffer.alloc(4096, 7));
    withDevice((device) => {
      const file = mapped(device, fd, 4096);
      const spec = {
        name: 'w',
        dtype: 'f32',
        shape: [32],
        mapped: { file, byteOffset: 8 },
      } as const;
      const allocation = device.allocate([spec]);
      assert.equal(allocation.get('w').form, 'plain');
      assert.equal(allocation.mappedBytes, 0);
      allocation.get('w').upload(file.bytes(8, 128));
      assert.deepEqual(allocation.get('w').download(), new Uint8Array(128).fill(7));
      allocation.dispose();
      file.dispose();
    });
  },
);

test('ranges outside of a mapped file are refused', { skip: !canMap }, (t) => {
  const { fd } = openFile(t, Buffer.alloc(4096));
  withDevice((device) => {
    const file = mapped(device, fd, 4096);
    assert.throws(() => file.bytes(4000, 97), /bytes 4000\.\.4097 of a mapped file of 4096/);
    assert.throws(() => file.prefetch(-1, 4), RangeError);
    const spec = {
      name: 'w',
      dtype: 'f32',
      shape: [32],
      mapped: { file, byteOffset: 4000 },
    } as const;
    assert.throws(() => device.allocate([spec]), /bytes 4000\.\.4128 of a file of 4096/);
    file.prefetch(0, 4096);
    file.release(0, 4096);
    assert.equal(file.bytes(0, 1)[0], 0);
    file.dispose();
    file.dispose();
    assert.throws(() => file.bytes(0, 1), /has been disposed/);
  });
});

test(
  'a file that has another size than its header was read with is not mapped',
  { skip: !canMap },
  (t) => {
    const { path, fd } = openFile(t, Buffer.alloc(4096));
    truncateSync(path, 100);
    withDevice((device) => assert.equal(device.mapFile(fd, 4096), null));
  },
);

test('the reference device maps nothing', (t) => {
  const { fd } = openFile(t, Buffer.alloc(64));
  const device = openDevice({ prefer: 'reference' });
  assert.equal(device.mapFile(fd, 64), null);
  device.dispose();
});

for (const dtype of ['q4_0', 'q4_K'] as const) {
  test(`${dtype} weights that are rearranged multiply like plain ones`, (t) => {
    withDevice((device) => {
      const spec = { name: 'w', dtype, shape: [512, 48] } as const;
      const faster = product(device, 'w', [{ ...spec, use: 'product' }]);
      const plain = product(device, 'w', [spec]);
      const bytes = quantize(dtype, waves(512 * 48, 0.7));
      plain.weights.upload(bytes);
      if (faster.weights.form === 'plain') {
        t.skip('this processor has no rearranged form');
      } else {
        faster.weights.upload(bytes);
        for (const numTokens of [1, 3, 7, 32]) {
          const x = waves(512 * numTokens, 0.13);
          const expected = plain.run(x);
          const scale = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
          const got = faster.run(x);
          const worst = got.reduce((max, v, i) => Math.max(max, Math.abs(v - expected[i]!)), 0);
          // Both round activations to eight bits, in blocks of different size.
          assert.ok(worst <= 0.01 * scale, `${numTokens} tokens: ${worst} of ${scale}`);
        }
      }
      faster.allocation.dispose();
      plain.allocation.dispose();
    });
  });
}

test('a rearranged tensor is written whole, never read, and used in products only', (t) => {
  withDevice((device) => {
    const shape = [256, 32];
    const allocation = device.allocate([{ name: 'w', dtype: 'q4_K', shape, use: 'product' }]);
    const tensor = allocation.get('w');
    if (tensor.form === 'plain') {
      t.skip('this processor has no rearranged form');
    } else {
      assert.throws(() => tensor.upload(new Uint8Array(144)), /takes all 4608 at once/);
      assert.throws(() => tensor.download(), /tensor w is rearranged/);
      assert.equal(tensor.hostBytes(), undefined);
      const rows = (): unknown =>
        device.buildGraph((g) => ({ y: g.getRows(g.use(tensor), g.input('at', 'i32', [1])) }));
      assert.throws(rows, /getRows: got the rearranged tensor w.*the weights of a product only/);
    }
    allocation.dispose();
  });
});

test('weights of too few rows for a group stay plain', () => {
  withDevice((device) => {
    const allocation = device.allocate([
      { name: 'w', dtype: 'q4_K', shape: [256, 8], use: 'product' },
    ]);
    assert.equal(allocation.get('w').form, 'plain');
    allocation.dispose();
  });
});
