// The way back of `hadal convert`, for tests: a model file in f32 becomes a Hugging Face checkpoint, so
// that a sibling's config.json and tensor names can be tried without its weights.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { configFromGguf } from '../../src/model/config-gguf.js';
import type { ModelConfig } from '../../src/model/config.js';
import { openGguf } from '../../src/model/gguf-reader.js';
import {
  encodeSafetensors,
  writeJson,
  type SafetensorsEntry,
} from '../../src/model/model-fixtures.js';
import { randomTokenizerJson } from '../../src/model/random-tokenizer.js';
import { modelTensors, sourceNames } from '../../src/model/tensor-names.js';

/** @param json the config.json to go with it */
export function writeHfCheckpoint(
  folder: string,
  modelPath: string,
  json: Readonly<Record<string, unknown>>,
): void {
  const file = openGguf(modelPath);
  const config = configFromGguf(file.metadata, modelPath);
  const entries: Record<string, SafetensorsEntry> = {};
  const add = (name: string, shape: number[], values: Float32Array): void => {
    entries[name] = { dtype: 'F32', shape, bytes: new Uint8Array(values.slice().buffer) };
  };
  const valuesOf = (name: string): Float32Array => {
    const tensor = file.tensors.get(name);
    assert.equal(tensor?.type, 'f32', name);
    return new Float32Array(file.readTensor(tensor).buffer);
  };
  for (const { name, shape, source } of modelTensors(config)) {
    switch (source.kind) {
      case 'plain':
        add(source.name, shape.toReversed(), valuesOf(name));
        break;
      case 'experts': {
        const [columns, rows] = shape as [number, number];
        const values = valuesOf(name);
        for (const [expert, hfName] of sourceNames(source).entries()) {
          const start = expert * rows * columns;
          add(hfName, [rows, columns], values.subarray(start, start + rows * columns));
        }
        break;
      }
      case 'kvbKeys': {
        const halves = { keys: valuesOf(name), values: valuesOf(name.replace('k_b', 'v_b')) };
        const rows = config.numHeads * (config.qkNopeHeadDim + config.vHeadDim);
        add(source.name, [rows, config.kvLoraRank], joinedKvb(config, halves));
        break;
      }
      case 'kvbValues':
        break; // with the keys
      default:
        source satisfies never;
    }
  }
  file.close();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'model.safetensors'), encodeSafetensors(entries));
  writeFileSync(join(folder, 'tokenizer.json'), randomTokenizerJson(config.vocabSize));
  writeJson(join(folder, 'config.json'), json);
}

/** kv_b_proj [heads * (nope + v), kv_lora] from its halves (model reference §14). */
function joinedKvb(
  { numHeads, qkNopeHeadDim, vHeadDim, kvLoraRank }: ModelConfig,
  { keys, values }: { keys: Float32Array; values: Float32Array },
): Float32Array {
  const perHead = qkNopeHeadDim + vHeadDim;
  const joined = new Float32Array(numHeads * perHead * kvLoraRank);
  for (let head = 0; head < numHeads; head++) {
    const start = head * perHead * kvLoraRank;
    for (let i = 0; i < qkNopeHeadDim; i++) {
      for (let c = 0; c < kvLoraRank; c++) {
        joined[start + i * kvLoraRank + c] = keys[(head * kvLoraRank + c) * qkNopeHeadDim + i]!;
      }
    }
    const size = vHeadDim * kvLoraRank;
    joined.set(values.subarray(head * size, (head + 1) * size), start + qkNopeHeadDim * kvLoraRank);
  }
  return joined;
}
