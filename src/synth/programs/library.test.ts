// Every program of the library: what the isolate gives is what this process gives, calls differ, nothing
// breaks off, and most small mistakes show in a handful of calls.

import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { canonicalJson } from '../canonical.js';
import { LIBRARY, makeProgram } from './library.js';
import { mutate, mutationsOf } from './mutations.js';
import { ENTRY, type Words } from './program.js';
import { loadProgramRunner } from './program-runner.js';
import { runCases } from './run-cases.js';
import { poolCases, visibleCases } from './sample-cases.js';

const WORDS: Words = { thing: 'caseFile', person: 'class', place: 'new' };
const MIN_PROGRAMS = 40;
const MIN_SHOWN_PERCENT = 60;

before(loadProgramRunner);

test('at least forty programs, each of two to four files that begin by saying what they do', () => {
  assert.ok(LIBRARY.length >= MIN_PROGRAMS, `${LIBRARY.length} programs`);
  assert.equal(new Set(LIBRARY.map(({ id }) => id)).size, LIBRARY.length);
  for (const { id } of LIBRARY) {
    const { files } = makeProgram({ id, seed: 3 }, WORDS);
    const names = Object.keys(files);
    assert.ok(names.length >= 2 && names.length <= 4, `${id} has ${names.length} files`);
    assert.match(files[ENTRY]!, /\/\*\*[\s\S]*\*\/\nexport default function \w+\([^)]*\) \{\n/, id);
  }
});

for (const { id } of LIBRARY) {
  test(`${id}: two engines agree, and mistakes show`, () => {
    const program = { id, seed: 7 };
    const draft = makeProgram(program, WORDS);
    assert.deepEqual(makeProgram(program, WORDS).files, draft.files);
    const visible = visibleCases(program, draft);
    const pool = poolCases(program, draft, visible);
    assert.ok(visible.length >= 3, `${visible.length} visible calls`);
    assert.ok(pool.length >= 20, `${pool.length} calls`);
    const calls = pool.map(({ args }) => args);
    const right = pool.map(({ result }) => canonicalJson(result));
    assert.ok(new Set(right).size >= 4, 'different results');
    const run = (files: Readonly<Record<string, string>>) =>
      runCases(files, ENTRY, calls).map(({ spelled }) => spelled);
    assert.deepEqual(run(draft.files), right);
    const mistakes = Object.entries(draft.files).flatMap(([name, source]) =>
      mutationsOf(source).map((mutation) => ({ ...draft.files, [name]: mutate(source, mutation) })),
    );
    const some = mistakes.filter((_files, i) => i % Math.ceil(mistakes.length / 8) === 0);
    const shown = some.filter((files) => canonicalJson(run(files)) !== canonicalJson(right));
    assert.ok(mistakes.length >= 10, `${mistakes.length} mistakes`);
    assert.ok(100 * shown.length >= MIN_SHOWN_PERCENT * some.length - 100, `${shown.length} shown`);
  });
}
