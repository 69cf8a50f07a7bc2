// The end-to-end tests with real clients (npm run test:clients): installs the pinned programs when
// they are not there, 1.4 GB, then runs every compiled test of this folder, slow ones included.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = dirname(fileURLToPath(import.meta.url));
const compiled = join(folder, '..', '..', 'dist', 'test', 'clients');

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

function isInstalled() {
  const { dependencies } = readJson(join(folder, 'package.json'));
  return Object.entries(dependencies).every(([name, version]) => {
    const path = join(folder, 'node_modules', name, 'package.json');
    return existsSync(path) && readJson(path).version === version;
  });
}

function run(program, args) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

if (!isInstalled()) {
  console.log('installing the clients of test/clients (1.4 GB)');
  run('npm', ['ci', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel', 'error']);
}
const tests = readdirSync(compiled).filter(
  (name) => name.endsWith('.test.js') && existsSync(join(folder, name.replace(/\.js$/, '.ts'))),
);
run(process.execPath, [
  '--test',
  '--test-concurrency=1',
  ...tests.toSorted().map((name) => join(compiled, name)),
]);
