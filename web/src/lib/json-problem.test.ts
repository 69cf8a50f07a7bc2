import assert from 'node:assert/strict';
import test from 'node:test';
import { parseJsonText } from './json-problem.js';

function lineOf(text: string): number | undefined {
  const parsed = parseJsonText(text);
  assert.ok('problem' in parsed, text);
  assert.ok(parsed.problem.message.length > 0 && parsed.problem.message.length < 100);
  return parsed.problem.line;
}

test('a problem is told with its line', () => {
  assert.deepEqual(parseJsonText('{"a": [1]}'), { value: { a: [1] } });
  assert.equal(lineOf('{\n  "a": 1,\n  "b" 2\n}'), 3);
  assert.equal(lineOf('{\n  "a": 1,\n'), 3);
  assert.equal(lineOf(''), 1);
});
