// `GET /models` and `/models/{id}`, per base.

import assert from 'node:assert/strict';
import test from 'node:test';
import { specialeExpiredError } from './errors.js';
import { modelBody, modelListBody } from './modes.js';

test('the model list is byte-exact', () => {
  assert.equal(
    modelListBody('main'),
    '{"object":"list","data":[{"id":"deepseek-chat","object":"model","owned_by":"deepseek"},' +
      '{"id":"deepseek-reasoner","object":"model","owned_by":"deepseek"}]}',
  );
  assert.equal(modelListBody('beta'), modelListBody('main'));
});

test('the Speciale base lists the reasoner only', () => {
  assert.equal(
    modelListBody('speciale'),
    '{"object":"list","data":[{"id":"deepseek-reasoner","object":"model","owned_by":"deepseek"}]}',
  );
});

test('one model by its id, 404 for another', () => {
  assert.equal(
    modelBody('deepseek-chat', 'beta'),
    '{"id":"deepseek-chat","object":"model","owned_by":"deepseek"}',
  );
  assert.throws(() => modelBody('gpt-4o', 'main'), {
    status: 404,
    message: "Model Not Exist: 'gpt-4o'",
  });
  assert.throws(() => modelBody('deepseek-chat', 'speciale'), { status: 404 });
});

test('the expiry error names the time', () => {
  const error = specialeExpiredError(Date.UTC(2025, 11, 15, 15, 59));
  assert.equal(error.status, 404);
  assert.equal(error.message, 'This endpoint expired on 2025-12-15T15:59:00Z');
});
