// Runs the compiled browser tests one file after the other: they measure times on the machine's few
// cores. Arguments are substrings that select files: `node scripts/test-browser.mjs chat`.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const folder = join('dist', 'test', 'browser');
const filters = process.argv.slice(2);
const files = readdirSync(folder)
  .filter((name) => name.endsWith('.browser.js'))
  // A test whose source is gone may still lie in dist.
  .filter((name) => existsSync(join('test', 'browser', name.replace(/\.js$/, '.ts'))))
  .filter((name) => filters.length === 0 || filters.some((filter) => name.includes(filter)))
  .map((name) => join(folder, name))
  .toSorted();
if (files.length === 0) {
  console.error('no browser test matches');
  process.exit(1);
}
const flags = ['--test', '--test-concurrency=1', `--test-timeout=${5 * 60_000}`];
const run = spawnSync(process.execPath, [...flags, ...files], { stdio: 'inherit' });
process.exit(run.status ?? 1);
