import assert from 'node:assert/strict';
import test from 'node:test';
import { calculatorTool, clockTool, ToolError, unitTool } from './builtin-tools.js';

const NOW = new Date('2026-03-01T23:30:00Z');

test('the calculator answers and reports what it cannot read', () => {
  assert.deepEqual(calculatorTool.run({ expression: '12 * 12' }, NOW), { result: 144 });
  assert.throws(() => calculatorTool.run({ expression: 'twelve' }, NOW), ToolError);
  assert.throws(() => calculatorTool.run({}, NOW), /argument 'expression'/);
});

test('the clock knows time zones and defaults to UTC', () => {
  assert.deepEqual(clockTool.run({}, NOW), {
    date: '2026-03-01',
    time: '23:30',
    weekday: 'Sunday',
  });
  assert.deepEqual(clockTool.run({ timezone: 'Asia/Tokyo' }, NOW), {
    date: '2026-03-02',
    time: '08:30',
    weekday: 'Monday',
  });
  assert.throws(
    () => clockTool.run({ timezone: 'Mars/Base' }, NOW),
    /unknown time zone 'Mars\/Base'/,
  );
});

test('units convert within a dimension only', () => {
  const convert = (value: unknown, from: string, to: string) =>
    unitTool.run({ value, from, to }, NOW);
  assert.deepEqual(convert(5, 'km', 'mi'), { result: 3.106855961, unit: 'mi' });
  assert.deepEqual(convert(100, 'celsius', 'fahrenheit'), { result: 212, unit: 'fahrenheit' });
  assert.deepEqual(convert('3', 'hours', 'minutes'), { result: 180, unit: 'minutes' });
  assert.throws(() => convert(1, 'km', 'kg'), /cannot convert length 'km' to mass 'kg'/);
  assert.throws(() => convert(1, 'parsec', 'km'), /unknown unit 'parsec'/);
  assert.throws(() => convert('many', 'km', 'm'), /argument 'value' must be a number/);
});
