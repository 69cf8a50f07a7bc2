// Streams of the supervisor: each ends once, with what its events told of the usage.

import assert from 'node:assert/strict';
import test from 'node:test';
import { BackendError, type GenerateEvent } from '../backend/types.js';
import { RequestStreams } from './request-streams.js';

async function collect(events: AsyncIterable<GenerateEvent>): Promise<GenerateEvent[]> {
  const all = [];
  for await (const event of events) all.push(event);
  return all;
}

test('a lost stream ends with the usage so far, hits included', async () => {
  const streams = new RequestStreams();
  const events = collect(streams.open('a', 200));
  const progress = { processedTokens: 200, promptTokens: 200, cacheHitTokens: 128 };
  streams.deliver('a', { type: 'prefill-progress', ...progress });
  streams.deliver('a', { type: 'token', token: 7 });
  streams.endAll('insufficient_system_resource');
  streams.deliver('a', { type: 'token', token: 8 }); // nobody is there any more
  assert.deepEqual((await events).at(-1), {
    type: 'finish',
    reason: 'insufficient_system_resource',
    usage: { promptTokens: 200, cacheHitTokens: 128, completionTokens: 1 },
  });
  assert.equal(streams.size, 0);
});

test('an id is open once, and free again after its end or refusal', async () => {
  const streams = new RequestStreams();
  const refused = collect(streams.open('a', 1));
  assert.throws(() => streams.open('a', 1), {
    code: 'invalid_request',
    message: /already running/,
  });
  streams.refuse('a', new BackendError('context_length', 'too long'));
  await assert.rejects(refused, { code: 'context_length', message: 'too long' });
  streams.open('a', 1);
  assert.equal(streams.close('a'), true);
  assert.equal(streams.close('a'), false);
});
