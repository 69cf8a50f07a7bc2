// Syntax errors in serde_json's words with path, line and column; and what must be accepted.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { stringifyJson } from '../encoding/json-writer.js';
import { toPlainJson } from '../encoding/json.js';
import { readJsonDocument } from './json-document.js';
import { JsonBodyError } from './json-place.js';
import { jsonValueOf } from './json-value.js';

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
  ['\uFEFF{}', 'expected value at line 1 column 1'],
  ['é', 'expected value at line 1 column 1'],
  ['{"é": x}', 'é: expected value at line 1 column 8'],
  ['"\0"', 'control character (\\u0000-\\u001F) found while parsing a string at line 1 column 2'],
  ['[1e400]', '[0]: number out of range at line 1 column 7'],
  [
    '{"a":'.repeat(10_000),
    `${['a'].concat(Array(127).fill('.a')).join('')}: recursion limit exceeded at line 1 column 641`,
  ],
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

test('lone surrogates become U+FFFD; pairs and NUL escapes are kept', () => {
  const body = '["\\ud83d\\ude00", "a\\ud83d", "\\udc00\\ud83d\\ude00", "\\u0000"]';
  const { root } = readJsonDocument(Buffer.from(body));
  assert.ok(root.kind === 'array');
  assert.deepEqual(
    root.items.map((item) => item.kind === 'string' && item.value),
    ['😀', 'a\ufffd', '\ufffd😀', '\0'],
  );
});

test('an error repeats only the beginning of a long key', () => {
  const body = `{"a": {"${'k'.repeat(5000)}": tru}}`;
  assert.throws(() => readJsonDocument(Buffer.from(body)), {
    message: `a.${'k'.repeat(100)}…: expected ident at line 1 column ${body.indexOf('tru') + 1}`,
  });
});

test('a body of very many values is refused before it takes the memory', () => {
  const body = `[${'[],'.repeat(1_000_001)}0]`;
  assert.throws(() => readJsonDocument(Buffer.from(body)), /: more than 1000000 values at line 1/);
});

test('what is read is what JSON.parse reads, and broken JSON fails as there', () => {
  const texts = fc.oneof(
    fc.json(),
    fc.string(),
    // Valid JSON with one character changed.
    fc
      .tuple(fc.json(), fc.nat(), fc.constantFrom(...'"\\{}[],:0-.eE tn\n\0é'))
      .map(([json, at, c]) => {
        const index = at % json.length;
        return json.slice(0, index) + c + json.slice(index + 1);
      }),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const wellFormed = Buffer.from(text).toString();
      let expected: unknown;
      try {
        expected = JSON.parse(wellFormed, (_, value) => {
          assert.ok(typeof value !== 'number' || Number.isFinite(value), 'out of range');
          return value;
        });
      } catch {
        assert.throws(() => readJsonDocument(Buffer.from(wellFormed)), JsonBodyError);
        return;
      }
      const { root } = readJsonDocument(Buffer.from(wellFormed));
      // As text: -0 is read as Python reads it.
      assert.equal(JSON.stringify(toPlainJson(jsonValueOf(root))), JSON.stringify(expected));
    }),
    { numRuns: 2000, seed: 3 },
  );
});

test('the nodes keep the spelling of numbers', () => {
  const { root } = readJsonDocument(Buffer.from('[1, 1.0, -0, 1e3, 12345678901234567890]'));
  assert.equal(stringifyJson(jsonValueOf(root)), '[1, 1.0, 0, 1000.0, 12345678901234567890]');
});
