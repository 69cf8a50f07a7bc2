import assert from 'node:assert/strict';
import test from 'node:test';
import { fieldOf, withField } from './body-fields.js';

test('a field is replaced in its place, and the rest stays', () => {
  const body = { model: 'm', stream: true, messages: [] };
  assert.equal(
    JSON.stringify(withField(body, 'stream', false)),
    '{"model":"m","stream":false,"messages":[]}',
  );
  assert.deepEqual(withField(body, 'stream', undefined), { model: 'm', messages: [] });
  assert.deepEqual(withField([1], 'a', 1), { a: 1 });
});

test('nested fields are made, and vanish with what they were alone in', () => {
  const made = withField({}, 'stream_options.include_usage', true);
  assert.deepEqual(made, { stream_options: { include_usage: true } });
  assert.equal(fieldOf(made, 'stream_options.include_usage'), true);
  assert.deepEqual(withField(made, 'stream_options.include_usage', undefined), {});
  assert.equal(fieldOf({ a: 1 }, 'a.b'), undefined);
  assert.equal(fieldOf({}, 'constructor'), undefined);
});
