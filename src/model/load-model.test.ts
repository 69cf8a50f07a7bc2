// What loadModel refuses. The file is untrusted: every case must be a ModelError that names the file
// and the tensor, and must leave no memory on the device.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';

import { openGguf } from './gguf-reader.js';
import type { GgufValue } from './gguf-types.js';
import { GgufWriter, tensorBytes, type GgufTensorDeclaration } from './gguf-writer.js';
import { loadModel } from './load-model.js';
import { ModelError } from './model-error.js';
import { randomModelFile, temporaryFolder, testDevice } from './model-fixtures.js';

interface Parts {
  metadata: Map<string, GgufValue>;
  tensors: GgufTensorDeclaration[];
}

/** A copy of a random model with its header changed; values do not matter and are zero. */
async function changedModel(t: TestContext, change: (parts: Parts) => void): Promise<string> {
  const file = openGguf(await randomModelFile(t));
  file.close();
  const parts = { metadata: new Map(file.metadata), tensors: [...file.tensors.values()] };
  change(parts);
  const path = join(temporaryFolder(t), 'changed.gguf');
  const writer = new GgufWriter(path, parts.metadata, parts.tensors);
  try {
    for (const tensor of parts.tensors) {
      writer.write(tensor.name, new Uint8Array(tensorBytes(tensor)));
    }
    writer.finish();
  } finally {
    writer.abort();
  }
  return path;
}

function replace(parts: Parts, name: string, changes: Partial<GgufTensorDeclaration>): void {
  const index = parts.tensors.findIndex((tensor) => tensor.name === name);
  assert.ok(index >= 0, name);
  parts.tensors[index] = { ...parts.tensors[index]!, ...changes };
}

const u32 = (value: number): GgufValue => ({ type: 'u32', value });

const REFUSED: readonly (readonly [string, (parts: Parts) => void, RegExp])[] = [
  [
    'a missing tensor',
    (parts) => parts.tensors.pop(),
    /changed.gguf: tensor blk\.2\.\S+ is missing/,
  ],
  [
    'a tensor of another shape',
    (parts) => replace(parts, 'blk.1.attn_output.weight', { shape: [96, 128] }),
    /blk.1.attn_output.weight has shape \[96, 128\]; the metadata implies \[128, 96\]/,
  ],
  [
    'a block type without a kernel',
    (parts) => replace(parts, 'blk.0.ffn_gate.weight', { type: 'q5_0' }),
    /blk.0.ffn_gate.weight is stored as q5_0; supported: f32, /,
  ],
  [
    'integers for weights',
    (parts) => replace(parts, 'blk.0.ffn_gate.weight', { type: 'i32' }),
    /blk.0.ffn_gate.weight is stored as i32/,
  ],
  [
    'integers for a norm',
    (parts) => replace(parts, 'output_norm.weight', { type: 'i32' }),
    /output_norm.weight is stored as i32/,
  ],
  [
    'more heads than the tensors have',
    (parts) => parts.metadata.set('deepseek32.attention.head_count', u32(8)),
    /blk.0.attn_q_b.weight has shape/,
  ],
  [
    'twelve million experts that are not there',
    ({ metadata }) => {
      metadata.set('deepseek32.block_count', u32(1024));
      metadata.set('deepseek32.expert_count', u32(4096));
    },
    /blk.1.ffn_gate_inp.weight has shape/,
  ],
  [
    'token types that do not cover the tokens',
    ({ metadata }) =>
      metadata.set('tokenizer.ggml.token_type', {
        type: 'array',
        itemType: 'i32',
        value: Int32Array.of(3, 3),
      }),
    /tokenizer.ggml.token_type has 2 entries; there are 512 tokens/,
  ],
];

for (const [what, change, message] of REFUSED) {
  test(`a model file with ${what} is refused`, async (t) => {
    const device = testDevice(t);
    const path = await changedModel(t, change);
    assert.throws(
      () => loadModel(path, { device }),
      (error) => {
        assert.ok(error instanceof ModelError, String(error));
        assert.match(error.message, message);
        return true;
      },
    );
    assert.equal(device.allocatedBytes, 0);
  });
}

test('the changed copies load when nothing is changed', async (t) => {
  const device = testDevice(t);
  const model = loadModel(await changedModel(t, () => undefined), { device });
  model.dispose();
});
