// The report over a made-up manifest and corpus: every section is there, the page is well-formed, and
// nothing that a corpus says becomes markup.

import assert from 'node:assert/strict';
import test from 'node:test';
import type { CorpusStore } from '../corpus.js';
import type { PrivateTask, PublicTask } from '../task-types.js';
import type { Environment } from '../world-types.js';
import type { BuildManifest } from './build-corpus.js';
import { reportPage } from './report-page.js';
import { bars, columnsOf, histogram } from './report/charts.js';
import { chooseSamples } from './report/choose-samples.js';
import { escaped, markup, percent } from './report/markup.js';

const HOSTILE = `</style><script>alert("1")</script>' onload='x &amp; \u0007\ud800 <b>`;
const FAMILIES = ['optimum', 'search', 'schedule'] as const;
const SECTIONS =
  'summary soundness families difficulty variety environments refusals samples'.split(' ');

const reached = { mean: 35.71, highest: 60 };
const ladder = { A0: { mean: 0, highest: 0 }, A6: reached };
const ofFamily = {
  tasks: 14,
  skeletons: 5,
  mean_calls: 12.5,
  mean_constraints: 3,
  calls: { 10: 4, 15: 10 },
  drawn_levels: { 0: 14 },
  ladder,
};
const tally = { dropped: 3, accepted: 14, rejected: { G4: 2, G9: 1 } };
const counts = { 1: 40, 3: 2 };
const manifest: BuildManifest = {
  format: 1,
  environments: 3,
  tasks: 42,
  corpus_hash: 'c0ffee',
  files: [],
  versions: { hadal: '0.1.0', generator: HOSTILE },
  asked: { seed: 7, environments: 3, tasks_per_environment: 14, tasks: 42 },
  reached: { environments: 3, tasks: 42, environments_short: 0 },
  environments_refused: { unsound: 1, alike: 2 },
  gates: { dropped: 9, accepted: 42, rejected: { G4: 6, G9: 3 } },
  families: Object.fromEntries([...FAMILIES, HOSTILE].map((name) => [name, tally])),
  skeletons: { different: 15, entropy_bits: 3.2, largest: { skeleton: HOSTILE, tasks: 5 } },
  nearest_neighbour: { of_tasks: 42, median: 0.3, highest: 0.6 },
  soundness: {
    wrong_attempts: 1200,
    false_accepts: 0,
    right_attempts: 300,
    false_rejects: 1,
    mutants: 500,
    mutants_killed: 499,
  },
  statistics: {
    families: Object.fromEntries([...FAMILIES, HOSTILE].map((name) => [name, ofFamily])),
    languages: { en: 21, zh: 21 },
    splits: { environments: { train: 3 }, tasks: { train: 42 } },
    modules: { [HOSTILE]: 3, stock: 2 },
    themes: { [HOSTILE]: 3 },
    archetypes: { [HOSTILE]: 30 },
    tools_per_environment: { 24: 3 },
    tables_per_environment: { 8: 3 },
    rows_per_environment: { 300: 1, 1200: 2 },
    tasks_per_environment: { 14: 3 },
    calls: { 10: 12, 15: 30 },
    writes: counts,
    constraints: counts,
    right_ends: counts,
    candidates_log10: counts,
    prompt_length: counts,
    levels: { measured: counts, drawn: counts },
    ladder,
    evidence: { 'G4.runs': 1500, 'G5.guesses': 42_000, 'G5.hits': 0 },
  },
};

const texts = { en: HOSTILE, zh: HOSTILE };
const environment = {
  id: 'stock/port-1',
  modules: [HOSTILE],
  theme: HOSTILE,
  clock: '2031-01-12T15:35',
  policy: { en: `${HOSTILE}\n`.repeat(40), zh: HOSTILE },
  tools: [
    {
      name: HOSTILE,
      description: texts,
      parameters: { type: 'object', properties: { [HOSTILE]: { type: 'string' } } },
      effect: 'write',
      impl: { archetype: 'submit', schemaParam: 'result' },
      errorCodes: [],
      side: 'agent',
    },
  ],
} as unknown as Environment;

/** Tasks in the order of shards: families and languages by turns. */
const tasks = Array.from({ length: 42 }, (_, i) => ({
  taskId: `${i}`,
  key: `port-${i}"<`,
  hash: 'h',
  envId: `stock/port-${i % 30}`,
  split: 'train',
  family: FAMILIES[i % 3]!,
  language: i % 2 === 0 ? 'en' : 'zh',
  request: HOSTILE,
  patch: [],
  submissionSchema: { type: 'object', properties: { [HOSTILE]: { enum: [HOSTILE] } } },
  difficulty: { minCalls: 12, writes: 1, constraints: 3, solutions: 1, level: 2 },
})) as unknown as PublicTask[];

const secret = {
  verifier: { submissionChecks: [], communicate: [HOSTILE] },
  solution: {
    steps: [
      { tool: 'get', arguments: { id: { literal: HOSTILE } }, bind: 'r1' },
      { tool: 'get', arguments: { id: { from: 'r1', path: ['items', 0, 'ref'] } }, bind: 'r2' },
      { tool: HOSTILE, arguments: { result: { derived: { best: HOSTILE }, using: ['r2'] } } },
    ],
    message: HOSTILE,
  },
  alternatives: [],
} as unknown as PrivateTask;

let tasksRead = 0;
const store: CorpusStore = {
  environmentIds: [],
  numTasks: tasks.length,
  taskKeys: () => tasks.map(({ key }) => key),
  environment: () => environment,
  task: (wanted) => {
    tasksRead++;
    return tasks.find(({ key }) => key === wanted);
  },
  privateTask: () => secret,
};
const page = reportPage(manifest, store);

test('every section is there and is linked to', () => {
  for (const id of SECTIONS) {
    assert.ok(page.includes(`<section id="${id}">`), id);
    assert.ok(page.includes(`href="#${id}"`), id);
  }
  assert.ok(page.includes('c0ffee'));
  assert.ok(page.includes('--envs 3 --tasks-per-env 14 --seed 7'));
  assert.equal(page.match(/<article /g)?.length, 20);
  assert.match(page, /r1\.items\[0\]\.ref/);
});

test('a false verdict does not look like a good figure', () => {
  assert.ok(page.includes('<span class="good">0</span>'));
  assert.ok(page.includes('<span class="bad">1</span>'));
});

test('nothing of a corpus is markup, and the page loads nothing', () => {
  assert.ok(!page.includes('<script'));
  assert.equal(page.match(/<\/style>/g)?.length, 1);
  assert.ok(!page.includes("' onload="));
  assert.ok(page.includes('&#60;script&#62;'));
  assert.ok(!page.includes('\u0007') && !/\p{Cs}/u.test(page));
  assert.doesNotMatch(page, /\b(?:src|href)="(?!#)|url\(|@import/);
});

test('the page is well-formed: what is opened is closed, in order, and ids are unique', () => {
  const open: string[] = [];
  const tags = page.matchAll(
    /<(\/?)([a-z][a-z0-9]*)((?:\s[a-zA-Z][a-zA-Z0-9-]*(?:="[^"<>]*")?)*)\s*(\/?)>|<(?!!doctype html>)/g,
  );
  for (const [text, end, name, , alone] of tags) {
    assert.ok(name, `a stray < at ${text}`);
    if (end) assert.equal(open.pop(), name);
    else if (!alone) open.push(name);
  }
  assert.deepEqual(open, []);
  const ids = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  assert.equal(new Set(ids).size, ids.length);
});

test('samples are of all families and languages, the same each time, and few tasks are read', () => {
  tasksRead = 0;
  const chosen = chooseSamples(store, 20);
  assert.ok(tasksRead <= tasks.length);
  assert.deepEqual(chosen, chooseSamples(store, 20));
  assert.equal(new Set(chosen.map(({ key }) => key)).size, 20);
  const kinds = new Set(chosen.map(({ family, language }) => `${family} ${language}`));
  assert.equal(kinds.size, 6);
  assert.ok(chooseSamples({ ...store, taskKeys: () => [] }, 20).length === 0);
  const one = chooseSamples({ ...store, taskKeys: () => [tasks[0]!.key] }, 20);
  assert.deepEqual(one, [tasks[0]]);
});

test('a histogram puts many values together and loses none', () => {
  const many = Object.fromEntries(Array.from({ length: 2400 }, (_, i) => [300 + 3 * i, 1]));
  const { width, columns } = columnsOf(many);
  assert.equal(width, 200);
  assert.equal(
    columns.reduce((sum, { count }) => sum + count, 0),
    2400,
  );
  assert.deepEqual(columnsOf({ 2: 5, 4: 1 }).columns, [
    { from: 2, count: 5 },
    { from: 3, count: 0 },
    { from: 4, count: 1 },
  ]);
  const words = { title: 'Calls', of: 'tasks' };
  assert.match(histogram({ 2: 5, 4: 1 }, words).text, /p10 2 · p50 2 · p90 2/);
  assert.match(histogram({}, words).text, /none/);
  assert.match(bars({ a: 1, b: 3 }).text, /^<ul class="bars"><li><span class="name">b</);
});

test('text is text, pieces are pieces', () => {
  assert.equal(escaped(`<&>"'`), '&#60;&#38;&#62;&#34;&#39;');
  const inner = markup`<b>${'<'}</b>`;
  assert.equal(markup`${[inner, false, 1]}${undefined}`.text, '<b>&#60;</b>1');
});

test('a share is not rounded to all or nothing', () => {
  const shares = [percent(0, 5), percent(5, 5), percent(1, 3), percent(1, 9999)];
  assert.deepEqual(shares, ['0 %', '100 %', '33.3 %', '< 0.1 %']);
  assert.equal(percent(99_999, 100_000), '99.99 %');
  assert.equal(percent(1, 0), '–');
});
