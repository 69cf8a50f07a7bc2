// Runs compiled tests with node:test. `--slow` runs *.slow.test.js only; other arguments are
// substrings that select files: `node scripts/test.mjs encoding`.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const args = process.argv.slice(2);
const slow = args.includes('--slow');
const filters = args.filter((arg) => !arg.startsWith('--'));

const sourceOf = (path) => path.replace(/^dist[/\\]/, '').replace(/\.js$/, '.ts');

function* testFiles(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* testFiles(path);
    // A test whose source is gone may still lie in dist.
    else if (entry.name.endsWith('.test.js') && existsSync(sourceOf(path))) yield path;
  }
}

const files = [...testFiles('dist')]
  .filter((file) => file.endsWith('.slow.test.js') === slow)
  .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))
  .toSorted();
if (files.length === 0) {
  console.error('no test file matches');
  process.exit(1);
}
// A file that waits for what never comes is ended and named, and the others still run.
const limitMs = (slow ? 60 : 10) * 60_000;
const flags = ['--test', '--test-concurrency=2', `--test-timeout=${limitMs}`];
const run = spawnSync(process.execPath, [...flags, ...files], { stdio: 'inherit' });
process.exit(run.status ?? 1);
