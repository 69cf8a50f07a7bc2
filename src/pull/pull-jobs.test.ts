// Pulls in the background: what is refused at once, and what the log learns of a source.

import assert from 'node:assert/strict';
import test from 'node:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PullError } from './pull-error.js';
import { PullJobs } from './pull-jobs.js';
import { DEFAULT_ENDPOINTS } from './pull-source.js';

test('no source is refused in words; of a signed address the log has no signature', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-jobs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const logged: string[] = [];
  const jobs = new PullJobs({
    folder,
    endpoints: DEFAULT_ENDPOINTS,
    token: undefined,
    architectures: [],
    problemOf: () => undefined,
    log: (_, message, fields) => logged.push(`${message} ${JSON.stringify(fields)}`),
    now: () => 0,
  });
  for (const source of [
    'https://example.com/%zz.gguf',
    'https://huggingface.co/a/%ff',
    'hf:../..',
  ]) {
    assert.throws(() => jobs.start(source), PullError, source);
  }
  jobs.start('http://127.0.0.1:1/a.gguf?signature=s3cret');
  await jobs.close();
  assert.equal(logged.length, 2);
  assert.doesNotMatch(logged.join('\n'), /s3cret/);
});
