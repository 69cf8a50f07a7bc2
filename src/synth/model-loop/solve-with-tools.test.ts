// Solutions in the sandbox: calls go through the tools one at a time, every argument must come from somewhere,
// what the answer rests on is found by trying, and a program can neither hide a call nor reach the tables.

import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { fixtureEnvironment } from '../../../test/helpers/synth-corpus.js';
import { leavesOf } from '../replay.js';
import { loadEnvironment } from '../load-environment.js';
import { loadProgramRunner, runProgram } from '../programs/program-runner.js';
import { sourceProblems } from './program-source.js';
import { solveWithTools, type Solved } from './solve-with-tools.js';

before(loadProgramRunner);

const loaded = loadEnvironment(fixtureEnvironment(1));
const conditions = { constraints: [{ id: 'kind', value: 'lamp' }] };

function solve(body: string): Promise<Solved> {
  const source = `export default function (call, conditions) {\n${body}\n}`;
  const known = leavesOf(conditions);
  return solveWithTools({ loaded, source, conditions, known, run: runProgram });
}

test('calls become a plan: literals, places in results, counted numbers, and what the answer rests on', async () => {
  const solved = await solve(`
    const [{ value }] = conditions.constraints;
    const first = call('find_products', { category: value });
    call('count_purchases', {});
    const second = call('find_products', { category: value, page: 2 });
    const one = call('get_product', { product_id: first.items[3].id });
    return { name: one.name, rows: first.items.length + second.items.length };`);
  assert.ok(solved.ok, JSON.stringify(solved));
  const { steps } = solved.plan;
  assert.deepEqual(steps[0]!.arguments, { category: { literal: 'lamp' } });
  assert.deepEqual(steps[2]!.arguments['page'], { derived: 2, using: ['r1'] });
  assert.deepEqual(steps[3]!.arguments['product_id'], { from: 'r1', path: ['items', 3, 'id'] });
  const [handedIn] = Object.values(steps[4]!.arguments);
  assert.deepEqual(handedIn, { derived: solved.submission, using: ['r1', 'r3', 'r4'] });
});

const refused: readonly [what: string, words: RegExp, body: string][] = [
  [
    'an id from nowhere',
    /product_id comes from nowhere/,
    `try { call('get_product', { product_id: 'pr-1' }) } catch {} return { a: 1 };`,
  ],
  ['a text from nowhere', /no call shows "Product 7"/, `return { name: 'Product 7' };`],
  [
    'a call that fails',
    /call 1, get_product, fails: not_found/,
    `try { call('get_product', { product_id: 'lamp' }) } catch {} return { a: 1 };`,
  ],
  [
    'a call that is caught and called again',
    /after 2 calls: exception.*no_such_tool/,
    `
    try { call('count_purchases', {}) } catch { call('cancel_purchase', {}) }
    call('no_such_tool', {});
    return { a: 1 };`,
  ],
  ['handing in by itself', /does not submit/, `call('hand_in', { result: { id: 1 } });`],
  ['too many calls', /only 60 calls/, `for (;;) call('count_purchases', {});`],
  [
    'nothing that JSON can say',
    /fails/,
    `return { a: () => 1, get b() { throw new Error('b') } };`,
  ],
  ['the tables', /not defined|undefined/, `return { rows: tables.product.length };`],
];
for (const [what, words, body] of refused) {
  test(`refused: ${what}`, async () => {
    const solved = await solve(body);
    assert.ok(!solved.ok, JSON.stringify(solved));
    assert.match(solved.problems.join('\n'), words);
  });
}

test('programs that depend on more than their input are refused before they run', () => {
  const good = 'export default function (call) { return call("a", {}); }';
  assert.deepEqual(sourceProblems(good), []);
  const bad = [
    'Date.now()',
    'Math . random()',
    'import("fs")',
    'this.constructor.constructor("x")',
    'globalThis.x',
    'M\\u0061th.random()',
    'await 1',
    'new Proxy({}, {})',
    'x'.repeat(13_000),
  ];
  for (const part of bad) assert.equal(sourceProblems(`${good} ${part}`).length > 0, true, part);
  assert.match(sourceProblems('const x = 1;')[0]!, /export default function/);
});
