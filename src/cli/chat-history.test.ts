import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { historyPath, readHistory, writeHistory } from './chat-history.js';

test('the file is in the state folder; an empty variable counts as unset', () => {
  assert.equal(historyPath({ XDG_STATE_HOME: '/s' }), join('/s', 'hadal', 'chat-history'));
  const fallback = join(homedir(), '.local', 'state', 'hadal', 'chat-history');
  assert.equal(historyPath({}), fallback);
  assert.equal(historyPath({ XDG_STATE_HOME: '' }), fallback);
});

test('lines come back newest first, the newest 500, for this user only', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-history-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'deep', 'chat-history');
  const lines = Array.from({ length: 600 }, (_, index) => `line ${index}`);
  assert.deepEqual(readHistory(path), []);
  assert.ok(writeHistory(path, lines));
  assert.deepEqual(readHistory(path), lines.slice(0, 500));
  if (process.platform !== 'win32') assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('a folder that cannot be made loses the history and nothing else', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-history-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'file'), '');
  assert.equal(writeHistory(join(folder, 'file', 'chat-history'), ['x']), false);
});
