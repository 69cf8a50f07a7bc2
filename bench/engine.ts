// Speed of the forward pass against llama.cpp (node-llama-cpp) on the same GGUF file, in one run:
// prefill up to each context length, then decoding from there, ours and theirs in turn chunk by chunk
// and step by step, so that a busy machine hurts both. Prints tokens per second and the ratio.
//
//   npm run bench:engine -- [--quick] [--threads N] [--model file.gguf]
//
// Without --model it writes a random model of the `bench` preset in q8_0 to a temporary folder.
// llama.cpp runs with flash attention on, its faster mode for this architecture.

import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { getLlama, type LlamaContextSequence, type Token } from 'node-llama-cpp';

import { loadModel } from '../src/model/load-model.js';
import { presetConfig } from '../src/model/presets.js';
import { writeRandomModel } from '../src/model/random.js';
import { openDevice } from '../src/tensor/open-device.js';

const CHUNK_TOKENS = 256;

interface Runner {
  name: string;
  /** Extends the sequence by one chunk without asking for logits. */
  prefill(tokens: Int32Array): Promise<void>;
  /** Runs one token and returns the greedy next one. */
  step(token: number): Promise<number>;
  close(): Promise<void>;
}

interface RunOptions {
  modelPath: string;
  contextSize: number;
  numThreads: number;
}

async function openOurs({ modelPath, contextSize, numThreads }: RunOptions): Promise<Runner> {
  const device = openDevice({ prefer: 'ggml', numThreads });
  const model = loadModel(modelPath, { device });
  const cache = model.createCache(contextSize);
  const logits = new Float32Array(model.config.vocabSize);
  return {
    name: `hadal (${device.name})`,
    async prefill(tokens) {
      await model.forward({ cache, tokens, startPos: cache.length, wantLogits: 'none' });
    },
    async step(token) {
      const tokens = Int32Array.of(token);
      await model.forward({ cache, tokens, startPos: cache.length, out: logits });
      return argmax(logits);
    },
    async close() {
      cache.dispose();
      model.dispose();
      device.dispose();
    },
  };
}

async function openTheirs({ modelPath, contextSize, numThreads }: RunOptions): Promise<Runner> {
  const llama = await getLlama({ build: 'never', gpu: false, logLevel: 'error' as never });
  const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
  const context = await model.createContext({
    contextSize,
    batchSize: CHUNK_TOKENS,
    sequences: 1,
    threads: numThreads,
    flashAttention: true,
  });
  const sequence: LlamaContextSequence = context.getSequence();
  return {
    name: 'node-llama-cpp',
    async prefill(tokens) {
      await sequence.evaluateWithoutGeneratingNewTokens(Array.from(tokens) as Token[]);
    },
    async step(token) {
      const options = { temperature: 0, yieldEogToken: true };
      for await (const next of sequence.evaluate([token as Token], options)) return next;
      throw new Error('llama.cpp gave no token');
    },
    async close() {
      await context.dispose();
      await model.dispose();
      await llama.dispose();
    },
  };
}

async function timed(job: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await job();
  return performance.now() - start;
}

function argmax(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

function row(cells: (string | number)[]): string {
  return cells
    .map((cell) => (typeof cell === 'number' ? cell.toFixed(cell < 10 ? 2 : 0) : cell).padStart(16))
    .join('');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      threads: { type: 'string', default: String(Math.min(availableParallelism(), 8)) },
      model: { type: 'string' },
    },
  });
  const numThreads = Number(values.threads);
  if (!Number.isInteger(numThreads) || numThreads < 1) {
    throw new RangeError(`--threads is ${values.threads}; expected a whole number above 0`);
  }
  const contexts = values.quick ? [256, 1024] : [256, 1024, 4096];
  const numDecoded = values.quick ? 16 : 32;
  const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-'));
  try {
    const modelPath = values.model ?? join(folder, 'bench.gguf');
    if (values.model === undefined) {
      process.stderr.write('writing a random model of the bench preset (q8_0)\n');
      await writeRandomModel(modelPath, { config: presetConfig('bench'), seed: 1, type: 'q8_0' });
    }
    const contextSize = contexts.at(-1)! + CHUNK_TOKENS * 2;
    const options = { modelPath, contextSize, numThreads };
    const runners = [await openOurs(options), await openTheirs(options)];
    console.log(`${cpus()[0]?.model ?? 'unknown CPU'}, ${numThreads} thread(s), ${modelPath}`);
    console.log(`ours: ${runners[0]!.name}; theirs: ${runners[1]!.name}, flash attention on`);
    console.log('tokens per second; decode from the median step; prefill from the context before');
    console.log(
      row(['context', 'prefill ours', 'theirs', 'ratio', 'decode ours', 'theirs', 'ratio']),
    );
    let position = 0;
    for (const context of contexts) {
      const tokens = Int32Array.from(
        { length: context - position },
        (_, i) => 300 + ((i * 37) % 200),
      );
      const prefillMs = runners.map(() => 0);
      for (let at = 0; at < tokens.length; at += CHUNK_TOKENS) {
        const chunk = tokens.subarray(at, at + CHUNK_TOKENS);
        for (const [i, runner] of runners.entries()) {
          prefillMs[i]! += await timed(() => runner.prefill(chunk));
        }
      }
      const stepMs: number[][] = runners.map(() => []);
      for (let step = 0, next = runners.map(() => 5); step < numDecoded; step++) {
        for (const [i, runner] of runners.entries()) {
          stepMs[i]!.push(await timed(async () => (next[i] = await runner.step(next[i]!))));
        }
      }
      const prefill = prefillMs.map((ms) => (tokens.length / ms) * 1000);
      const decode = stepMs.map((times) => 1000 / median(times));
      position = context + numDecoded;
      console.log(
        row([
          String(context),
          prefill[0]!,
          prefill[1]!,
          prefill[0]! / prefill[1]!,
          decode[0]!,
          decode[1]!,
          decode[0]! / decode[1]!,
        ]),
      );
    }
    for (const runner of runners) await runner.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

await main();
