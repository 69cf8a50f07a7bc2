// A model that dies, and a connection that is cut, in the middle of a reply: what each door tells its
// clients, by the scenarios that client authors can call (docs/lab.md).

import assert from 'node:assert/strict';
import test from 'node:test';
import { PlatformUnavailableError } from '../../../src/store/types.js';
import { DOORS, startForFaults } from '../../helpers/fault-server.js';
import { until } from '../../helpers/scripted-server.js';

/** How each door ends a reply whose engine was lost: its stream, and its body. */
const LOST: Record<(typeof DOORS)[number]['door'], { stream: RegExp; whole: RegExp }> = {
  chat: {
    stream: /"finish_reason":"insufficient_system_resource"[^]*data: \[DONE\]\n\n$/,
    whole: /"finish_reason":"insufficient_system_resource"/,
  },
  fim: {
    stream: /"finish_reason":"insufficient_system_resource"[^]*data: \[DONE\]\n\n$/,
    whole: /"finish_reason":"insufficient_system_resource"/,
  },
  anthropic: { stream: /event: error\ndata: \{"type":"error"/, whole: /^\{"type":"error"/ },
  responses: { stream: /event: response\.failed\n/, whole: /"status":"failed"/ },
};

/** Some token of the reply, in the words of any door. */
const HAD_COME = /"(content|text|delta)":"T"/;

for (const { door, path, body } of DOORS) {
  test(`${door}: the engine is lost`, async (t) => {
    const { server, headers, assertIdle } = await startForFaults(t);
    for (const stream of [true, false]) {
      const response = await fetch(`${server.url}/lab/mid-stream-failure${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ ...body, stream }),
      });
      const text = await response.text();
      assert.match(text, stream ? LOST[door].stream : LOST[door].whole);
      if (stream) assert.match(text, HAD_COME, 'what had come before is not lost');
      assert.doesNotMatch(text, /"(finish|stop)_reason":"(stop|end_turn)"|"status":"completed"/);
    }
    await assertIdle();
  });

  test(`${door}: the connection is cut`, async (t) => {
    const { server, open, request, assertIdle } = await startForFaults(t);
    for (const stream of [true, false]) {
      const client = await open();
      const text = await client
        .send(request({ ...body, stream }, `/lab/cut-connection${path}`))
        .ended();
      if (stream) assert.match(text, HAD_COME);
      else assert.equal(text, '');
      assert.doesNotMatch(text, /\[DONE\]|message_stop|response\.completed|\r\n0\r\n/);
    }
    await until(() => server.numActive === 0);
    await assertIdle();
  });
}

test('a reply that cannot be recorded does not look finished', async (t) => {
  const { server, headers, backend, assertIdle } = await startForFaults(t);
  const { platform } = server;
  const record = platform.record.bind(platform);
  platform.record = () => Promise.reject(new PlatformUnavailableError('the journal is full'));
  for (const { door, path, body } of DOORS) {
    for (const stream of [true, false]) {
      const response = await fetch(server.url + path, {
        method: 'POST',
        headers,
        body: JSON.stringify({ ...body, stream }),
      });
      const text = await response.text();
      assert.match(text, stream ? LOST[door].stream : LOST[door].whole);
      assert.doesNotMatch(text, /"(finish|stop)_reason":"(stop|end_turn)"|"status":"completed"/);
    }
  }
  assert.equal(backend.requests.length, 2 * DOORS.length);
  platform.record = record;
  await assertIdle();
});
