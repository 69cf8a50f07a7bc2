import assert from 'node:assert/strict';
import test from 'node:test';
import { StreamFrames } from './stream-frames.js';

test('frames come whole, however the text is split, comments too', () => {
  const text =
    ': keep-alive\n\nevent: ping\ndata: {"a":1}\n\ndata: x\r\ndata: y\r\n\r\ndata: [DONE]\n\n';
  for (const size of [1, 2, 3, 7, text.length]) {
    const frames = new StreamFrames();
    const all = [];
    for (let at = 0; at < text.length; at += size)
      all.push(...frames.push(text.slice(at, at + size)));
    assert.deepEqual(
      all.map(({ kind, event, data }) => [kind, event, data]),
      [
        ['comment', undefined, 'keep-alive'],
        ['event', 'ping', '{"a":1}'],
        ['event', undefined, 'x\ny'],
        ['event', undefined, '[DONE]'],
      ],
    );
    assert.equal(frames.rest, '');
  }
});

test('what a cut stream leaves is told', () => {
  const frames = new StreamFrames();
  assert.deepEqual(frames.push('data: {"a'), []);
  assert.equal(frames.rest, 'data: {"a');
});
