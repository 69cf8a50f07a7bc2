// Time to the first token of a long prompt with the context cache: from memory, and from disk after a
// restart of the engine, against computing it (cold), in one run and over the engine process as the
// server uses it. The prompt is new in the cold run and the same in the others; the smallest hit
// leaves 1 to 64 of its tokens to compute.
//
//   npm run bench:cache -- [--json] [--quick] [--threads N] [--model file.gguf] [--tokens N]
//
// Without --model it measures a random model of the `bench` preset (8192 tokens) and the embedded one
// (as many tokens as its context holds). The page cache is warm: a disk hit is what a restart finds.

import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { tokenTableOf } from '../src/chat/token-table.js';
import { EngineBackend } from '../src/engine/engine-backend.js';
import { loadTokenizerFor, requireEmbeddedModel } from '../src/model-location.js';
import { presetConfig } from '../src/model/presets.js';
import { writeRandomModel } from '../src/model/random.js';

const LONG_PROMPT = 8192;
/** Left for the reply and for the warm-up prompt's shape. */
const RESERVED_TOKENS = 32;

interface Measured {
  firstTokenMs: number;
  hitTokens: number;
}

interface Figures {
  model: string;
  promptTokens: number;
  coldMs: number;
  ramMs: number;
  diskMs: number;
  hitTokens: number;
  ramOverCold: number;
  diskOverCold: number;
}

interface Options {
  modelPath: string;
  threads: number;
  maxTokens: number;
  repeats: number;
}

/** Runs until the first token and leaves. */
async function firstToken(backend: EngineBackend, promptTokens: Int32Array): Promise<Measured> {
  const start = performance.now();
  let hitTokens = 0;
  const request = {
    id: `bench-${start}`,
    promptTokens,
    sampling: { temperature: 0, topP: 1, presencePenalty: 0, frequencyPenalty: 0 },
    stopTokens: [],
    stopStrings: [],
    maxTokens: 4,
  };
  for await (const event of backend.generate(request, new AbortController().signal)) {
    if (event.type === 'prefill-progress') hitTokens = event.cacheHitTokens ?? 0;
    if (event.type === 'token') return { firstTokenMs: performance.now() - start, hitTokens };
  }
  throw new Error('the engine gave no token');
}

function randomTokens(count: number, vocabSize: number): Int32Array {
  return Int32Array.from({ length: count }, () => Math.floor(Math.random() * vocabSize));
}

async function measure({ modelPath, threads, maxTokens, repeats }: Options): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-cache-'));
  const tokenTable = tokenTableOf(loadTokenizerFor(modelPath));
  const start = () =>
    EngineBackend.start({
      source: { path: modelPath, device: 'auto', threads },
      tokenTable,
      cache: { folder },
    });
  try {
    let backend = await start();
    const { id, contextLength, vocabSize } = backend.cards()[0]!;
    const numTokens = Math.min(maxTokens, contextLength - RESERVED_TOKENS);
    const prompt = randomTokens(numTokens, vocabSize);
    await firstToken(backend, randomTokens(RESERVED_TOKENS, vocabSize)); // pages the weights in
    const cold = await firstToken(backend, prompt);
    const ram: Measured[] = [];
    const disk: Measured[] = [];
    for (let i = 0; i < repeats; i++) ram.push(await firstToken(backend, prompt));
    for (let i = 0; i < repeats; i++) {
      await backend.dispose();
      backend = await start();
      await firstToken(backend, randomTokens(RESERVED_TOKENS, vocabSize));
      disk.push(await firstToken(backend, prompt));
    }
    await backend.dispose();
    requireHits([...ram, ...disk], numTokens);
    const [ramMs, diskMs] = [median(ram), median(disk)];
    return {
      model: id,
      promptTokens: numTokens,
      coldMs: cold.firstTokenMs,
      ramMs,
      diskMs,
      hitTokens: ram[0]!.hitTokens,
      ramOverCold: ramMs / cold.firstTokenMs,
      diskOverCold: diskMs / cold.firstTokenMs,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A bench of hits that measures misses would look like a slow cache. */
function requireHits(runs: readonly Measured[], promptTokens: number): void {
  const expected = Math.floor((promptTokens - 1) / 64) * 64;
  const missed = runs.find(({ hitTokens }) => hitTokens !== expected);
  if (missed) throw new Error(`a run hit ${missed.hitTokens} tokens; expected ${expected}`);
}

function median(runs: readonly Measured[]): number {
  const times = runs.map(({ firstTokenMs }) => firstTokenMs).toSorted((a, b) => a - b);
  return times[times.length >> 1]!;
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new RangeError(`--${name} is ${text}; expected a whole number above 0`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      threads: { type: 'string', default: String(Math.min(availableParallelism(), 8)) },
      model: { type: 'string' },
      tokens: { type: 'string', default: String(LONG_PROMPT) },
    },
  });
  const threads = wholeNumber('threads', values.threads);
  const repeats = values.quick ? 1 : 5;
  const maxTokens = values.quick ? 1024 : wholeNumber('tokens', values.tokens);
  const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-'));
  try {
    const paths = values.model === undefined ? [] : [values.model];
    if (paths.length === 0) {
      const random = join(folder, 'random-bench.gguf');
      process.stderr.write('writing a random model of the bench preset (q8_0)\n');
      await writeRandomModel(random, { config: presetConfig('bench'), seed: 1, type: 'q8_0' });
      paths.push(random, requireEmbeddedModel().modelPath);
    }
    const results: Figures[] = [];
    for (const modelPath of paths) {
      results.push(await measure({ modelPath, threads, maxTokens, repeats }));
    }
    report(results, { isJson: values.json, threads, repeats });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(
  results: readonly Figures[],
  { isJson, threads, repeats }: { isJson: boolean; threads: number; repeats: number },
): void {
  const machine = `${cpus()[0]?.model ?? 'unknown CPU'}, ${threads} thread(s)`;
  if (isJson) {
    // The first model is the one the targets are about (8192 tokens).
    const { ramOverCold, diskOverCold } = results[0]!;
    const ratios = {
      ttft_hit_ram_vs_cold_8k: ramOverCold,
      ttft_hit_disk_vs_cold_8k: diskOverCold,
    };
    console.log(JSON.stringify({ machine, repeats, ...ratios, results }));
    return;
  }
  console.log(`${machine}; hits are medians of ${repeats}`);
  const percent = (ratio: number) => `${(ratio * 100).toFixed(1)} %`;
  for (const { model, promptTokens, coldMs, ramMs, diskMs, ...rest } of results) {
    console.log(
      `${model}, ${promptTokens} tokens, ${rest.hitTokens} of them hit: ` +
        `first token after ${coldMs.toFixed(0)} ms cold, ` +
        `${ramMs.toFixed(0)} ms from memory (${percent(rest.ramOverCold)}), ` +
        `${diskMs.toFixed(0)} ms from disk (${percent(rest.diskOverCold)})`,
    );
  }
}

await main();
