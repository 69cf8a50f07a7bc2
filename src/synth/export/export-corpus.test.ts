// A thousand tasks through every format and back: same keys, hashes, prompts and tools. What teaches the
// solution is accepted by the verifier; what does not has no word of it.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { MARKER, writeFixtureCorpus } from '../../../test/helpers/synth-corpus.js';
import { openCorpus, type CorpusStore } from '../corpus.js';
import { Environments } from '../serve/environments.js';
import { reverify, type StoredRollout } from '../serve/judge.js';
import type { PublicTask } from '../task-types.js';
import { EXPORT_FORMATS, exportCorpus, ROW_FORMATS } from './export-corpus.js';
import { ImportError } from './export-format.js';
import { partName, readPart } from './parquet.js';

const NUM_TASKS = 1000;
/** Fields that no format can read. */
const BROKEN = { info: '{', nodes: 7, responses_create_params: {}, messages: [] };
const { folder, pairs } = writeFixtureCorpus({ numTasks: NUM_TASKS, numEnvironments: 3 });
const out = mkdtempSync(join(tmpdir(), 'hadal-export-'));
const store = openCorpus(folder);
after(() => {
  for (const path of [folder, out]) rmSync(path, { recursive: true });
});

interface Row {
  messages: { role: string; content: string; weight?: number }[];
  nodes: { message: object }[];
  task: { key: string };
}

const rowsIn = (path: string): Row[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);

for (const format of Object.keys(ROW_FORMATS) as (keyof typeof ROW_FORMATS)[]) {
  test(`${format}: a thousand tasks come back`, async () => {
    const path = join(out, `${format}.jsonl`);
    assert.deepEqual(await exportCorpus({ store, format, out: path }), {
      tasks: NUM_TASKS,
      skipped: 0,
    });
    const rows = rowsIn(path);
    const imported = rows.map((row) => ROW_FORMATS[format].fromRow(row));
    for (const [i, { key, hash, prompt }] of imported.entries()) {
      const { task } = pairs[i]!;
      if (format !== 'openai') assert.deepEqual([key, hash], [task.key, task.hash]);
      assert.equal(prompt.at(-1)!.content, task.request);
    }
    const isPublic = format === 'verifiers' || format === 'nemo-gym';
    assert.equal(readFileSync(path, 'utf8').includes(MARKER), !isPublic);
    assert.throws(() => ROW_FORMATS[format].fromRow({ ...rows[0], ...BROKEN }), ImportError);
    assert.throws(() => ROW_FORMATS[format].fromRow(null), ImportError);
  });
}

test('traces are rollouts that the verifier accepts; fine-tuning rows teach every step of them', () => {
  const environments = new Environments(store);
  const traces = rowsIn(join(out, 'verifiers-trace.jsonl'));
  const lessons = rowsIn(join(out, 'openai.jsonl'));
  for (let i = 0; i < 40; i++) {
    const messages = traces[i]!.nodes.map(({ message }) => message);
    if (!pairs[i]!.task.user) {
      const stored: StoredRollout = { task_key: traces[i]!.task.key, messages };
      assert.equal(reverify(store, environments, stored).reward, 1);
    }
    const taught = lessons[i]!.messages;
    assert.deepEqual(
      taught.map((message) => ({ ...message, weight: undefined })),
      messages.map((message) => ({ ...message, weight: undefined })),
    );
    for (const { role, weight } of taught)
      assert.equal(weight, role === 'assistant' ? 1 : undefined);
  }
});

test('parquet: a thousand tasks come back, without private parts', async () => {
  const path = join(out, 'parquet');
  const report = await exportCorpus({ store, format: 'parquet', out: path });
  assert.equal(report.tasks, NUM_TASKS);
  const imported = await readPart(join(path, partName(0)));
  assert.deepEqual(
    imported.map(({ key, hash }) => [key, hash]),
    pairs.map(({ task }) => [task.key, task.hash]),
  );
  assert.deepEqual(readdirSync(path), [partName(0)]);
  assert.ok(!readFileSync(join(path, partName(0)), 'latin1').includes(MARKER));
});

test('parquet: no task at all is a file without rows', async () => {
  const path = join(out, 'empty');
  const report = await exportCorpus({ store, format: 'parquet', out: path, isWanted: () => false });
  assert.equal(report.tasks, 0);
  assert.deepEqual(await readPart(join(path, partName(0))), []);
});

/** The fixture has no code tasks: its submissions stand in for them. */
function asCode(tasks: CorpusStore): CorpusStore {
  return {
    environmentIds: tasks.environmentIds,
    numTasks: tasks.numTasks,
    taskKeys: () => tasks.taskKeys(),
    environment: (id) => tasks.environment(id),
    privateTask: (key) => tasks.privateTask(key),
    task: (key) => ({ ...tasks.task(key), family: 'code' }) as PublicTask,
  };
}

test('harbor: a folder per task with a submission; the tests give the verdict', async () => {
  const path = join(out, 'harbor');
  const report = await exportCorpus({ store: asCode(store), format: 'harbor', out: path });
  assert.deepEqual(report, { tasks: NUM_TASKS / 4, skipped: (NUM_TASKS * 3) / 4 });
  const [name] = readdirSync(path);
  const folderOf = join(path, name!);
  for (const script of ['solution/solve.sh', 'tests/test.sh']) {
    execFileSync('bash', ['-n', join(folderOf, script)]);
  }
  for (const visible of ['instruction.md', 'environment/Dockerfile']) {
    assert.ok(!readFileSync(join(folderOf, visible), 'utf8').includes(MARKER));
  }
  // What test.sh does, with the result that solve.sh leaves.
  const tests = openCorpus(join(folderOf, 'tests/corpus'));
  const [key] = tests.taskKeys();
  const [, encoded] = /printf %s '([^']+)'/.exec(
    readFileSync(join(folderOf, 'solution/solve.sh'), 'utf8'),
  )!;
  const submission: unknown = JSON.parse(Buffer.from(encoded!, 'base64').toString());
  const environments = new Environments(tests);
  for (const [result, reward] of [
    [submission, 1],
    [{ id: 'x' }, 0],
    [null, 0],
  ] as const) {
    const stored = { task_key: key!, calls: [], submission: result };
    assert.equal(reverify(tests, environments, stored).reward, reward);
  }
  assert.ok(existsSync(join(folderOf, 'task.toml')));
});

test('every format is one the command knows', () => {
  assert.deepEqual(EXPORT_FORMATS, [
    ...Object.keys(ROW_FORMATS),
    'parquet',
    'harbor',
    'env-package',
  ]);
});
