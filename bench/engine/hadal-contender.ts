// Hadal as a contender: the model layer without the engine around it, one sequence, greedy.

import { readFileSync, writeFileSync } from 'node:fs';

import { loadModel } from '../../src/model/load-model.js';
import type { Model, SequenceCache } from '../../src/model/types.js';
import { packageFile } from '../../src/package-root.js';
import { openDevice } from '../../src/tensor/open-device.js';
import type { Device } from '../../src/tensor/types.js';
import { FIRST_TOKEN, type About, type Contender, type ContenderOptions } from './contender.js';

/** Tokens of a prompt that run together. */
const CHUNK_TOKENS = 256;
/** Rows that move between caches in one piece. */
const BLOCK_ROWS = 64;

export class HadalContender implements Contender {
  readonly about: About;
  private cache: SequenceCache;
  private length = 0;
  private nextToken = FIRST_TOKEN;

  static open({ modelPath, threads, contextSize }: ContenderOptions): HadalContender {
    const device = openDevice({ prefer: 'ggml', numThreads: threads });
    const notes: string[] = [];
    const model = loadModel(modelPath, { device, onNote: (note) => notes.push(note) });
    return new HadalContender(device, model, contextSize, notes);
  }

  private constructor(
    private readonly device: Device,
    private readonly model: Model,
    private readonly contextSize: number,
    notes: string[],
  ) {
    this.about = {
      name: `hadal (${device.name})`,
      version: packageVersion(),
      threads: device.numThreads,
      kernels: device.kernels,
      notes,
    };
    this.cache = model.createCache(contextSize);
  }

  async prefill(tokens: Int32Array): Promise<void> {
    for (let at = 0; at < tokens.length; at += CHUNK_TOKENS) {
      await this.run(tokens.subarray(at, at + CHUNK_TOKENS), 'none');
    }
    this.nextToken = FIRST_TOKEN;
  }

  async step(): Promise<void> {
    this.nextToken = argmax(await this.run(Int32Array.of(this.nextToken), 'last'));
  }

  async rewind(length: number): Promise<void> {
    this.length = length;
    this.nextToken = FIRST_TOKEN;
  }

  async save(path: string): Promise<void> {
    const blocks: Uint8Array[] = [];
    for (let row = 0; row < this.length; row += BLOCK_ROWS) {
      blocks.push(this.cache.exportRows(row, BLOCK_ROWS));
    }
    writeFileSync(path, Buffer.concat(blocks));
  }

  async fill(path: string, length: number): Promise<void> {
    const bytes = readFileSync(path);
    const blockBytes = BLOCK_ROWS * this.cache.rowBytes;
    const numBlocks = bytes.length / blockBytes;
    const blocks = Array.from({ length: length / BLOCK_ROWS }, (_, i) => {
      const start = (i % numBlocks) * blockBytes;
      return bytes.subarray(start, start + blockBytes);
    });
    this.cache.dispose();
    this.cache = this.model.createCache(this.contextSize);
    this.cache.importRows(blocks, BLOCK_ROWS);
    await this.rewind(length);
  }

  async close(): Promise<void> {
    this.cache.dispose();
    this.model.dispose();
    this.device.dispose();
  }

  private async run(tokens: Int32Array, wantLogits: 'last' | 'none'): Promise<Float32Array> {
    const item = { cache: this.cache, tokens, startPos: this.length, wantLogits };
    const [output] = await this.model.forwardBatch([item]);
    this.length += tokens.length;
    return output!.logits;
  }
}

function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
