// `node dist/bench/synth.js [--json] [--envs N] [--tasks-per-env M] [--workers W] [--seed S]`: what building
// and serving a corpus costs. Builds a small corpus with all gates, then runs synth-serve.ts over it.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildCorpus } from '../src/synth/build/build-corpus.js';
import { ProgressView } from '../src/synth/build/progress-view.js';
import { ProcessPool } from '../src/synth/build/worker-pool.js';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    envs: { type: 'string', default: '32' },
    'tasks-per-env': { type: 'string', default: '12' },
    workers: { type: 'string', default: String(availableParallelism()) },
    seed: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '5' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'hadal-bench-synth-'));
const pool = new ProcessPool(Number(options.workers));
try {
  const report = { ...(await build()), serve: serve() };
  process.stdout.write(
    options.json
      ? `${JSON.stringify(report)}\n`
      : Object.entries(report)
          .map(([name, value]) => `${name.padEnd(28)} ${JSON.stringify(value)}\n`)
          .join(''),
  );
} finally {
  pool.close();
  rmSync(folder, { recursive: true });
}

async function build(): Promise<object> {
  const view = new ProgressView(process.stderr, () => performance.now());
  const began = performance.now();
  let chosen = began;
  const { manifest } = await buildCorpus({
    folder,
    environments: Number(options.envs),
    tasksPerEnvironment: Number(options['tasks-per-env']),
    seed: Number(options.seed),
    pool,
    onProgress(progress) {
      if (progress.phase === 'environments') chosen = performance.now();
      view.update(progress);
    },
  });
  const ended = performance.now();
  pool.close();
  const { environments, tasks, corpus_hash: hash, gates, environments_refused: refused } = manifest;
  const rate = (count: number, ms: number): number => Number(((1000 * count) / ms).toFixed(2));
  return {
    environments,
    tasks,
    corpus_hash: hash,
    workers: pool.size,
    build_seconds: Number(((ended - began) / 1000).toFixed(1)),
    environments_per_second: rate(environments, chosen - began),
    tasks_per_second: rate(tasks, ended - chosen),
    environments_refused: refused,
    gates,
  };
}

function serve(): unknown {
  const bench = fileURLToPath(new URL('./synth-serve.js', import.meta.url));
  const args = [bench, '--json', '--corpus', folder, '--seconds', options.seconds];
  const out = execFileSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(out.toString()) as unknown;
}
