// The command as a process: a model behind an endpoint proposes, tries its own tasks, and the transcript
// makes the same corpus without it; the corpus serves and exports like any other.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { startChat } from '../../test/helpers/chat-script.js';
import { scriptedProposer } from '../../test/helpers/scripted-proposer.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));

async function synth(...args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, 'synth', ...args]);
  let [out, err] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

test('proposes, replays and exports', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'hadal-synth-propose-'));
  t.after(() => rmSync(root, { recursive: true }));
  const answer = scriptedProposer();
  const chat = await startChat(t, (request) => {
    // With tools it is a rollout of the task: this agent gives up.
    if (request.tools) return { message: { content: 'I give up.' } };
    return { message: { content: answer(request.messages) } };
  });
  const first = join(root, 'first');
  const args = ['--envs', '1', '--tasks', '1', '--seed', '1'];
  const model = ['--base-url', chat.baseUrl, '--model', 'm'];
  const made = await synth('propose', '--out', first, ...args, ...model);
  assert.equal(made.code, 0, made.out + made.err);
  assert.match(made.out, /^1 environments, 1 tasks in /);
  assert.match(made.out, /accepted tasks: 1, \d+ tokens each/);
  const [hash] = /[0-9a-f]{64}/.exec(made.out)!;
  const numAsked = chat.asked.length;
  const transcript = join(first, 'transcript.jsonl');
  const again = await synth(
    'propose',
    '--out',
    join(root, 'again'),
    ...args,
    '--replay',
    transcript,
  );
  assert.equal(again.code, 0, again.err);
  assert.ok(again.out.includes(hash!));
  assert.equal(chat.asked.length, numAsked);
  const out = join(root, 'rows.jsonl');
  const exported = await synth('export', first, '--format', 'nemo-gym', '--out', out);
  assert.match(exported.out, /^1 tasks written/, exported.err);
  assert.equal(readFileSync(out, 'utf8').trimEnd().split('\n').length, 1);
  assert.equal((await synth('propose', '--out', first, ...args, ...model)).code, 1);
  assert.equal((await synth('propose', '--out', join(root, 'x'), ...args)).code, 2);
});

test('a task that nobody solves is not kept', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'hadal-synth-band-'));
  t.after(() => rmSync(root, { recursive: true }));
  const answer = scriptedProposer();
  const chat = await startChat(t, (request) => ({
    message: { content: request.tools ? 'I give up.' : answer(request.messages) },
  }));
  const args = ['--out', join(root, 'corpus'), '--tasks', '1', '--samples', '2'];
  const made = await synth('propose', ...args, '--base-url', chat.baseUrl, '--model', 'm');
  assert.equal(made.code, 1, made.err);
  assert.match(made.out, /ended at +band 3/);
  assert.match(made.out, /samples +3 /);
});

test('where nothing locks programs up, nothing is asked', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'hadal-synth-no-walls-'));
  t.after(() => rmSync(root, { recursive: true }));
  for (const tool of ['bwrap', 'unshare']) {
    writeFileSync(join(root, tool), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  }
  const chat = await startChat(t, () => ({ message: { content: 'no' } }));
  const { PATH: path } = process.env;
  process.env['PATH'] = `${root}:${path ?? ''}`;
  t.after(() => (process.env['PATH'] = path));
  const out = join(root, 'corpus');
  const made = await synth('propose', '--out', out, '--base-url', chat.baseUrl, '--model', 'm');
  assert.equal(made.code, 1);
  assert.match(made.err, /untrusted code is not run on this machine.*does not start here/);
  assert.equal(chat.asked.length, 0);
  assert.equal(existsSync(out), false);
});
