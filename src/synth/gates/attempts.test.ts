// What is tried on verifiers: the kinds of wrong and right attempts, the search with a budget, and which
// mutants are told to be equivalent.

import assert from 'node:assert/strict';
import test from 'node:test';
import { harbour } from '../families/fixture.js';
import { selection } from '../families/selection.js';
import { loadEnvironment } from '../load-environment.js';
import { Random } from '../random.js';
import type { Candidate } from '../task-types.js';
import { Session } from '../tools/session.js';
import type { Expr, Json } from '../world-types.js';
import { composeEnvironment } from '../world/compose.js';
import { Bench } from './bench.js';
import { searchWithBudget } from './budgeted-search.js';
import { Domains } from './domains.js';
import { MutantHunt } from './mutation-score.js';
import { writeAndUndo } from './plan-variants.js';
import { rightVariants, wrongVariants } from './submission-variants.js';

const loaded = loadEnvironment(harbour(1));
const domains = new Domains(loaded, undefined);

test('wrong submissions of every kind, none of them the right one', () => {
  const right = {
    name: 'Maria',
    other: 'Anna',
    amount: 3,
    day: '2026-01-31',
    list: ['a', 'b', 'c'],
  };
  const variants = wrongVariants(right, domains, new Random('variants'));
  const ids = variants.map(({ id }) => id);
  for (const id of [
    'nothing-submitted',
    'missing:name',
    'extra-field',
    'wrong-type:amount',
    'number-1:amount',
    'swapped:name:other',
    'day-before:day',
    'day-after:day',
    'list-swapped:list',
    'list-twice:list',
    'list-injection:list',
    'look-alike:name',
    'injection:name',
    'huge-text',
    'large-text',
    'deep',
    'deep-field',
  ]) {
    assert.ok(ids.includes(id), id);
  }
  const spelled = JSON.stringify(right);
  // Those drawn by chance may be right, and are left out by what the solver says.
  const made = variants.filter(({ id }) => !id.startsWith('list-other'));
  for (const { id, submission } of made) assert.notEqual(JSON.stringify(submission), spelled, id);
  const after = variants.find(({ id }) => id === 'day-after:day')!.submission as { day: string };
  assert.equal(after.day, '2026-02-01');
});

test('right submissions mean the same', () => {
  const right = { b: 1, a: 2, list: ['x', 'y', 'z'] };
  const variants = rightVariants(right, new Set(['list']));
  assert.equal(variants.length, 4);
  for (const { submission } of variants) {
    const { list, ...rest } = submission as typeof right;
    assert.deepEqual({ ...rest, list: list.toSorted() }, right);
  }
});

function proposed(): Candidate {
  for (let i = 0; i < 60; i++) {
    const candidate = selection.propose(loaded, new Random('tried', i), 'en', 1);
    if (candidate) return candidate;
  }
  throw new Error('no selection is proposed');
}

test('what is written and undone leaves no trace in the state', () => {
  const session = new Session(loadEnvironment(composeEnvironment(0)));
  const before = session.db.fork();
  assert.ok(writeAndUndo(session, new Random('undone')));
  assert.notEqual(session.db.version, before.version);
  assert.equal(session.db.stateHash(), before.stateHash());
  assert.deepEqual(session.db.changesSince(before), []);
});

test('plans that begin as the reference does end as if carried out from the start', () => {
  const candidate = proposed();
  const bench = new Bench(loaded, candidate);
  const { steps } = candidate.solution;
  for (let count = 0; count <= steps.length; count++) {
    const plan = { ...candidate.solution, steps: steps.slice(0, count) };
    const [anew, on] = [bench.play(plan), bench.playOn(plan)];
    assert.deepEqual(on.session.calls, anew.session.calls);
    assert.deepEqual([on.submission, on.problems], [anew.submission, anew.problems]);
    assert.equal(on.after.stateHash(), anew.after.stateHash());
  }
});

test('a search makes as many calls as it may, the same ones each time', () => {
  const bench = new Bench(loaded, proposed());
  const seen = [0, 1].map(() => {
    const session = bench.session();
    const leaves = searchWithBudget(session, ['Maria', 3], 7);
    assert.equal(session.calls.length, 7);
    return leaves;
  });
  assert.deepEqual(seen[0], seen[1]);
  assert.ok(seen[0]!.length > 0);
});

test('mutants are equivalent only where that follows', () => {
  const submission: Expr = { op: 'var', name: 'submission' };
  const field = (name: string): Expr => ({ op: 'field', of: submission, name });
  const constant = (value: Json): Expr => ({ op: 'const', value });
  const candidate: Candidate = {
    ...proposed(),
    verifier: {
      submissionChecks: [
        { id: 'fixed', expr: { op: '=', left: field('a'), right: constant(5) } },
        // Follows from the one before: its mutants cannot differ.
        { id: 'implied', expr: { op: '<=', left: field('a'), right: constant(9) } },
        // Nothing that was tried shows it.
        { id: 'open', expr: { op: '<=', left: field('b'), right: constant(9) } },
      ],
    },
  };
  const bench = new Bench(loaded, candidate);
  const left = (a: number, b: number) => ({
    after: bench.before,
    submission: { a, b },
    finalMessage: '',
  });
  const hunt = new MutantHunt(bench, [left(5, 5)]);
  hunt.show([{ left: left(4, 5), failed: [0] }]);
  hunt.settle();
  assert.deepEqual(hunt.weak(), ['open']);
  hunt.show([{ left: left(5, 10), failed: [2] }]);
  const { mutants, killed, survived, equivalent } = hunt.score();
  // 9 -> 8 would need an answer of 9 that is refused.
  assert.equal(survived, 1);
  assert.equal(killed + survived, mutants);
  assert.equal(equivalent, 3);
});
