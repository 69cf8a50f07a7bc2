import assert from 'node:assert/strict';
import test from 'node:test';
import { tableAsCsv } from './table-text.js';

test('cells are quoted where they must be, and formulas are not run', () => {
  assert.equal(
    tableAsCsv([
      ['name', 'a "b", c'],
      ['=1+1', '-5.2'],
      ['-cmd', '两\n行'],
    ]),
    'name,"a ""b"", c"\r\n\'=1+1,-5.2\r\n\'-cmd,"两\n行"\r\n',
  );
});
