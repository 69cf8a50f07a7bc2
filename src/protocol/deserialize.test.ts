// Reading a document by cursors: paths and positions in serde's words, and fields that stand twice.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Cursor, DeserializeError } from './deserialize.js';
import { readJsonDocument } from './json-document.js';

function rootOf(text: string): Cursor {
  return Cursor.root(readJsonDocument(Buffer.from(text)));
}

function failure(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof DeserializeError, String(error));
    return error.message;
  }
  return 'read';
}

test('the path leads from the root, and stops at what is opaque', () => {
  const root = rootOf('{"a": [0, {"b": {"c": 1}}]}');
  const b = root.required('a').items()[1]!.required('b');
  assert.equal(
    failure(() => b.required('c').string()),
    'a[1].b.c: invalid type: integer `1`, expected a string at line 1 column 23',
  );
  assert.equal(
    failure(() => b.opaque().required('c').string()),
    'a[1].b: invalid type: integer `1`, expected a string at line 1 column 23',
  );
});

test('positions count lines and bytes', () => {
  const root = rootOf('{\n  "é": "x",\n  "n": "ü"\n}');
  assert.equal(
    failure(() => root.required('n').integer()),
    'n: invalid type: string "ü", expected i64 at line 3 column 11',
  );
});

test('a known field that stands twice is refused where its second key ends', () => {
  const root = rootOf('{"model": "a", "model": "b", "x": 1, "x": 2, "in": {"y": 1, "y": 1}}');
  assert.equal(
    failure(() => root.required('model')),
    'duplicate field `model` at line 1 column 22',
  );
  assert.equal(
    failure(() => root.required('in').optional('y')),
    'in: duplicate field `y` at line 1 column 63',
  );
  assert.equal(
    failure(() => root.required('in')),
    'read',
    'what is not read may repeat',
  );
});

test('null is absent for an optional field and a value for a required one', () => {
  const root = rootOf('{"a": null}');
  assert.equal(root.optional('a'), undefined);
  assert.equal(root.optional('b'), undefined);
  assert.ok(root.required('a').isNull);
  assert.equal(
    failure(() => root.required('b')),
    'missing field `b` at line 1 column 11',
  );
});

test('integers are told by their spelling', () => {
  const root = rootOf('[1, 1.0, 1e0, -5]');
  const [one, float, exponent, negative] = root.items();
  assert.equal(one!.integer(), 1);
  assert.equal(negative!.integer(), -5);
  assert.equal(float!.number(), 1);
  assert.equal(
    failure(() => float!.integer()),
    '[1]: invalid type: floating point `1.0`, expected i64 at line 1 column 7',
  );
  assert.match(
    failure(() => exponent!.integer()),
    /floating point `1.0`/,
  );
});
