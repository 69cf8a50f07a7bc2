import assert from 'node:assert/strict';
import test from 'node:test';
import { csvRows } from './csv-rows.js';

test('quotes, line ends and other separators', () => {
  assert.deepEqual(csvRows('a,b\r\n"x, ""y""","two\nlines"\n', 10), [
    ['a', 'b'],
    ['x, "y"', 'two\nlines'],
  ]);
  assert.deepEqual(csvRows('a;b\n1,5;2', 10), [
    ['a', 'b'],
    ['1,5', '2'],
  ]);
  assert.deepEqual(csvRows('a\tb\n\t', 10), [
    ['a', 'b'],
    ['', ''],
  ]);
  assert.deepEqual(csvRows('', 10), []);
  assert.deepEqual(csvRows('a\n'.repeat(100), 3), [['a'], ['a'], ['a']]);
});
