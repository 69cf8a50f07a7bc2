import assert from 'node:assert/strict';
import test from 'node:test';
import { containsFact, scoreTurn } from './score.js';

const EOS = '<｜end▁of▁sentence｜>';
const call = (name: string, parameters: string) =>
  `\n\n<｜DSML｜function_calls>\n<｜DSML｜invoke name="${name}">\n${parameters}\n</｜DSML｜invoke>\n</｜DSML｜function_calls>${EOS}`;
const city = '<｜DSML｜parameter name="city" string="true">Oslo</｜DSML｜parameter>';
const expectation = {
  type: 'calls' as const,
  calls: [{ name: 'weather', arguments: { city: 'Oslo' } }],
};

test('facts count as whole words only', () => {
  assert.ok(containsFact('It is 5 degrees.', '5'));
  assert.ok(containsFact('The total is 5.', '5'));
  assert.ok(!containsFact('It is 15 degrees.', '5'));
  assert.ok(!containsFact('It is 5.2 degrees.', '5'));
  assert.ok(containsFact('Owner: velmora Da', 'Velmora Da'));
});

test('a right call is right in name and arguments', () => {
  assert.deepEqual(scoreTurn(call('weather', city), true, false, expectation), {
    isWellFormed: true,
    isRightTool: true,
    isRightCall: true,
  });
});

test('a wrong value is the right tool and the wrong call', () => {
  const score = scoreTurn(call('weather', city.replace('Oslo', 'Rome')), true, false, expectation);
  assert.deepEqual([score.isRightTool, score.isRightCall], [true, false]);
});

test('an additional argument makes the call wrong', () => {
  const extra = `${city}\n<｜DSML｜parameter name="unit" string="true">c</｜DSML｜parameter>`;
  assert.equal(scoreTurn(call('weather', extra), true, false, expectation).isRightCall, false);
});

test('markup that only a lenient parser reads is malformed', () => {
  const score = scoreTurn(call('weather', ` ${city}`), true, false, expectation);
  assert.equal(score.isWellFormed, false);
  assert.equal(score.isRightCall, false);
});

test('an answer must hold every fact and no call', () => {
  const expected = { type: 'answer' as const, facts: ['12', 'red'] };
  assert.equal(scoreTurn(`It is 12 and red.${EOS}`, true, false, expected).isRightAnswer, true);
  assert.equal(scoreTurn(`It is 12.${EOS}`, true, false, expected).isRightAnswer, false);
  assert.equal(scoreTurn(call('weather', city), true, false, expected).isRightAnswer, false);
});

test('thinking must be closed', () => {
  const expected = { type: 'answer' as const, facts: ['12'] };
  assert.equal(scoreTurn(`6 + 6</think>12${EOS}`, true, true, expected).isRightAnswer, true);
  assert.equal(scoreTurn(`12${EOS}`, true, true, expected).isWellFormed, false);
});
