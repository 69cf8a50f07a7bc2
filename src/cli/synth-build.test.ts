// The command as a process: a corpus, a summary, a page; a second build in the same folder is refused.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'hadal-synth-build-'));
after(() => rmSync(root, { recursive: true }));

function build(...args: readonly string[]) {
  const sizes = ['--envs', '2', '--tasks-per-env', '2', '--workers', '1'];
  const all = [MAIN, 'synth', 'build', '--out', join(root, 'corpus'), ...sizes, ...args];
  return spawnSync(process.execPath, all, { encoding: 'utf8' });
}

test('builds, says what it built, resumes, and refuses to mix builds', () => {
  const first = build();
  assert.equal(first.status, 0, first.stderr);
  assert.match(first.stdout, /^2 environments, 4 tasks/);
  assert.match(first.stderr, /tasks 4\/4/);
  const [hash] = /[0-9a-f]{64}/.exec(first.stdout)!;
  assert.ok(readFileSync(join(root, 'corpus/report.html'), 'utf8').includes(hash));
  assert.ok(existsSync(join(root, 'corpus/manifest.json')));
  assert.ok(build('--resume').stdout.includes(hash));
  const second = build();
  assert.equal(second.status, 1);
  assert.match(second.stderr, /has a build in it/);
});

test('wrong usage', () => {
  assert.equal(build('--envs', '0').status, 2);
  assert.equal(build('--workers', 'many').status, 2);
});
