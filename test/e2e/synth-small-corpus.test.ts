// A small corpus from end to end, as its users have it: 50 environments and 1,000 tasks through every
// gate, then every task judged again by another process, from the files alone: its reference is right,
// and having done nothing is wrong.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { BuildManifest } from '../../src/synth/build/build-corpus.js';
import { checkCorpus } from '../../src/synth/corpus-writer.js';
import { openCorpus, type CorpusStore } from '../../src/synth/corpus.js';
import { loadEnvironment } from '../../src/synth/load-environment.js';
import { loadProgramRunner } from '../../src/synth/programs/program-runner.js';
import { replay } from '../../src/synth/replay.js';
import { Session } from '../../src/synth/tools/session.js';

const MAIN = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));
const SIZE = { environments: 50, tasksPerEnvironment: 20 };
const GATES = ['G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8'];
const root = mkdtempSync(join(tmpdir(), 'hadal-small-corpus-'));
const folder = join(root, 'corpus');
before(loadProgramRunner);
after(() => rmSync(root, { recursive: true }));

function hadal(...args: readonly string[]) {
  const options = { encoding: 'utf8', maxBuffer: 64 << 20 } as const;
  return spawnSync(process.execPath, [MAIN, 'synth', ...args], options);
}

let manifest: BuildManifest;

test('50 environments and 1,000 tasks are built by two workers', () => {
  const sizes = [
    '--envs',
    `${SIZE.environments}`,
    '--tasks-per-env',
    `${SIZE.tasksPerEnvironment}`,
  ];
  const began = performance.now();
  const built = hadal('build', '--out', folder, ...sizes, '--seed', '5', '--workers', '2');
  assert.equal(built.status, 0, built.stderr);
  // A minute on two cores of one's own; a machine that does other things besides may take longer.
  assert.ok(performance.now() - began < 5 * 60_000);
  manifest = checkCorpus(folder) as BuildManifest;
  assert.equal(manifest.environments, SIZE.environments);
  assert.equal(manifest.tasks, SIZE.environments * SIZE.tasksPerEnvironment, built.stderr);
  const { soundness, statistics, skeletons } = manifest;
  assert.deepEqual([soundness.false_accepts, soundness.false_rejects], [0, 0]);
  assert.ok(soundness.wrong_attempts >= 20 * manifest.tasks);
  for (const agent of ['A0', 'A1', 'A2', 'A3', 'A4']) {
    assert.equal(statistics.ladder[agent]?.highest, 0, agent);
  }
  assert.ok(statistics.ladder['A5']!.highest <= 10);
  assert.equal(statistics.ladder['A7']?.mean, 100);
  assert.ok(skeletons.largest.tasks <= manifest.tasks * 0.005);
  for (const [family, { tasks }] of Object.entries(statistics.families)) {
    assert.ok(tasks <= manifest.tasks * 0.2, `${family}: ${tasks}`);
  }
});

test('every task has the evidence of every gate', () => {
  const rows = manifest.files
    .filter(({ path }) => path.startsWith('gates/'))
    .flatMap(({ path }) => readFileSync(join(folder, path), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as { outcome: string; hash: string; gates: { gate: string }[] })
    .filter(({ outcome }) => outcome === 'accepted');
  const store = openCorpus(folder);
  const hashes = [...store.taskKeys()].map((key) => store.task(key)!.hash);
  assert.deepEqual(rows.map(({ hash }) => hash).toSorted(), hashes.toSorted());
  for (const { gates } of rows)
    assert.deepEqual(
      gates.map(({ gate }) => gate),
      GATES,
    );
});

test('another process gives every reference 1, and doing nothing 0', () => {
  const store = openCorpus(folder);
  const keys = [...store.taskKeys()];
  const references = keys.map((key) => reference(store, key));
  const idle = keys.map((key) => ({ task_key: key, calls: [] }));
  assert.deepEqual(new Set(rewards(references)), new Set([1]));
  assert.deepEqual(new Set(rewards(idle)), new Set([0]));
});

/** The reference solution as a rollout that somebody has stored. */
function reference(store: CorpusStore, key: string): object {
  const task = store.task(key)!;
  const { solution } = store.privateTask(key)!;
  const loaded = loadEnvironment(store.environment(task.envId)!);
  const session = new Session(loaded, task.patch, task.submissionSchema);
  const { finalMessage } = replay(solution, session);
  const calls = session.calls.map(({ tool, arguments: args }) => {
    const side = loaded.tools.get(tool)?.side;
    return { tool, arguments: args, ...(side === 'user' && { side }) };
  });
  return {
    task_key: key,
    calls,
    messages: [{ role: 'assistant', content: finalMessage }],
    ...(session.submission !== undefined && { submission: session.submission }),
  };
}

function rewards(rollouts: readonly object[]): number[] {
  const file = join(root, 'rollouts.jsonl');
  writeFileSync(file, rollouts.map((one) => `${JSON.stringify(one)}\n`).join(''));
  const judged = hadal('reverify', folder, file);
  assert.equal(judged.status, 0, judged.stderr || judged.stdout.slice(0, 1000));
  const lines = judged.stdout.trimEnd().split('\n');
  assert.equal(lines.length, rollouts.length);
  return lines.map((line) => (JSON.parse(line) as { reward: number }).reward);
}
