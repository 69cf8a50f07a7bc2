// The report's schema, held by its members: a reader outside depends on each of them.

import assert from 'node:assert/strict';
import test from 'node:test';

import { fixtureReport, fixtureTrace } from './inspect-fixtures.js';
import { describeSelection, visible } from './inspect-text.js';

/** Every path to a value, with its type; of an array its first element stands for all. */
function shapeOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value))
    return value.length === 0 ? [`${path}[]`] : shapeOf(value[0], `${path}[]`);
  if (typeof value !== 'object' || value === null)
    return [`${path}: ${value === null ? 'null' : typeof value}`];
  return Object.entries(value).flatMap(([key, member]) =>
    shapeOf(member, path === '' ? key : `${path}.${key}`),
  );
}

const SPREAD = ['mean', 'min', 'max'];

test('the members of schema version 1', () => {
  const report = fixtureReport();
  assert.equal(report.schema, 'hadal.selection-trace');
  assert.equal(report.schema_version, 1);
  const members = [
    'schema: string',
    'schema_version: number',
    'model.name: string',
    ...['layers', 'heads', 'indexer_heads', 'top_k', 'context'].map(
      (name) => `model.${name}: number`,
    ),
    'top_k: number',
    'what_if: boolean',
    'layers[]: number',
    'cut_tokens: number',
    'prompt_tokens: number',
    'generated_tokens: number',
    'reply_given: boolean',
    'reply: string',
    'queries: number',
    'sparse_queries: number',
    ...['recall', 'best_recall', 'window_recall', 'overlap', 'seen', 'never_kept'].map(
      (name) => `summary.${name}: number`,
    ),
    'tokens[].position: number',
    'tokens[].id: number',
    'tokens[].text: string',
    'tokens[].control: boolean',
    'tokens[].from: string',
    ...['seen', 'kept', 'attention'].map((name) => `tokens[].${name}: number`),
    'layer_totals[].layer: number',
    ...SPREAD.map((name) => `layer_totals[].recall.${name}: number`),
    ...['best_recall', 'window_recall', 'overlap', 'seen', 'never_kept'].map(
      (name) => `layer_totals[].${name}: number`,
    ),
    'layer_totals[].recall_at[].top_k: number',
    'layer_totals[].recall_at[].recall: number',
    'layer_totals[].kept_count[]: number',
    'layer_totals[].attention[]: number',
    'never_kept[][]: number',
    'traced[].position: number',
    'traced[].token: number',
    'traced[].next: number',
    'traced[].visible: number',
    'traced[].selection: string',
    'traced[].layers[].layer: number',
    ...SPREAD.map((name) => `traced[].layers[].recall.${name}: number`),
    ...['best_recall', 'window_recall', 'overlap'].map(
      (name) => `traced[].layers[].${name}: number`,
    ),
    'traced[].layers[].top_scores[].position: number',
    'traced[].layers[].top_scores[].score: number',
    'traced[].layers[].kept[][]: number',
    'omitted_queries: number',
  ];
  assert.deepEqual(shapeOf(report).toSorted(), members.toSorted());
});

test('what the numbers of the hand-made trace must be', () => {
  const report = fixtureReport();
  assert.deepEqual(report.never_kept, [[2, 2]]);
  assert.deepEqual(report.traced[0]!.layers[0]!.kept, [[0, 1]]);
  assert.deepEqual(report.traced[1]!.layers[1]!.kept, [
    [0, 0],
    [4, 4],
  ]);
  assert.deepEqual(
    report.tokens.map(({ seen, kept }) => [seen, kept]),
    [
      [4, 4],
      [4, 2],
      [4, 0],
      [4, 1],
      [2, 1],
      [0, 0],
    ],
  );
  assert.equal(report.layer_totals[0]!.recall.mean, 0.5625);
  assert.equal(report.tokens[3]!.control, true);
  assert.equal(report.tokens[4]!.text, '<0xE4><0xBD>');
  assert.deepEqual(
    report.tokens.map(({ from }) => from),
    ['prompt', 'prompt', 'prompt', 'prompt', 'generated', 'generated'],
  );
});

test('the terminal shows figures, and no character that steers it', () => {
  const text = describeSelection(fixtureReport());
  assert.match(text, /^ +0 +56\.3 % +37\.5 % +75\.0 %/m);
  assert.match(text, /never kept by any layer {2}1 of 5 positions \(20\.0 %\)/);
  assert.match(text, /0\.0 % +2 {2}"\\u\{1b\}\[31m\\u\{202e\}\]\]>-->"/);
  assert.doesNotMatch(text, /[^\P{Cc}\n]|\p{Cf}|\u2028/u);
  assert.equal(visible('a\nb\t\u0085'), 'a\\nb\\t\\u{85}');
});

test('nothing sparse, and a number of positions that is not the model’s', () => {
  const dense = fixtureReport(fixtureTrace({ topk: 9 }));
  assert.equal(dense.summary, null);
  assert.equal(dense.traced[0]!.selection, 'dense');
  const text = describeSelection(dense);
  assert.match(text, /Nothing was sparse: no traced token sees more than 9 positions/);
  assert.match(text, /what if it kept 9: the reply was computed with 2/);
});
