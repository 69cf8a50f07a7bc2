// Helpers for the tests of this layer: temporary folders, random models on disk, and small Hugging
// Face checkpoints built from plain arrays. Not used outside of tests.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { openDevice } from '../tensor/open-device.js';
import type { Device } from '../tensor/types.js';
import { loadModel } from './load-model.js';
import type { OutputType } from './output-type.js';
import { presetConfig } from './presets.js';
import { writeRandomModel } from './random.js';
import type { Model, ModelOptions } from './types.js';

/** A folder that is removed when the test ends. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-model-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a random model of the `test` preset and returns its path. */
export async function randomModelFile(
  t: TestContext,
  settings: readonly string[] = [],
  { seed = 1, type = 'f32' }: { seed?: number; type?: OutputType } = {},
): Promise<string> {
  const path = join(temporaryFolder(t), 'model.gguf');
  await writeRandomModel(path, { config: presetConfig('test', settings), seed, type });
  return path;
}

/** A device that is freed when the test ends; freeing fails the test if memory is still held. */
export function testDevice(t: TestContext, prefer: 'ggml' | 'reference' = 'ggml'): Device {
  const device = openDevice({ prefer, numThreads: 1 });
  t.after(() => device.dispose());
  return device;
}

/** Loads a model that is freed when the test ends, caches made by `run` included. */
export async function withModel<T>(
  path: string,
  options: ModelOptions,
  run: (model: Model) => Promise<T>,
): Promise<T> {
  const model = loadModel(path, options);
  try {
    return await run(model);
  } finally {
    model.dispose();
  }
}

/** Runs `tokens` from position 0 in chunks of `chunkSize` and returns the logits of every token. */
export async function logitsInChunks(
  model: Model,
  tokens: Int32Array,
  chunkSize: number,
): Promise<Float32Array> {
  const { vocabSize } = model.config;
  const cache = model.createCache(tokens.length);
  const logits = new Float32Array(tokens.length * vocabSize);
  try {
    for (let start = 0; start < tokens.length; start += chunkSize) {
      const chunk = tokens.slice(start, start + chunkSize);
      const out = logits.subarray(start * vocabSize, (start + chunk.length) * vocabSize);
      await model.forward({ cache, tokens: chunk, startPos: start, wantLogits: 'all', out });
    }
    return logits;
  } finally {
    cache.dispose();
  }
}

/** Pseudo-random token ids. */
export function someTokens(count: number, vocabSize: number, seed = 7): Int32Array {
  let state = seed;
  return Int32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) % vocabSize;
  });
}

/** Pseudo-random numbers from 0 to 1. */
export function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

export function maxDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) throw new Error(`${a.length} values against ${b.length}`);
  let max = 0;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    // NaN must not pass as equal.
    if (!(difference <= max)) max = difference;
  }
  return max;
}

/** Largest magnitude: differences of logits are judged relative to it. */
export function scaleOf(values: ArrayLike<number>): number {
  return Array.from(values).reduce((max, value) => Math.max(max, Math.abs(value)), 0);
}

export interface SafetensorsEntry {
  dtype: string;
  shape: number[];
  bytes: Uint8Array;
}

/** The bytes of a safetensors file. */
export function encodeSafetensors(tensors: Readonly<Record<string, SafetensorsEntry>>): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let offset = 0;
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
  }
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...Object.values(tensors).map(({ bytes }) => bytes)]);
}

export function writeJson(path: string, value: unknown): void {
  writeFileSync(path, JSON.stringify(value));
}
