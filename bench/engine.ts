// `npm run bench:engine`: speed of the engine against llama.cpp (node-llama-cpp) on the same GGUF file,
// on random weights of the `bench` preset and on the embedded checkpoint. What is measured and how is
// said beside every figure; the parts are in engine/. Options: `-- --help`.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { requireEmbeddedModel } from '../src/model-location.js';
import { presetConfig } from '../src/model/presets.js';
import { writeRandomModel } from '../src/model/random.js';
import { measureBatch, measureFirstToken } from './engine/engine-figures.js';
import { measureDrafts } from './engine/draft-figure.js';
import { KEYS, type Figures, type Key } from './engine/figures.js';
import { measureEventLoop } from './engine/loop-figure.js';
import { measureModel } from './engine/model-figures.js';
import { HELP, parseOptions } from './engine/options.js';
import { profile } from './engine/profile.js';
import { profileTable, toJson, toTable, type Measured } from './engine/report.js';
import { QUICK, subjectOf, type Session, type Subject } from './engine/subject.js';

/** Name of the model with random weights, which the targets are about. */
const RANDOM = 'bench';

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.isHelp) {
    process.stdout.write(HELP);
    return;
  }
  const start = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-'));
  const seconds = (): number => (performance.now() - start) / 1000;
  const say = (line: string): void => {
    process.stderr.write(`${seconds().toFixed(0).padStart(5)} s  ${line}\n`);
  };
  const { clock, threads, effort } = options;
  const session: Session = { clock, threads, effort, folder, say };
  try {
    if (options.isProfile) {
      const [subject] = await subjects(options.modelPath, session);
      const profiles = await profile(subject!, session);
      console.log(options.isJson ? JSON.stringify(profiles) : profileTable(profiles));
      return;
    }
    const measured: Measured[] = [];
    for (const subject of await subjects(options.modelPath, session)) {
      measured.push(await measure(subject, options.keys, session));
    }
    // Neither a figure against a peer nor of one model: only whole runs have it.
    const isWhole = options.modelPath === undefined && options.keys.size === KEYS.length;
    if (isWhole) say('event loop under 32 streams');
    const loop = isWhole ? await measureEventLoop(threads, effort.loopSeconds) : undefined;
    const info = { clock, threads, isQuick: effort === QUICK, seconds: seconds(), loop };
    console.log(options.isJson ? JSON.stringify(toJson(measured, info)) : toTable(measured, info));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function subjects(
  modelPath: string | undefined,
  { folder, say }: Session,
): Promise<Subject[]> {
  if (modelPath !== undefined) return [subjectOf('model', modelPath)];
  const random = join(folder, 'random-bench.gguf');
  say('writing a random model of the bench preset (q8_0)');
  await writeRandomModel(random, { config: presetConfig('bench'), seed: 1, type: 'q8_0' });
  return [subjectOf(RANDOM, random), subjectOf('embedded', requireEmbeddedModel().modelPath)];
}

async function measure(
  subject: Subject,
  keys: ReadonlySet<Key>,
  session: Session,
): Promise<Measured> {
  const contexts = await measureModel(subject, keys, session);
  const figures: Figures = { ...contexts?.figures };
  if (keys.has('batch8_decode_vs_single')) {
    figures.batch8_decode_vs_single = await measureBatch(subject, session);
  }
  const firstTokenKeys = ['ttft_hit_ram_vs_cold_8k', 'ttft_hit_disk_vs_cold_8k'] as const;
  if (firstTokenKeys.some((key) => keys.has(key))) {
    const both = await measureFirstToken(subject, session);
    for (const key of firstTokenKeys) if (keys.has(key)) figures[key] = both[key];
  }
  // Random weights predict nothing.
  if (keys.has('mtp_speedup') && subject.name !== RANDOM) {
    figures.mtp_speedup = await measureDrafts(subject, session);
  }
  return { name: subject.name, figures, ...(contexts && { contexts }) };
}

await main();
