// `npm run bench:synth`: what the synthesis studio makes and what serving it costs, beside what was to be
// reached. With --corpus its counts and evidence are of that corpus; else a small one is built, and times
// are reckoned up and labelled so. Options: `-- --help`.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { corpusFigures, sampleFigures } from './synth/build-figures.js';
import type { Figures } from './synth/figures.js';
import { HELP, parseOptions } from './synth/options.js';
import { toJson, toTable } from './synth/report.js';
import { serveFigures } from './synth/serve-figures.js';
import { writeFixtureCorpus } from '../test/helpers/synth-corpus.js';

const start = performance.now();
const seconds = (): number => Math.round((performance.now() - start) / 1000);
const say = (line: string): void =>
  void process.stderr.write(`${String(seconds()).padStart(5)} s  ${line}\n`);

const options = parseOptions(process.argv.slice(2));
if (options.isHelp) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const { corpus, parts, sample, effort, isQuick } = options;
  const made: string[] = [];
  let folder = corpus;
  let figures: Figures = {};
  try {
    if (parts.has('build')) {
      if (corpus === undefined) {
        made.push((folder = mkdtempSync(join(tmpdir(), 'hadal-bench-synth-'))));
        figures = await sampleFigures(folder, sample, say);
      } else figures = await corpusFigures(corpus);
    }
    if (folder === undefined) {
      // Serving alone needs no tasks that passed gates.
      made.push((folder = writeFixtureCorpus({ numTasks: 400, numEnvironments: 50 }).folder));
    }
    if (parts.has('serve')) figures = { ...figures, ...(await serveFigures(folder, effort, say)) };
    const source = corpus ?? (parts.has('build') ? 'a sample build' : 'a corpus made by hand');
    const info = { corpus: source, seconds: seconds(), isQuick };
    const report = options.isJson ? JSON.stringify(toJson(figures, info)) : toTable(figures, info);
    process.stdout.write(`${report}\n`);
  } finally {
    for (const path of made) rmSync(path, { recursive: true });
  }
}
