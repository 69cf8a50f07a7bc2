import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { openGguf } from './gguf-reader.js';
import type { GgufValue } from './gguf-types.js';
import { GgufWriter } from './gguf-writer.js';
import { ModelError } from './model-error.js';
import { temporaryFolder } from './model-fixtures.js';

const METADATA = new Map<string, GgufValue>([
  ['general.architecture', { type: 'string', value: 'deepseek32' }],
  ['a.u8', { type: 'u8', value: 255 }],
  ['a.i8', { type: 'i8', value: -128 }],
  ['a.u16', { type: 'u16', value: 65535 }],
  ['a.i16', { type: 'i16', value: -32768 }],
  ['a.u32', { type: 'u32', value: 4294967295 }],
  ['a.i32', { type: 'i32', value: -2147483648 }],
  ['a.u64', { type: 'u64', value: 2n ** 64n - 1n }],
  ['a.i64', { type: 'i64', value: -(2n ** 63n) }],
  ['a.f32', { type: 'f32', value: 1.5 }],
  ['a.f64', { type: 'f64', value: Math.PI }],
  ['a.bool', { type: 'bool', value: true }],
  ['a.text', { type: 'string', value: '深い海 ｜DSML｜' }],
  ['a.empty', { type: 'string', value: '' }],
  ['a.strings', { type: 'array', itemType: 'string', value: ['', 'Ġthe', '｜'] }],
  ['a.ints', { type: 'array', itemType: 'i32', value: Int32Array.of(1, -2, 3) }],
  ['a.floats', { type: 'array', itemType: 'f32', value: Float32Array.of(0.5, -0.25) }],
  ['a.longs', { type: 'array', itemType: 'u64', value: BigUint64Array.of(7n) }],
]);

const TENSORS = [
  { name: 'first', type: 'f32' as const, shape: [3, 2] },
  { name: 'second', type: 'q8_0' as const, shape: [32, 2, 2] },
];

function writeSample(path: string): { first: Uint8Array; second: Uint8Array } {
  const first = new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer);
  const second = Uint8Array.from({ length: 34 * 4 }, (_, i) => i);
  const writer = new GgufWriter(path, METADATA, TENSORS);
  writer.write('first', first);
  writer.write('second', second.subarray(0, 50));
  writer.write('second', second.subarray(50));
  writer.finish();
  return { first, second };
}

test('a written file reads back with every value type, shape and byte', (t) => {
  const path = join(temporaryFolder(t), 'a.gguf');
  const { first, second } = writeSample(path);
  const file = openGguf(path);
  t.after(() => file.close());
  assert.equal(file.version, 3);
  assert.deepEqual(file.metadata, METADATA);
  const [a, b] = [...file.tensors.values()];
  assert.deepEqual([a?.name, a?.type, a?.shape, a?.numElements], ['first', 'f32', [3, 2], 6]);
  assert.deepEqual(
    [b?.name, b?.type, b?.shape, b?.byteLength],
    ['second', 'q8_0', [32, 2, 2], 136],
  );
  assert.deepEqual(file.readTensor(a!), first);
  assert.deepEqual(file.readTensor(b!), second);
  assert.deepEqual(file.readTensor(b!, 10, 5), second.subarray(10, 15));
  assert.throws(() => file.readTensor(b!, 130, 10), RangeError);
});

test('a file cut anywhere is refused with a clear error', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'a.gguf');
  writeSample(path);
  const whole = readFileSync(path);
  const cut = join(folder, 'cut.gguf');
  // The last bytes are padding: no tensor is lost without them.
  const dataEnd = whole.length - ((32 - (136 % 32)) % 32);
  for (let length = 0; length < dataEnd; length++) {
    writeFileSync(cut, whole.subarray(0, length));
    assert.throws(() => openGguf(cut), ModelError, `cut to ${length} bytes`);
  }
});

test('random damage is refused or survived, never anything else', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'a.gguf');
  writeSample(path);
  const whole = readFileSync(path);
  const damaged = join(folder, 'damaged.gguf');
  let state = 12345;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % below;
  };
  for (let round = 0; round < 1500; round++) {
    const bytes = Buffer.from(whole);
    for (let i = 0; i <= random(4); i++) {
      bytes[random(bytes.length)] = [0, 0xff, 0x7f, 0x80, random(256)][random(5)]!;
    }
    writeFileSync(damaged, bytes);
    try {
      const file = openGguf(damaged);
      for (const tensor of file.tensors.values()) file.readTensor(tensor);
      file.close();
    } catch (error) {
      assert.ok(error instanceof ModelError, `round ${round}: ${String(error)}`);
    }
  }
});

/** A header assembled by hand. */
class Header {
  private readonly parts: Buffer[] = [];

  u32(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    this.parts.push(bytes);
    return this;
  }

  u64(value: number | bigint): this {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    this.parts.push(bytes);
    return this;
  }

  text(value: string | Buffer): this {
    const bytes = Buffer.from(value);
    this.u64(bytes.length);
    this.parts.push(bytes);
    return this;
  }

  start(numTensors: number | bigint, numMetadata: number | bigint, version = 3): this {
    return this.u32(0x46554747).u32(version).u64(numTensors).u64(numMetadata);
  }

  tensor(name: string, dims: (number | bigint)[], type: number, offset: number | bigint): this {
    this.text(name).u32(dims.length);
    for (const dim of dims) this.u64(dim);
    return this.u32(type).u64(offset);
  }

  /** The file, with room for data after the header. */
  bytes(dataBytes = 256): Buffer {
    return Buffer.concat([...this.parts, Buffer.alloc(dataBytes)]);
  }
}

const HOSTILE: { name: string; file: Buffer; expected: RegExp }[] = [
  { name: 'empty file', file: Buffer.alloc(0), expected: /magic needs 4 bytes but the file ends/ },
  { name: 'other format', file: Buffer.from('PK\x03\x04 zip'), expected: /magic is 0x4034b50/ },
  { name: 'version 1', file: new Header().start(0, 0, 1).bytes(), expected: /version is 1; / },
  {
    name: 'big-endian',
    file: new Header().start(0, 0, 0x03000000).bytes(),
    expected: /version is 50331648 \(a big-endian file\?\)/,
  },
  {
    name: 'more tensors than fit',
    file: new Header().start(2n ** 63n, 0).bytes(),
    expected: /tensor count is 9223372036854775808, more than/,
  },
  {
    name: 'more metadata than fits',
    file: new Header().start(0, 1_000_000).bytes(),
    expected: /metadata count is 1000000, more than/,
  },
  {
    name: 'key longer than the file',
    file: new Header().start(0, 1).u64(50_000).bytes(),
    expected: /metadata key 0 \(length\) is 50000, more than/,
  },
  {
    name: 'key that is not UTF-8',
    file: new Header()
      .start(0, 1)
      .text(Buffer.from([0xff, 0xfe]))
      .u32(4)
      .u32(1)
      .bytes(),
    expected: /metadata key 0 is not valid UTF-8/,
  },
  {
    name: 'key given twice',
    file: new Header().start(0, 2).text('k').u32(4).u32(1).text('k').u32(4).u32(2).bytes(),
    expected: /metadata key "k" appears twice/,
  },
  {
    name: 'unknown value type',
    file: new Header().start(0, 1).text('k').u32(99).bytes(),
    expected: /metadata "k" has unknown value type 99/,
  },
  {
    name: 'array longer than the file',
    file: new Header()
      .start(0, 1)
      .text('k')
      .u32(9)
      .u32(4)
      .u64(2n ** 40n)
      .bytes(),
    expected: /metadata "k" \(array length\) is 1099511627776, more than/,
  },
  {
    name: 'array of arrays',
    file: new Header().start(0, 1).text('k').u32(9).u32(9).u64(1).bytes(),
    expected: /metadata "k" is an array of arrays/,
  },
  {
    name: 'boolean of 2',
    file: Buffer.concat([new Header().start(0, 1).text('k').u32(7).bytes(0), Buffer.alloc(64, 2)]),
    expected: /metadata "k" is a boolean with value 2/,
  },
  {
    name: 'alignment of 24',
    file: new Header().start(0, 1).text('general.alignment').u32(4).u32(24).bytes(),
    expected: /general.alignment is 24 \(u32\); expected a u32 power of two/,
  },
  {
    name: 'tensor without dimensions',
    file: new Header().start(1, 0).tensor('t', [], 0, 0).bytes(),
    expected: /tensor "t" has 0 dimensions/,
  },
  {
    name: 'five dimensions',
    file: new Header().start(1, 0).tensor('t', [1, 1, 1, 1, 1], 0, 0).bytes(),
    expected: /tensor "t" has 5 dimensions/,
  },
  {
    name: 'zero dimension',
    file: new Header().start(1, 0).tensor('t', [4, 0], 0, 0).bytes(),
    expected: /tensor "t" has dimension 1 of 0/,
  },
  {
    name: 'element count that overflows',
    file: new Header()
      .start(1, 0)
      .tensor('t', [2n ** 40n, 2n ** 40n], 0, 0)
      .bytes(),
    expected: /tensor "t" has dimension 1 of 1099511627776, giving/,
  },
  {
    name: 'unknown tensor type',
    file: new Header().start(1, 0).tensor('t', [4], 77, 0).bytes(),
    expected: /tensor "t" has unsupported tensor type 77/,
  },
  {
    name: 'rows that are not whole blocks',
    file: new Header().start(1, 0).tensor('t', [33], 8, 0).bytes(),
    expected: /tensor "t" has rows of 33, not a multiple of the 32 of q8_0/,
  },
  {
    name: 'misaligned offset',
    file: new Header().start(1, 0).tensor('t', [4], 0, 8).bytes(),
    expected: /tensor "t" has offset 8, not a multiple of the alignment 32/,
  },
  {
    name: 'offset beyond the file',
    file: new Header()
      .start(1, 0)
      .tensor('t', [4], 0, 1 << 20)
      .bytes(),
    expected: /tensor "t" ends at byte \d+ but the file has \d+: it is truncated/,
  },
  {
    name: 'offset that overflows',
    file: new Header()
      .start(1, 0)
      .tensor('t', [4], 0, 2n ** 63n)
      .bytes(),
    expected: /tensor "t" offset is 9223372036854775808, more than/,
  },
  {
    name: 'overlapping tensors',
    file: new Header().start(2, 0).tensor('a', [16], 0, 0).tensor('b', [16], 0, 32).bytes(),
    expected: /tensors "a" and "b" overlap/,
  },
  {
    name: 'tensor given twice',
    file: new Header().start(2, 0).tensor('a', [8], 0, 0).tensor('a', [8], 0, 32).bytes(),
    expected: /tensor "a" appears twice/,
  },
];

test('hostile headers are refused by name, field and value', async (t) => {
  const path = join(temporaryFolder(t), 'hostile.gguf');
  for (const { name, file, expected } of HOSTILE) {
    await t.test(name, () => {
      writeFileSync(path, file);
      assert.throws(
        () => openGguf(path),
        (error) => {
          assert.ok(error instanceof ModelError, String(error));
          assert.match(error.message, expected);
          assert.ok(error.message.startsWith(path));
          return true;
        },
      );
    });
  }
});

test('version 2 is read as well', (t) => {
  const path = join(temporaryFolder(t), 'v2.gguf');
  const header = new Header().start(1, 1, 2).text('k').u32(4).u32(9).tensor('t', [8], 0, 0);
  writeFileSync(path, header.bytes());
  const file = openGguf(path);
  assert.equal(file.version, 2);
  assert.deepEqual(file.metadata.get('k'), { type: 'u32', value: 9 });
  file.close();
});

test('the writer leaves nothing behind when it is given up', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'a.gguf');
  const writer = new GgufWriter(path, METADATA, TENSORS);
  writer.write('first', new Uint8Array(24));
  writer.abort();
  assert.deepEqual(readdirSync(folder), []);
  const incomplete = new GgufWriter(path, METADATA, TENSORS);
  assert.throws(() => incomplete.finish(), /tensor first was declared but not fully written/);
  assert.deepEqual(readdirSync(folder), []);
});

test('the writer keeps the old file until the new one is complete', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'a.gguf');
  writeFileSync(path, 'old');
  const writer = new GgufWriter(path, METADATA, TENSORS);
  assert.equal(readFileSync(path, 'utf8'), 'old');
  writer.abort();
  assert.equal(readFileSync(path, 'utf8'), 'old');
  writeSample(path);
  assert.deepEqual(readdirSync(folder), ['a.gguf']);
  openGguf(path).close();
});

test('the writer refuses what the format cannot hold', (t) => {
  const path = join(temporaryFolder(t), 'a.gguf');
  const declare = (name: string, shape: number[]): GgufWriter =>
    new GgufWriter(path, METADATA, [{ name, type: 'q8_0', shape }]);
  assert.throws(() => declare('x'.repeat(64), [32]), /must have 1 to 63 bytes/);
  assert.throws(() => declare('x', [33]), /rows of 33, not a multiple of the 32 of q8_0/);
  assert.throws(() => declare('x', [32, 0]), /impossible shape \[32, 0\]/);
  const writer = declare('x', [32]);
  t.after(() => writer.abort());
  assert.throws(() => writer.write('y', new Uint8Array(1)), /data for y while x is due/);
  assert.throws(() => writer.write('x', new Uint8Array(35)), /declared with 34 bytes/);
});
