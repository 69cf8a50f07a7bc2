import assert from 'node:assert/strict';
import test from 'node:test';
import { toCsv } from './csv.js';

const one = (cell: string | number | null) => toCsv([], [[cell]]).slice(3, -2);

test('rows are lines, quotes are doubled, and the file says that it is UTF-8', () => {
  const text = toCsv(
    ['day', 'name'],
    [
      ['2026-11-24', 'a "b", c'],
      ['2026-11-25', null],
    ],
  );
  assert.equal(text, '\ufeffday,name\r\n2026-11-24,"a ""b"", c"\r\n2026-11-25,\r\n');
});

test('nothing that a person typed becomes a formula', () => {
  assert.equal(one('=1+1'), "'=1+1");
  assert.equal(one('@SUM(A1)'), "'@SUM(A1)");
  assert.equal(one('+4917'), "'+4917");
  assert.equal(one('-2+3'), "'-2+3");
  assert.equal(one('\t=1'), '"\'\t=1"');
  assert.equal(one(' =1'), "' =1");
  assert.equal(one('\uff1d1+1'), "'\uff1d1+1");
  assert.equal(one('=HYPERLINK("http://x","y")'), '"\'=HYPERLINK(""http://x"",""y"")"');
});

test('numbers stay numbers, below zero too', () => {
  assert.equal(one(-3), '-3');
  assert.equal(one('-0.000123'), '-0.000123');
  assert.equal(one('12.50'), '12.50');
});
