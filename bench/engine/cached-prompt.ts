// Time to the first token of a long prompt with the context cache: from memory, and from disk after a
// restart of the engine, against computing it (cold), over the engine process as the server uses it.
// The prompt is new in the cold run and the same in the others; the smallest hit leaves 1 to 64 of
// its tokens to compute. The page cache is warm: a disk hit is what a restart finds.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { tokenTableOf } from '../../src/chat/token-table.js';
import { EngineBackend } from '../../src/engine/engine-backend.js';
import { loadTokenizerFor } from '../../src/model-location.js';
import { median } from './samples.js';

/** Left for the reply and for the warm-up prompt's shape. */
const RESERVED_TOKENS = 32;

export interface CachedPromptOptions {
  modelPath: string;
  threads: number;
  maxTokens: number;
  repeats: number;
}

export interface CachedPrompt {
  model: string;
  promptTokens: number;
  coldMs: number;
  ramMs: number;
  diskMs: number;
  hitTokens: number;
  ramOverCold: number;
  diskOverCold: number;
}

interface FirstToken {
  ms: number;
  hitTokens: number;
}

/** @throws Error when a run did not hit what it should have */
export async function measureCachedPrompt({
  modelPath,
  threads,
  maxTokens,
  repeats,
}: CachedPromptOptions): Promise<CachedPrompt> {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-cache-'));
  const tokenTable = tokenTableOf(loadTokenizerFor(modelPath));
  const start = (): Promise<EngineBackend> =>
    EngineBackend.start({
      source: { path: modelPath, device: 'auto', threads },
      tokenTable,
      cache: { folder },
    });
  let backend = await start();
  try {
    const { id, contextLength, vocabSize } = backend.cards()[0]!;
    const numTokens = Math.min(maxTokens, contextLength - RESERVED_TOKENS);
    const prompt = randomTokens(numTokens, vocabSize);
    await firstToken(backend, randomTokens(RESERVED_TOKENS, vocabSize)); // pages the weights in
    const cold = await firstToken(backend, prompt);
    const ram: FirstToken[] = [];
    const disk: FirstToken[] = [];
    for (let i = 0; i < repeats; i++) ram.push(await firstToken(backend, prompt));
    for (let i = 0; i < repeats; i++) {
      await backend.dispose();
      backend = await start();
      await firstToken(backend, randomTokens(RESERVED_TOKENS, vocabSize));
      disk.push(await firstToken(backend, prompt));
    }
    requireHits([...ram, ...disk], numTokens);
    const ramMs = median(ram.map(({ ms }) => ms));
    const diskMs = median(disk.map(({ ms }) => ms));
    return {
      model: id,
      promptTokens: numTokens,
      coldMs: cold.ms,
      ramMs,
      diskMs,
      hitTokens: ram[0]!.hitTokens,
      ramOverCold: ramMs / cold.ms,
      diskOverCold: diskMs / cold.ms,
    };
  } finally {
    await backend.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs until the first token and leaves. */
async function firstToken(backend: EngineBackend, promptTokens: Int32Array): Promise<FirstToken> {
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
    if (event.type === 'prefill-progress') hitTokens = event.cacheHitTokens ?? hitTokens;
    if (event.type === 'token') return { ms: performance.now() - start, hitTokens };
  }
  throw new Error('the engine gave no token');
}

/** New in every run: nothing of an earlier one may be in a cache. */
function randomTokens(count: number, vocabSize: number): Int32Array {
  return Int32Array.from({ length: count }, () => Math.floor(Math.random() * vocabSize));
}

/** A bench of hits that measures misses would look like a slow cache. */
function requireHits(runs: readonly FirstToken[], promptTokens: number): void {
  const expected = Math.floor((promptTokens - 1) / 64) * 64;
  const missed = runs.find(({ hitTokens }) => hitTokens !== expected);
  if (missed) throw new Error(`a run hit ${missed.hitTokens} tokens; expected ${expected}`);
}
