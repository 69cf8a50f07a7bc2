// Time to the first token of a long prompt, computed, from memory, and from disk after a restart; what
// is measured and how: engine/cached-prompt.ts.
//
//   npm run bench:cache -- [--json] [--quick] [--threads N] [--model file.gguf] [--tokens N]
//
// Without --model it measures a random model of the `bench` preset (8192 tokens) and the embedded one
// (as many tokens as its context holds).

import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { requireEmbeddedModel } from '../src/model-location.js';
import { presetConfig } from '../src/model/presets.js';
import { writeRandomModel } from '../src/model/random.js';
import { measureCachedPrompt, type CachedPrompt } from './engine/cached-prompt.js';

const LONG_PROMPT = 8192;

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
    const results: CachedPrompt[] = [];
    for (const modelPath of paths) {
      results.push(await measureCachedPrompt({ modelPath, threads, maxTokens, repeats }));
    }
    report(results, { isJson: values.json, threads, repeats });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function report(
  results: readonly CachedPrompt[],
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
