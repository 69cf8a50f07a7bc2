import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';

import { HfCheckpoint } from './checkpoint.js';
import { ModelError } from './model-error.js';
import { encodeSafetensors, temporaryFolder, writeJson } from './model-fixtures.js';
import { openSafetensors } from './safetensors-reader.js';

const bytesOf = (...values: number[]): Uint8Array =>
  new Uint8Array(Float32Array.from(values).buffer);

const SAMPLE = encodeSafetensors({
  a: { dtype: 'F32', shape: [2, 2], bytes: bytesOf(1, 2, 3, 4) },
  b: { dtype: 'BF16', shape: [2], bytes: Uint8Array.of(0x80, 0x3f, 0x00, 0xc0) },
  c: { dtype: 'F16', shape: [2], bytes: Uint8Array.of(0x00, 0x3c, 0x00, 0xb8) },
});

test('a checkpoint of one file reads every weight dtype as floats', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'model.safetensors'), SAMPLE);
  const checkpoint = HfCheckpoint.open(folder);
  t.after(() => checkpoint.close());
  assert.deepEqual(checkpoint.names(), ['a', 'b', 'c']);
  assert.deepEqual([...checkpoint.readRows('a', 1, 1)], [3, 4]);
  assert.deepEqual([...checkpoint.readRows('b', 0, 1)], [1, -2]);
  assert.deepEqual([...checkpoint.readRows('c', 0, 1)], [1, -0.5]);
  assert.throws(() => checkpoint.readRows('d', 0, 1), /tensor "d" is missing/);
});

test('a sharded checkpoint reads each tensor from its shard', (t) => {
  const folder = temporaryFolder(t);
  const one = encodeSafetensors({ x: { dtype: 'F32', shape: [1], bytes: bytesOf(5) } });
  const two = encodeSafetensors({ y: { dtype: 'F32', shape: [1], bytes: bytesOf(6) } });
  writeFileSync(join(folder, 'model-1.safetensors'), one);
  writeFileSync(join(folder, 'model-2.safetensors'), two);
  const index = join(folder, 'model.safetensors.index.json');
  writeJson(index, { weight_map: { x: 'model-1.safetensors', y: 'model-2.safetensors' } });
  const checkpoint = HfCheckpoint.open(folder);
  assert.deepEqual([...checkpoint.readRows('y', 0, 1)], [6]);
  checkpoint.close();

  for (const [weightMap, expected] of [
    [{ x: 'model-3.safetensors' }, /shard "model-3.safetensors" is missing/],
    [{ y: 'model-1.safetensors' }, /tensor "y" is not in "model-1.safetensors"/],
    [{ x: '../secret.safetensors' }, /shard of "x" is "..\/secret.safetensors"/],
    [{ x: 7 }, /shard of "x" is 7/],
    [undefined, /has no weight_map/],
  ] as const) {
    writeJson(index, { weight_map: weightMap });
    assert.throws(
      () => HfCheckpoint.open(folder),
      (error) => {
        assert.ok(error instanceof ModelError);
        assert.match(error.message, expected);
        return true;
      },
    );
  }
});

test('FP8 weights need their scales, of the right shape', (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'model.safetensors');
  const weight = { dtype: 'F8_E4M3', shape: [1, 3], bytes: Uint8Array.of(0x38, 0x40, 0xb8) };
  const read = (): Float32Array => {
    const checkpoint = HfCheckpoint.open(folder);
    try {
      return checkpoint.readRows('w', 0, 1);
    } finally {
      checkpoint.close();
    }
  };
  writeFileSync(path, encodeSafetensors({ w: weight }));
  assert.throws(read, /FP8 tensor "w" lacks "w_scale_inv"/);
  const scale = (shape: number[]): Uint8Array =>
    encodeSafetensors({ w: weight, w_scale_inv: { dtype: 'F32', shape, bytes: bytesOf(0.5) } });
  writeFileSync(path, scale([1]));
  assert.throws(read, /"w_scale_inv" has shape \[1\]; a weight of \[1, 3\] needs \[1, 1\]/);
  writeFileSync(path, scale([1, 1]));
  assert.deepEqual([...read()], [0.5, 1, -0.5]);
});

function withHeader(header: string, dataBytes: number): Buffer {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return Buffer.concat([length, Buffer.from(header), Buffer.alloc(dataBytes)]);
}

const entry = (dtype: unknown, shape: unknown, offsets: unknown): string =>
  JSON.stringify({ t: { dtype, shape, data_offsets: offsets } });

const HOSTILE: { name: string; file: Buffer; expected: RegExp }[] = [
  { name: 'too short', file: Buffer.alloc(4), expected: /has 4 bytes, too short/ },
  {
    name: 'header longer than the file',
    file: Buffer.concat([Buffer.alloc(8, 0xff), Buffer.alloc(8)]),
    expected: /header length is 18446744073709551615 in a file of 16 bytes/,
  },
  { name: 'header that is not JSON', file: withHeader('{"t": ', 0), expected: /is not valid JSON/ },
  { name: 'header that is a list', file: withHeader('[1]', 0), expected: /is not a JSON object/ },
  {
    name: 'unknown dtype',
    file: withHeader(entry('F99', [1], [0, 4]), 4),
    expected: /tensor "t" has unsupported dtype "F99"/,
  },
  {
    name: 'prototype name as dtype',
    file: withHeader(entry('constructor', [1], [0, 4]), 4),
    expected: /unsupported dtype "constructor"/,
  },
  {
    name: 'negative dimension',
    file: withHeader(entry('F32', [-1], [0, 4]), 4),
    expected: /tensor "t" has the impossible shape/,
  },
  {
    name: 'offsets that do not match the shape',
    file: withHeader(entry('F32', [2], [0, 4]), 4),
    expected: /of shape \[2\] F32 needs 8 bytes; data_offsets give 4/,
  },
  {
    name: 'offsets beyond the file',
    file: withHeader(entry('F32', [2], [0, 8]), 4),
    expected: /ends at byte \d+ but the file has \d+: it is truncated/,
  },
  {
    name: 'hole before a tensor',
    file: withHeader(entry('F32', [1], [4, 8]), 8),
    expected: /tensor "t" leaves a hole before it/,
  },
  {
    name: 'bytes that belong to no tensor',
    file: withHeader(entry('F32', [1], [0, 4]), 6),
    expected: /2 bytes after the last tensor belong to none/,
  },
  {
    name: 'overlapping tensors',
    file: withHeader(
      '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
      8,
    ),
    expected: /tensor "b" overlaps the tensor before it/,
  },
];

test('hostile safetensors headers are refused', async (t) => {
  const path = join(temporaryFolder(t), 'h.safetensors');
  for (const { name, file, expected } of HOSTILE) {
    await t.test(name, () => {
      writeFileSync(path, file);
      assert.throws(
        () => openSafetensors(path),
        (error) => {
          assert.ok(error instanceof ModelError, String(error));
          assert.match(error.message, expected);
          return true;
        },
      );
    });
  }
});

test('a safetensors file cut or damaged anywhere never gives another error', (t) => {
  const path = join(temporaryFolder(t), 'd.safetensors');
  writeFileSync(path, SAMPLE);
  const whole = readFileSync(path);
  for (let length = 0; length < whole.length; length++) {
    writeFileSync(path, whole.subarray(0, length));
    assert.throws(() => openSafetensors(path), ModelError, `cut to ${length} bytes`);
  }
  for (let at = 0; at < whole.length; at++) {
    for (const value of [0x00, 0x2c, 0x7b, 0xff]) {
      const bytes = Buffer.from(whole);
      bytes[at] = value;
      writeFileSync(path, bytes);
      try {
        openSafetensors(path).close();
      } catch (error) {
        assert.ok(error instanceof ModelError, `byte ${at} = ${value}: ${String(error)}`);
      }
    }
  }
});
