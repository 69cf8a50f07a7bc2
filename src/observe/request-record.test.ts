// A request's record: moments and ends count once, and what was never told is not invented.

import assert from 'node:assert/strict';
import test from 'node:test';
import { RequestRecord, type FinishedRecord } from './request-record.js';

function newRecord() {
  let elapsed = 100;
  const finished: FinishedRecord[] = [];
  const record = new RequestRecord({
    request: { traceId: 'a'.repeat(32), method: 'POST', route: '/x', traceparent: undefined },
    clock: { now: () => 5000, elapsed: () => elapsed },
    onEnd: (each) => finished.push(each),
  });
  return { record, finished, pass: (ms: number) => (elapsed += ms) };
}

test('moments are distances from the start, and each counts once', () => {
  const { record, finished, pass } = newRecord();
  record.mark('queued');
  pass(20);
  record.mark('admitted');
  pass(5);
  record.mark('first-token');
  pass(5);
  record.mark('first-token');
  record.end({ status: 200 });
  const [only] = finished;
  assert.deepEqual(only!.moments, { queued: 0, admitted: 20, 'first-token': 25 });
  assert.equal(only!.durationMs, 30);
  assert.equal(only!.startTimeMs, 5000);
});

test('a request ends once', () => {
  const { record, finished } = newRecord();
  record.end({ status: 200 });
  record.end({ status: 500 });
  assert.equal(finished.length, 1);
  assert.equal(finished[0]!.end.status, 200);
});

test('later facts are added to earlier ones', () => {
  const { record, finished } = newRecord();
  record.set({ door: 'chat', completionTokens: 5 });
  record.set({ completionTokens: 7 });
  record.end({ status: 200 });
  assert.deepEqual(finished[0]!.facts, { door: 'chat', completionTokens: 7 });
});
