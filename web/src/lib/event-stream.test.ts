import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { EventStreamParser } from './event-stream.js';

const STREAM =
  ': hello\n\nid: 1\ndata: {"a":"é"}\r\n\r\nevent: end\rdata: x\rdata:y\r\rid: 2\nretry: 5\ndata\n\n\n';

test('events are the same however the text is cut', () => {
  const whole = new EventStreamParser().push(STREAM);
  assert.deepEqual(whole, [
    { id: '1', event: 'message', data: '{"a":"é"}' },
    { id: '1', event: 'end', data: 'x\ny' },
    { id: '2', event: 'message', data: '' },
  ]);
  fc.assert(
    fc.property(fc.array(fc.nat(STREAM.length), { maxLength: 8 }), (cuts) => {
      const parser = new EventStreamParser();
      const at = [0, ...cuts.toSorted((a, b) => a - b), STREAM.length];
      const events = at.slice(1).flatMap((end, i) => parser.push(STREAM.slice(at[i], end)));
      assert.deepEqual(events, whole);
    }),
  );
});

test('what is not complete waits', () => {
  const parser = new EventStreamParser();
  assert.deepEqual(parser.push('data: a\n'), []);
  assert.deepEqual(parser.push('\n'), [{ id: undefined, event: 'message', data: 'a' }]);
});
