// The command as a process: a corpus with flaws is told and fails, as a table and as JSON.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeFixtureCorpus } from '../../test/helpers/synth-corpus.js';
import type { AuditReport } from '../synth/audit/audit-corpus.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const { folder } = writeFixtureCorpus();
after(() => rmSync(folder, { recursive: true }));

const audit = (...args: readonly string[]) =>
  spawnSync(process.execPath, [MAIN, 'synth', 'audit', ...args], { encoding: 'utf8' });

test('what is wrong with a corpus is told, with exit code 1', () => {
  const table = audit(folder);
  assert.equal(table.status, 1, table.stderr);
  assert.match(table.stdout, /^1 environments, 8 tasks/);
  assert.match(table.stdout, /FAIL {2}leakage/);
  assert.match(table.stdout, /FAIL {2}evidence/);
  const json = audit(folder, '--json', '--sample', '0');
  const report = JSON.parse(json.stdout) as AuditReport;
  assert.equal(json.status, 1);
  assert.equal(report.tasks, 8);
  assert.ok(report.checks.some(({ id, ok }) => id === 'readable' && ok));
});

test('a folder that is no corpus', () => {
  const { status, stderr } = audit(`${folder}/tasks`);
  assert.equal(status, 1);
  assert.match(stderr, /is no corpus/);
});
