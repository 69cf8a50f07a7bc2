#!/usr/bin/env node
// Launcher. An installed package carries dist/; in a clone it is built on first use, and again
// whenever a source file is newer than the last build.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const main = join(root, 'dist/src/cli/main.js');

function newestSource(folder) {
  let newest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    newest = Math.max(newest, entry.isDirectory() ? newestSource(path) : statSync(path).mtimeMs);
  }
  return newest;
}

function isStale() {
  if (!existsSync(join(root, 'src'))) return false;
  const stamp = join(root, 'dist/.tsbuildinfo');
  if (!existsSync(main) || !existsSync(stamp)) return true;
  return newestSource(join(root, 'src')) > statSync(stamp).mtimeMs;
}

/** The page: built with the program, and again when its sources are newer. */
function isSiteStale() {
  const page = join(root, 'dist/site/index.html');
  if (!existsSync(join(root, 'web/src'))) return false;
  return !existsSync(page) || newestSource(join(root, 'web/src')) > statSync(page).mtimeMs;
}

if (isStale()) {
  process.stderr.write('hadal: building from source...\n');
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  if (!existsSync(tsc)) {
    process.stderr.write('hadal: TypeScript is not installed; run `npm ci` first\n');
    process.exit(1);
  }
  const build = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.json')], {
    stdio: ['ignore', 2, 2],
  });
  if (build.status !== 0) process.exit(1);
}
if (process.argv[2] === 'serve' && isSiteStale()) {
  process.stderr.write('hadal: building the page...\n');
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  for (const step of [
    [vite, 'build', 'web', '--logLevel', 'warn'],
    ['scripts/build-docs.mjs'],
    ['scripts/compress-site.mjs'],
  ]) {
    const options = { cwd: root, stdio: ['ignore', 2, 2] };
    if (spawnSync(process.execPath, step, options).status !== 0) process.exit(1);
  }
}
await import(new URL('../dist/src/cli/main.js', import.meta.url).href);
