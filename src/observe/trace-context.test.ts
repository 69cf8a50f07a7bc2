// traceparent is a header anybody can send: valid ones are continued, all others are as absent.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isSampled } from './sampler.js';
import { isTraceId, newSpanId, newTraceId, parseTraceparent } from './trace-context.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

test('a valid header is continued', () => {
  const expected = { traceId: TRACE, spanId: SPAN, sampled: true };
  assert.deepEqual(parseTraceparent(`00-${TRACE}-${SPAN}-01`), expected);
  assert.deepEqual(parseTraceparent(`00-${TRACE}-${SPAN}-00`), { ...expected, sampled: false });
  assert.deepEqual(parseTraceparent(` 00-${TRACE}-${SPAN}-03 `), expected);
  assert.deepEqual(parseTraceparent(`cc-${TRACE}-${SPAN}-01-what-comes-later`), expected);
});

test('an invalid header is as absent', () => {
  for (const header of [
    undefined,
    '',
    `ff-${TRACE}-${SPAN}-01`,
    `00-${TRACE}-${SPAN}-01-more`,
    `00-${TRACE}-${SPAN}`,
    `00-${TRACE.toUpperCase()}-${SPAN}-01`,
    `00-${'0'.repeat(32)}-${SPAN}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE}-${SPAN}-01\n`.repeat(2),
    `cc-${TRACE}-${SPAN}-01${'-x'.repeat(1000)}`,
  ]) {
    assert.equal(parseTraceparent(header), undefined, header);
  }
  fc.assert(fc.property(fc.string(), (text) => parseTraceparent(text) === undefined));
});

test('ids are hex, of the right length, and fresh', () => {
  const ids = new Set(Array.from({ length: 2000 }, newSpanId));
  assert.equal(ids.size, 2000);
  for (const id of ids) assert.match(id, /^[0-9a-f]{16}$/);
  assert.ok(isTraceId(newTraceId()));
  assert.ok(!isTraceId('0'.repeat(32)));
});

test('the sampler follows the parent, else keeps its share by the trace id alone', () => {
  const half = { ratio: 0.5, isParentBased: true };
  assert.equal(isSampled(half, `${'0'.repeat(31)}1`, true), true);
  assert.equal(isSampled(half, 'f'.repeat(32), false), false);
  assert.equal(isSampled({ ...half, isParentBased: false }, 'f'.repeat(32), false), true);
  const ids = Array.from({ length: 4000 }, newTraceId);
  const kept = ids.filter((id) => isSampled({ ratio: 0.25, isParentBased: true }, id, undefined));
  assert.ok(kept.length > 800 && kept.length < 1200, `${kept.length} of 4000`);
  assert.ok(
    kept.every((id) => isSampled(half, id, undefined)),
    'larger shares contain smaller',
  );
});
