// What programs of agents may do to a verdict: nothing. They can be wrong in every way, end never, or
// change what the language gives them; the outcome is a value or the reason why there is none.

import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { Base, Database } from '../database.js';
import type { ProgramCheck } from '../task-types.js';
import type { TableSpec } from '../world-types.js';
import { programHolds } from './check-program.js';
import { loadProgramRunner } from './program-runner.js';
import { runCases, spelledResult } from './run-cases.js';

before(loadProgramRunner);

const outcomes = (source: string, count = 1) =>
  runCases(
    { 'index.js': source },
    'index.js',
    Array.from({ length: count }, () => [3, 4]),
  );

test('values come back in one spelling, whatever the order of their fields', () => {
  const [one] = outcomes('export default (a, b) => ({ b, a, list: [a + b] })');
  assert.deepEqual(one, { spelled: '{"a":3,"b":4,"list":[7]}', message: '' });
});

const BROKEN: Readonly<Record<string, string>> = {
  'never ends': 'export default () => { for (;;) {} }',
  'eats memory':
    'export default () => { const all = []; for (;;) all.push(new Array(1000).fill(0)); }',
  'calls itself': 'const f = () => f() + 1; export default f;',
  throws: 'export default () => { throw new Error("no"); }',
  'throws nothing': 'export default () => { throw null; }',
  'throws what cannot be told': 'export default () => { throw { toString() { throw 1; } }; }',
  'gives nothing': 'export default () => undefined',
  'gives a function': 'export default () => () => 1',
  'gives a big number': 'export default () => 10n',
  'is no program': 'export default (',
  'has no default': 'export const f = 1',
  'imports what is not there': "import x from './x.js'; export default () => x",
  'imports the machine': "import fs from 'node:fs'; export default () => 1",
  'asks for the process': 'export default () => process.exit()',
  'is nested':
    'export default () => { let a = []; for (let i = 0; i < 5000; i++) a = [a]; return a; }',
  'is huge': 'export default () => "x".repeat(1 << 20)',
  'spoils JSON': 'JSON.stringify = () => "nonsense"; export default () => 7',
  'spoils lists': 'Array.prototype.map = () => "all right"; export default () => 7',
};

for (const [what, source] of Object.entries(BROKEN)) {
  test(`a program that ${what} has no value`, () => {
    for (const { spelled } of outcomes(source)) assert.equal(spelled, null);
    assert.ok(outcomes(source, 2).every(({ spelled }) => spelled === null));
  });
}

test('a text is no value if it is no JSON or nested too deep', () => {
  assert.equal(spelledResult('{"b":1,"a":2}'), '{"a":2,"b":1}');
  assert.equal(spelledResult('{'), null);
  assert.equal(spelledResult(`${'['.repeat(9000)}${']'.repeat(9000)}`), null);
});

const FILES: TableSpec = {
  name: 'file',
  meaning: 'source_file',
  module: 'workspace',
  label: { en: 'file', zh: '文件' },
  key: 'id',
  columns: ['id', 'path', 'text'].map((name) => ({
    name,
    type: name === 'id' ? 'id' : 'text',
    meaning: name,
    label: { en: name, zh: name },
  })),
  visible: true,
};

test('a check looks at the files of its folder, as they are after the attempt', () => {
  const row = (id: string, path: string, text: string) => ({ id, path, text });
  const base = new Base([FILES], {
    file: [
      row(
        'a',
        'sum/index.js',
        "import { add } from './add.js';\nexport default (x, y) => add(x, y);",
      ),
      row('b', 'sum/add.js', 'export const add = (x, y) => x - y;'),
      row('c', 'other/add.js', 'export const add = (x, y) => x * y;'),
    ],
  });
  const check: ProgramCheck = {
    id: 'sum',
    table: 'file',
    path: 'path',
    source: 'text',
    folder: 'sum/',
    entry: 'index.js',
    cases: [
      { args: [1, 2], result: 3 },
      { args: [5, 5], result: 10 },
    ],
  };
  const db = new Database(base);
  assert.equal(programHolds(check, db), false);
  db.update('file', 'b', { text: 'export const add = (x, y) => x + y;' });
  assert.equal(programHolds(check, db), true);
  assert.equal(programHolds(check, db), true);
  db.update('file', 'b', { text: 'export const add = (x, y) => (x < 5 ? x + y : 0);' });
  assert.equal(programHolds(check, db), false);
  db.delete('file', 'a');
  assert.equal(programHolds(check, db), false);
});
