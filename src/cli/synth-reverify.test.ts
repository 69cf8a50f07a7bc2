// Stored rollouts judged again, as a process: a line for a line; programs in them run in locked processes,
// and where there are none such rollouts alone are not judged.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { someCodeTask } from '../../test/helpers/code-task.js';
import { openProcessSandbox } from '../sandbox/process-sandbox.js';
import { CorpusWriter } from '../synth/corpus-writer.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'hadal-synth-reverify-'));
after(() => rmSync(root, { recursive: true }));
const folder = join(root, 'corpus');
const { env, programs, pair, other, otherDone, solution, spoilt } = await someCodeTask();
const writer = new CorpusWriter(folder);
writer.writeEnvironment(env);
writer.writeTasks('0000', [pair, other]);
writer.finish();
const probe = await openProcessSandbox({ ready: 0 });
const skip = probe.isAvailable ? false : JSON.stringify(probe.describe());
await probe.close();

interface Answer {
  readonly reward?: 0 | 1;
  readonly error?: string;
}

const file = join(root, 'rollouts.jsonl');
/** Before $PATH: tools that lock nothing up. */
const broken = join(root, 'bin');
mkdirSync(broken);
for (const tool of ['bwrap', 'unshare']) {
  writeFileSync(join(broken, tool), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
}

async function reverify(
  rollouts: readonly (object | string)[],
  { hasWalls = true, overStdin = false } = {},
) {
  const lines = rollouts.map((one) => (typeof one === 'string' ? one : JSON.stringify(one)));
  const text = `${lines.join('\n')}\n\n`;
  writeFileSync(file, text);
  const path = process.env['PATH'] ?? '';
  const env = { ...process.env, PATH: hasWalls ? path : `${broken}:${path}` };
  const args = ['synth', 'reverify', folder, ...(overStdin ? [] : [file])];
  const child = spawn(process.execPath, [MAIN, ...args], { env });
  child.stdin.end(overStdin ? text : '');
  let [out, err] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  const answers = out.trimEnd().split('\n');
  return { code, err, answers: answers.map((line) => JSON.parse(line) as Answer) };
}

const repaired = { task_key: pair.task.key, calls: solution };
const hostile = {
  task_key: pair.task.key,
  calls: [{ tool: programs.replaceTool, arguments: spoilt('for (;;) Array(4e9).indexOf(0);') }],
};

test('a line for a line, programs and endless programs among them', { skip }, async () => {
  const good = await reverify([otherDone, hostile, repaired, { task_key: other.task.key }]);
  assert.equal(good.code, 0, good.err);
  assert.deepEqual(
    good.answers.map(({ reward }) => reward),
    [1, 0, 1, 0],
  );
});

test('where nothing locks programs up, they are not run, and the rest is judged', async () => {
  const { code, err, answers } = await reverify([repaired, otherDone, hostile, 'no rollout'], {
    hasWalls: false,
    overStdin: true,
  });
  assert.equal(code, 1);
  assert.deepEqual(
    answers.map(({ reward }) => reward),
    [undefined, 1, undefined, undefined],
  );
  for (const at of [0, 2])
    assert.match(answers[at]!.error!, /untrusted code is not run.*does not start/);
  assert.match(err, /3 of 4 rollouts were not judged/);
});
