import assert from 'node:assert/strict';
import test from 'node:test';
import { argumentRows, argumentSummary, prettyJson } from './call-arguments.js';

test('flat arguments become rows', () => {
  assert.deepEqual(argumentRows('{"value": 3, "from": "km", "near": ["a"]}'), [
    { name: 'value', value: '3' },
    { name: 'from', value: 'km' },
    { name: 'near', value: '["a"]' },
  ]);
  assert.equal(argumentSummary('{"value": 3, "from": "km"}'), '3, km');
});

test('what is unfinished, long or no object is shown as text', () => {
  assert.equal(argumentRows('{"a": "b'), undefined);
  assert.equal(argumentRows('[1]'), undefined);
  assert.equal(argumentRows('{"a": "x\\ny"}'), undefined);
  assert.equal(argumentSummary('nonsense'), '');
});

test('JSON is indented, other text and long numbers stay as they are', () => {
  assert.equal(prettyJson('{"a":1}'), '{\n  "a": 1\n}');
  assert.equal(prettyJson('plain'), 'plain');
  assert.equal(prettyJson('{"id":12345678901234567890}'), '{"id":12345678901234567890}');
});
