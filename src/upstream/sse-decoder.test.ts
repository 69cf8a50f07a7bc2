import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { SseDecoder } from './sse-decoder.js';

const STREAM =
  ': hello\n\ndata: {"text":"深海 🌊"}\n\nevent: x\r\ndata: two\r\ndata:lines\r\n\r\n' +
  'id: 7\rdata\r\rdata: last\n\nretry: 1\n\ndata: never ended';
const EVENTS = ['{"text":"深海 🌊"}', 'two\nlines', '', 'last'];

test('bytes cut anywhere give the same events', () => {
  const bytes = Buffer.from(STREAM);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 30 }), (cuts) => {
      const decoder = new SseDecoder();
      const points = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const events = points
        .slice(1)
        .flatMap((end, i) => decoder.push(bytes.subarray(points[i], end)));
      assert.deepEqual(events, EVENTS);
    }),
    { numRuns: 300, seed: 1 },
  );
});

test('lines and events are bounded, also when they come in small pieces', () => {
  const tooLong = { name: 'UpstreamFailure', kind: 'broken', message: /longer than 100/ };
  const line = new SseDecoder({ maxLength: 100 });
  assert.throws(() => {
    for (let i = 0; i < 200; i++) line.push(Buffer.from('x'));
  }, tooLong);
  const event = new SseDecoder({ maxLength: 100 });
  assert.throws(() => {
    for (let i = 0; i < 200; i++) event.push(Buffer.from('data: x\n'));
  }, tooLong);
  const many = new SseDecoder({ maxLength: 100 });
  for (let i = 0; i < 200; i++) many.push(Buffer.from('data: x\n\n'));
});
