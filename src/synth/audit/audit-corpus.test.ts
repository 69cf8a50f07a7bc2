// A corpus of real proposals passes; with any one thing spoilt it fails by the check that is there for it.

import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { proposeCorpus, storeOf } from '../../../test/helpers/proposed-corpus.js';
import { CorpusWriter, type TaskPair } from '../corpus-writer.js';
import { CorpusError, type CorpusStore } from '../corpus.js';
import { GATES } from '../gates/report.js';
import type { PlanStep, PrivateTask, PublicTask } from '../task-types.js';
import type { Environment, Json } from '../world-types.js';
import { auditCorpus } from './audit-corpus.js';
import { auditTable } from './audit-table.js';
import { EvidenceCheck } from './evidence.js';

const corpus = await proposeCorpus({
  numEnvironments: 3,
  tasksEach: 12,
  families: ['infeasible', 'search', 'aggregate', 'optimum'],
});
const { environments, pairs } = corpus;
/** Doubles as many as there are, so that shares mean something. */
const SHARE_SIZE = 400;

const withTask = (pair: TaskPair, task: Partial<PublicTask>): TaskPair => ({
  ...pair,
  task: { ...pair.task, ...task },
});
const withSecret = (pair: TaskPair, secret: Partial<PrivateTask>): TaskPair => ({
  ...pair,
  private: { ...pair.private, ...secret },
});
/** The first only. */
const first =
  (change: (pair: TaskPair) => TaskPair) =>
  (pair: TaskPair, index: number): TaskPair =>
    index === 0 ? change(pair) : pair;

async function failing(store: CorpusStore, recheck = 0): Promise<string[]> {
  const { checks } = await auditCorpus({ store, recheck });
  return checks.filter(({ ok }) => !ok).map(({ id }) => id);
}

/** Many tasks made from one, each with what `change` gives it. */
function many(change: (pair: TaskPair, i: number) => TaskPair, count = SHARE_SIZE): CorpusStore {
  const made = Array.from({ length: count }, (_, i) => {
    const pair = pairs[i % pairs.length]!;
    return change(withTask(pair, { key: `${pair.task.key}-${i}` }), i);
  });
  return storeOf({ environments, pairs: made });
}

/** Of a submit call: what is handed in. */
function handsIn(pair: TaskPair, value: Json): TaskPair {
  const { solution } = pair.private;
  const last = solution.steps.at(-1)!;
  const [name] = Object.keys(last.arguments);
  const step: PlanStep = { ...last, arguments: { [name!]: { literal: value } } };
  return withSecret(pair, {
    verifier: {},
    solution: { ...solution, steps: [...solution.steps.slice(0, -1), step] },
  });
}

test('real proposals are proven again and found sound', async () => {
  assert.ok(pairs.length >= 30, `only ${pairs.length} tasks`);
  const { checks } = await auditCorpus({ store: storeOf(corpus), recheck: 12 });
  const found = checks.filter(({ ok, id }) => !ok && id !== 'refusals' && id !== 'majority');
  assert.deepEqual(found, []);
  const { figures } = checks.find(({ id }) => id === 'recheck')!;
  assert.equal(figures['tasks'], 12);
});

test('a report names what failed and counts what it does not show', async () => {
  const store = many((pair) => pair, 40);
  const report = await auditCorpus({ store, recheck: 0 });
  assert.equal(report.ok, false);
  const table = auditTable(report);
  assert.match(table, /FAIL {2}duplicates/);
  assert.match(table, /- and \d+ more/);
});

test('environments alike, or stored with another fingerprint', async () => {
  const [one, other] = environments;
  const twin = { ...one!, id: other!.id };
  const alike = storeOf(corpus, { environment: (env) => (env === other ? twin : env) });
  assert.ok((await failing(alike)).includes('environments'));
  const renamed = storeOf(corpus, { environment: (env) => ({ ...env, fingerprint: env.id }) });
  assert.ok((await failing(renamed)).includes('environments'));
});

test('a task that is there twice: by id, by meaning, by text, nearly', async () => {
  const [kept] = pairs;
  for (const change of [
    { taskId: kept!.task.taskId },
    { hash: kept!.task.hash },
    { request: kept!.task.request },
    { request: `${kept!.task.request} ` },
  ]) {
    const pair = (one: TaskPair, i: number): TaskPair =>
      i === 1 ? withTask(one, { ...change, envId: kept!.task.envId }) : one;
    assert.ok((await failing(storeOf(corpus, { pair }))).includes('duplicates'));
  }
  const again = (one: TaskPair, i: number): TaskPair =>
    i === 1
      ? withSecret(withTask(one, { family: kept!.task.family }), { ir: kept!.private.ir })
      : one;
  assert.ok((await failing(storeOf(corpus, { pair: again }))).includes('duplicates'));
});

test('one structure on two sides of the split', async () => {
  const pair = first((one) => withTask(one, { split: 'test' }));
  assert.ok((await failing(storeOf(corpus, { pair }))).includes('splits'));
});

test('skeletons that fill a corpus or an environment', async () => {
  const flood = many((pair, i) => withTask(pair, { skeleton: `s${i % 20}` }));
  assert.ok((await failing(flood)).includes('skeletons'));
});

test('too few and too many requests to be refused', async () => {
  const none = many((pair) => withTask(pair, { family: 'search' }));
  assert.ok((await failing(none)).includes('refusals'));
  const all = many((pair) => withTask(pair, { family: 'infeasible' }));
  assert.ok((await failing(all)).includes('refusals'));
  const some = many((pair, i) =>
    withTask(pair, { family: i % 14 === 0 ? 'infeasible' : 'search' }),
  );
  assert.ok(!(await failing(some)).includes('refusals'));
});

test('an answer that is right too often', async () => {
  const common = many((pair, i) => handsIn(pair, i % 20 === 0 ? 'yes' : i));
  assert.ok((await failing(common)).includes('majority'));
  const rare = many((pair, i) => handsIn(pair, i % 200 === 0 ? 'yes' : i));
  assert.ok(!(await failing(rare)).includes('majority'));
});

test('answers in the request, in what tools say and in refusals; keys; private fields', async () => {
  const secret = 'Qarvil Zandt 88';
  const leaks = (pair: (one: TaskPair) => TaskPair, environment = (env: Environment) => env) =>
    failing(storeOf(corpus, { pair: first((one) => handsIn(pair(one), secret)), environment }));
  assert.ok(!(await leaks((one) => one)).includes('leakage'));
  const told = await leaks((one) => withTask(one, { request: `${one.task.request} ${secret}` }));
  assert.ok(told.includes('leakage'));
  const [env] = environments;
  const { tools, rules } = env!;
  const says = { en: `Finds ${secret}.`, zh: secret };
  for (const spoilt of [
    { ...env!, tools: [{ ...tools[0]!, description: says }, ...tools.slice(1)] },
    { ...env!, tools: [{ ...tools[0]!, errorCodes: [secret] }, ...tools.slice(1)] },
    { ...env!, rules: [{ ...rules[0]!, text: says }, ...rules.slice(1)] },
  ]) {
    const environment = (one: Environment): Environment => (one === env ? spoilt : one);
    assert.ok((await leaks((one) => one, environment)).includes('leakage'));
  }
  const [table] = env!.tables;
  const key = String(env!.rows[table!.name]![0]![table!.key]);
  const shows = first((one) => withTask(one, { request: `${one.task.request} ${key}` }));
  assert.ok((await failing(storeOf(corpus, { pair: shows }))).includes('leakage'));
  const open = first((one) => withTask(one, { verifier: {} } as Partial<PublicTask>));
  assert.ok((await failing(storeOf(corpus, { pair: open }))).includes('leakage'));
});

test('numbers of answers in requests, more often than by chance', async () => {
  const telling = many((pair, i) =>
    handsIn(withTask(pair, { request: `${pair.task.request} ${70_000 + i}` }), 70_000 + i),
  );
  assert.ok((await failing(telling)).includes('leakage'));
});

test('answers that stand at the top of their lists', async () => {
  // The names of each environment's tables, those of the first tenth of the list only.
  const tops = environments.flatMap((env) =>
    env.tables.flatMap(({ name, columns, key }) => {
      const tool = env.tools.find(({ impl }) => impl.archetype === 'find' && impl.table === name);
      const text = columns.find(({ type, meaning }) => type === 'text' && meaning === 'name');
      if (!tool || !text) return [];
      const by = tool.impl.archetype === 'find' ? tool.impl.sort : key;
      const rows = [...env.rows[name]!].toSorted((a, b) =>
        String(a[by]) < String(b[by]) ? -1 : 1,
      );
      return rows
        .slice(0, Math.ceil(rows.length / 5))
        .map((row) => ({ env, name: row[text.name]! }));
    }),
  );
  const made = tops.map(({ env, name }, i) => {
    const pair = pairs.find(({ task }) => task.envId === env.id)!;
    return handsIn(withTask(pair, { key: `top-${i}` }), { thing: name });
  });
  assert.ok((await failing(storeOf({ environments, pairs: made }))).includes('position'));
});

test('what is proven again: environment, reference, doing nothing, meaning, solver', async () => {
  const generator = { name: 'hadal-synth', version: '0.0.0', seed: 1 };
  const isRechecked = async (change: Parameters<typeof storeOf>[1]): Promise<boolean> =>
    (await failing(storeOf(corpus, change), 1000)).includes('recheck');
  const [env] = environments;
  for (const spoilt of [
    { ...env!, generator },
    { ...env!, generator: { ...env!.generator, seed: env!.generator.seed + 1 } },
    { ...env!, clock: '2031-01-01T09:00' },
  ]) {
    assert.ok(await isRechecked({ environment: (one) => (one === env ? spoilt : one) }));
  }
  const spoiling: ((pair: TaskPair) => TaskPair)[] = [
    (one) => handsIn(one, { no: 'answer' }),
    (one) => withSecret(one, { verifier: { ...one.private.verifier, submissionChecks: [] } }),
    (one) => withSecret(one, { alternatives: [{ steps: [] }] }),
    (one) => withTask(one, { request: 'Please be so kind.' }),
    (one) => withSecret(one, { ir: {} }),
  ];
  for (const change of spoiling) assert.ok(await isRechecked({ pair: first(change) }));
});

test('damage is a finding', async () => {
  const [key] = storeOf(corpus).taskKeys();
  const store = storeOf(corpus);
  const damaged: CorpusStore = {
    ...store,
    privateTask(one) {
      if (one === key) throw new CorpusError('the line is cut off');
      return store.privateTask(one);
    },
  };
  assert.ok((await failing(damaged)).includes('readable'));
});

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A folder with files and evidence, each row as `change` makes it. */
function written(change: (row: EvidenceRow, index: number) => object): string {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-audit-'));
  folders.push(folder);
  const writer = new CorpusWriter(folder);
  const few = pairs.slice(0, 4);
  for (const env of environments) writer.writeEnvironment(env);
  writer.writeTasks('0000', few);
  writer.writeLines(
    'gates/0000.jsonl',
    few.map(({ task: { taskId, hash } }, i) => {
      const evidence = { wrong: 20, alternatives: 2, permutations: 1 };
      const gates = GATES.map((gate) => ({ gate, ok: true, evidence }));
      return change({ taskId, hash, outcome: 'accepted', gates }, i);
    }),
  );
  writer.finish();
  return folder;
}

interface EvidenceRow {
  readonly taskId: string;
  readonly hash: string;
  readonly outcome: string;
  readonly gates: readonly object[];
}

async function evidenceOf(folder: string): Promise<number> {
  const few = { environments, pairs: pairs.slice(0, 4) };
  const more = [await EvidenceCheck.read(folder)];
  const { checks } = await auditCorpus({ store: storeOf(few), recheck: 0, more });
  return checks.find(({ id }) => id === 'evidence')!.numProblems;
}

test('evidence that is missing, of other content, of a gate not passed, of too few attempts', async () => {
  assert.equal(await evidenceOf(written((row) => row)), 0);
  const thin = { wrong: 19, alternatives: 1, permutations: 1 };
  for (const spoilt of [
    { outcome: 'G4' },
    { hash: 'another' },
    { gates: [] },
    { gates: GATES.map((gate) => ({ gate, ok: gate !== 'G6', evidence: {} })) },
    { gates: GATES.map((gate) => ({ gate, ok: true, evidence: thin })) },
    { gates: GATES.map((gate) => ({ gate, ok: true, evidence: { ...thin, wrong: 20 } })) },
  ]) {
    const folder = written((row, i) => (i === 2 ? { ...row, ...spoilt } : row));
    assert.equal(await evidenceOf(folder), 1, JSON.stringify(spoilt).slice(0, 60));
  }
});

test('files that are not those of the manifest', async () => {
  const folder = written((row) => row);
  appendFileSync(join(folder, 'gates/0000.jsonl'), '{}\n');
  assert.ok((await evidenceOf(folder)) > 0);
  rmSync(join(folder, 'manifest.json'));
  assert.ok((await evidenceOf(folder)) > 0);
});
