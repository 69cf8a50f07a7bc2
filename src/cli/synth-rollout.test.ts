// The command as a process against a scripted endpoint: rows, figures, a second run that goes on where the
// first was cut off and asks for nothing twice, and a key that is written nowhere.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { referenceAgent, startChat, type ScriptedAnswer } from '../../test/helpers/chat-script.js';
import { writeFixtureCorpus } from '../../test/helpers/synth-corpus.js';
import type { RolloutRow } from '../synth/serve/rollout-loop-row.js';
import { passAtK } from '../synth/serve/rollout-loop-summary.js';

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const KEY = 'sk-endpoint-secret-0002';

async function rollout(...args: readonly string[]) {
  const env = { ...process.env, HADAL_ENDPOINT_KEY: KEY };
  const child = spawn(process.execPath, [MAIN, 'synth', 'rollout', ...args], { env });
  let [out, err] = ['', ''];
  child.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (err += piece.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

test('writes rows and figures, goes on where it was cut off, and asks for nothing twice', async (t) => {
  const { folder, pairs } = writeFixtureCorpus();
  t.after(() => rmSync(folder, { recursive: true }));
  const reference = referenceAgent(pairs);
  let isDown = true;
  const chat = await startChat(t, (request): ScriptedAnswer => {
    const { content } = request.messages[1]!;
    if (isDown && content === pairs[2]!.task.request) return { status: 400 };
    // Of the two samples of a task, the one with the higher seed gives up.
    return request['seed'] === 1 ? { message: { content: '' } } : reference(request);
  });
  const out = join(folder, 'rows.jsonl');
  const args = [folder, '--base-url', chat.baseUrl, '--model', 'm', '--tasks', '4'];
  args.push('--group-size', '2', '--sampling', '{"seed":0}', '--out', out);
  const first = await rollout(...args);
  assert.equal(first.code, 1, first.err);
  assert.match(
    first.out,
    /^tasks +4\nsamples +8 \(2 errors, 0 truncated\)\npass@1 +50\.0 % ± 0\.0/,
  );
  assert.match(first.out, /pass@2 +100\.0 % over 3 tasks/);
  assert.match(first.err, /8\/8 rollouts, 3 passed, 2 errors/);
  const lines = readFileSync(out, 'utf8').trimEnd().split('\n');
  assert.equal(lines.length, 8);
  // Cut off in the middle of the last line.
  writeFileSync(out, `${lines.slice(0, 7).join('\n')}\n${lines[7]!.slice(0, 100)}`);
  isDown = false;
  const kept = lines.slice(0, 7).filter((line) => (JSON.parse(line) as RolloutRow).error === null);
  const before = chat.asked.length;
  const second = await rollout(...args, '--resume', '--json');
  assert.equal(second.code, 0, second.err);
  const summary = JSON.parse(second.out) as { samples: number; errors: number };
  assert.equal(summary.samples, 8);
  assert.equal(summary.errors, 0);
  const rows = readFileSync(out, 'utf8').trimEnd().split('\n');
  assert.deepEqual(rows.slice(0, kept.length), kept);
  const redone = rows.slice(kept.length).map((line) => JSON.parse(line) as RolloutRow);
  const turns = redone.reduce((sum, row) => sum + row.usage.turns, 0);
  assert.equal(chat.asked.length - before, turns);
  assert.equal(new Set(rows.map((line) => (JSON.parse(line) as RolloutRow).id)).size, 8);
  const written = [first.out, first.err, second.out, second.err, ...rows].join('');
  assert.ok(!written.includes(KEY));
  assert.ok(chat.headers.every(({ authorization }) => authorization === `Bearer ${KEY}`));
  const again = await rollout(...args);
  assert.equal(again.code, 1);
  assert.match(again.err, /is there: go on with --resume/);
  const wrong = await rollout(...args, '--sampling', '{"n":2}');
  assert.equal(wrong.code, 2);
});

test('pass@k is the unbiased estimate', () => {
  assert.equal(passAtK(4, 1, 1), 0.25);
  assert.equal(passAtK(4, 1, 4), 1);
  assert.equal(passAtK(4, 0, 2), 0);
  assert.ok(Math.abs(passAtK(4, 2, 2) - 5 / 6) < 1e-12);
});
