// Real tasks of every family through every format and back. Shared by the quick test and the slow one,
// which has a thousand of them.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import type { CorpusStore } from '../../src/synth/corpus.js';
import { exportCorpus, ROW_FORMATS } from '../../src/synth/export/export-corpus.js';
import type { ImportedTask } from '../../src/synth/export/export-format.js';
import { readPart } from '../../src/synth/export/parquet.js';
import { Environments } from '../../src/synth/serve/environments.js';
import { reverify } from '../../src/synth/serve/judge.js';
import { openAITools, promptOf } from '../../src/synth/task-prompt.js';
import { proposeCorpus, storeOf, type ProposeOptions } from './proposed-corpus.js';

interface Trace {
  readonly nodes: readonly { readonly message: object }[];
  readonly task: { readonly key: string };
}

export async function testRoundTrips(options: ProposeOptions): Promise<void> {
  const corpus = await proposeCorpus(options);
  const { pairs } = corpus;
  const store = storeOf(corpus);
  const out = mkdtempSync(join(tmpdir(), 'hadal-round-trip-'));
  after(() => rmSync(out, { recursive: true }));
  const families = new Set(pairs.map(({ task }) => task.family));
  const what = `${pairs.length} tasks of ${families.size} families`;

  for (const format of Object.keys(ROW_FORMATS) as (keyof typeof ROW_FORMATS)[]) {
    test(`${format}: ${what} come back`, async () => {
      const path = join(out, `${format}.jsonl`);
      const report = await exportCorpus({ store, format, out: path });
      assert.deepEqual(report, { tasks: pairs.length, skipped: 0 });
      const imported = linesIn(path).map((row) => ROW_FORMATS[format].fromRow(row));
      compare(store, imported, format !== 'openai');
    });
  }

  test(`parquet: ${what} come back`, async () => {
    const path = join(out, 'parquet');
    await exportCorpus({ store, format: 'parquet', out: path });
    const parts = await Promise.all(
      readdirSync(path)
        .toSorted()
        .map((name) => readPart(join(path, name))),
    );
    compare(store, parts.flat(), true);
  });

  test('every trace is a rollout that the verifier accepts', () => {
    const environments = new Environments(store);
    for (const line of linesIn(join(out, 'verifiers-trace.jsonl'))) {
      const { nodes, task } = line as Trace;
      // What the user does is no message of the agent: such a trace alone is not the whole rollout.
      if (store.task(task.key)!.user) continue;
      const messages = nodes.map(({ message }) => message);
      const { reward, checks } = reverify(store, environments, { task_key: task.key, messages });
      assert.equal(reward, 1, `${task.key}: ${JSON.stringify(checks)}`);
    }
  });
}

function linesIn(path: string): unknown[] {
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

/** Against what an agent is shown, worked out anew. */
function compare(store: CorpusStore, imported: readonly ImportedTask[], hasKeys: boolean): void {
  const keys = [...store.taskKeys()];
  assert.equal(imported.length, keys.length);
  for (const [i, { key, hash, prompt, tools }] of imported.entries()) {
    const task = store.task(keys[i]!)!;
    const env = store.environment(task.envId)!;
    if (hasKeys) assert.deepEqual([key, hash], [task.key, task.hash]);
    assert.deepEqual(prompt, promptOf(env, task));
    if (tools) assert.deepEqual(tools, openAITools(env, task.language));
  }
}
