import assert from 'node:assert/strict';
import test from 'node:test';
import { evaluateExpression } from './calculator.js';

const VALUES: [string, number][] = [
  ['1 + 2 * 3', 7],
  ['(1 + 2) * 3', 9],
  ['2 ^ 3 ^ 2', 512],
  ['-2 ^ 2', -4],
  ['0.1 + 0.2', 0.3],
  ['7 % 4', 3],
  ['6 ÷ 4 × 2', 3],
  ['sqrt(16) + abs(-2)', 6],
  ['1e3 / 8', 125],
  ['.5 * 4', 2],
];

for (const [expression, expected] of VALUES) {
  test(`${expression} is ${expected}`, () => {
    assert.equal(evaluateExpression(expression), expected);
  });
}

const FAILURES: [string, RegExp][] = [
  ['', /unexpected the end/],
  ['1 +', /unexpected the end/],
  ['2 3', /unexpected '3' at position 3/],
  ['process.exit()', /unexpected 'p'/],
  ['constructor(1)', /unexpected 'c'/],
  ['1 / 0', /division by zero/],
  ['10 ^ 400', /no finite value/],
  ['('.repeat(100), /nested deeper than 64/],
  ['-'.repeat(600), /600 characters/],
];

for (const [expression, message] of FAILURES) {
  test(`refuses ${JSON.stringify(expression.slice(0, 20))}`, () => {
    assert.throws(() => evaluateExpression(expression), message);
  });
}
