// Syntax errors in serde_json's words with path, line and column; and what must be accepted.

import assert from 'node:assert/strict';
import test from 'node:test';
import { JsonBodyError, readJsonDocument } from './json-document.js';

const BROKEN: [body: string | Uint8Array, message: string][] = [
  ['', 'EOF while parsing a value at line 1 column 0'],
  ['  ', 'EOF while parsing a value at line 1 column 2'],
  ['{', 'EOF while parsing an object at line 1 column 1'],
  ['{"a"', 'a: EOF while parsing an object at line 1 column 4'],
  ['{"a" 1}', 'a: expected `:` at line 1 column 6'],
  ['{"a": ', 'a: EOF while parsing a value at line 1 column 6'],
  ['{"a": 1', 'EOF while parsing an object at line 1 column 7'],
  ['{"a": 1 "b"}', 'expected `,` or `}` at line 1 column 9'],
  ['{"a": 1,}', 'trailing comma at line 1 column 9'],
  ['{a: 1}', 'key must be a string at line 1 column 2'],
  ['[1, 2', 'EOF while parsing a list at line 1 column 5'],
  ['[1 2]', 'expected `,` or `]` at line 1 column 4'],
  ['[1,]', 'trailing comma at line 1 column 4'],
  ['[,1]', '[0]: expected value at line 1 column 2'],
  [
    '{"messages": [{"content": "a\nb"}]}',
    'messages[0].content: control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0',
  ],
  ['{\n  "a": tru\n}', 'a: expected ident at line 2 column 8'],
  ['"open', 'EOF while parsing a string at line 1 column 5'],
  ['"\\x"', 'invalid escape at line 1 column 2'],
  ['"\\u12"', 'invalid escape at line 1 column 2'],
  ['01', 'invalid number at line 1 column 2'],
  ['-', 'invalid number at line 1 column 1'],
  ['1.e', 'invalid number at line 1 column 2'],
  ['1e999', 'number out of range at line 1 column 5'],
  ['NaN', 'expected value at line 1 column 1'],
  ['{} x', 'trailing characters at line 1 column 4'],
  ['\uFEFF{}', 'expected value at line 1 column 3'],
  ['é', 'expected value at line 1 column 2'],
  ['['.repeat(200), `${'[0]'.repeat(128)}: recursion limit exceeded at line 1 column 129`],
  [Buffer.from([0x22, 0x61, 0xff, 0x22]), 'invalid unicode code point at line 1 column 2'],
];

test('broken JSON is refused with path, reason and position', () => {
  for (const [body, message] of BROKEN) {
    assert.throws(
      () => readJsonDocument(Buffer.from(body as string)),
      (error) => {
        assert.ok(error instanceof JsonBodyError);
        assert.equal(error.message, message, `for ${String(body).slice(0, 40)}`);
        return true;
      },
    );
  }
});

test('values keep their text and place', () => {
  const { root } = readJsonDocument(Buffer.from(' {"n": 1.50, "__proto__": [true, null]} '));
  assert.ok(root.kind === 'object');
  const number = root.members.get('n')!;
  assert.ok(number.kind === 'number');
  assert.deepEqual([number.text, number.start, number.end], ['1.50', 7, 11]);
  assert.equal(root.members.get('__proto__')!.kind, 'array');
});

test('lone surrogates and escaped pairs are let through', () => {
  const { root } = readJsonDocument(Buffer.from('["\\ud83d\\ude00", "\\ud83d"]'));
  assert.ok(root.kind === 'array');
  assert.deepEqual(
    root.items.map((item) => item.kind === 'string' && item.value),
    ['😀', '\ud83d'],
  );
});

test('an error repeats only the beginning of a long key', () => {
  const body = `{"a": {"${'k'.repeat(5000)}": tru}}`;
  assert.throws(() => readJsonDocument(Buffer.from(body)), {
    message: `a.${'k'.repeat(100)}…: expected ident at line 1 column ${body.indexOf('tru') + 1}`,
  });
});
