import assert from 'node:assert/strict';
import test from 'node:test';
import { until } from '../../../test/helpers/scripted-server.js';
import type { RunEvent } from '../run-events.js';
import { EventLog } from './event-log.js';
import { eventStream } from './event-stream.js';

/** A clock that is set by hand, with its timers. */
function manualTime() {
  const timers = new Set<{ at: number; run: () => void }>();
  const time = {
    at: 1000,
    now: () => time.at,
    after: (ms: number, run: () => void) => {
      const timer = { at: time.at + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass(ms: number) {
      time.at += ms;
      for (const timer of timers) {
        if (timer.at > time.at) continue;
        timers.delete(timer);
        timer.run();
      }
    },
    timers,
  };
  return time;
}

const delta = (text: string): RunEvent => ({ type: 'content-delta', text, tokens: 1 });
const END: RunEvent = { type: 'content-end' };
const RUN_END = { type: 'run-end', status: 'completed', error: null } as RunEvent;

const eventsOf = (log: EventLog, after = 0) =>
  [...log.read(after, Infinity).text.matchAll(/^data: (.+)$/gm)].map(
    ([, data]) => JSON.parse(data!) as RunEvent,
  );

test('the first delta comes at once, a flood is put together, and nothing overtakes it', () => {
  const time = manualTime();
  const log = new EventLog(time);
  log.add(delta('a'));
  assert.deepEqual(eventsOf(log), [delta('a')]);
  for (const text of 'bcd') log.add(delta(text));
  assert.equal(log.lastId, 1);
  time.pass(33);
  assert.deepEqual(eventsOf(log, 1), [{ type: 'content-delta', text: 'bcd', tokens: 3 }]);
  log.add(delta('e'));
  log.add({ type: 'tool-call-delta', call_id: 'x', arguments_delta: '1' });
  log.add({ type: 'tool-call-delta', call_id: 'y', arguments_delta: '2' });
  log.add(END);
  assert.deepEqual(
    eventsOf(log, 2).map(({ type }) => type),
    ['content-delta', 'tool-call-delta', 'tool-call-delta', 'content-end'],
  );
  assert.equal(time.timers.size, 0);
});

test('at most about thirty deltas a second, and none is lost', () => {
  const time = manualTime();
  const log = new EventLog(time);
  for (let i = 0; i < 1000; i++) {
    log.add(delta('x'));
    time.pass(1);
  }
  time.pass(33);
  assert.ok(log.lastId <= 32, `${log.lastId} deltas in a second`);
  const tokens = eventsOf(log).map((event) => (event.type === 'content-delta' ? event.tokens : 0));
  assert.equal(
    tokens.reduce((a, b) => a + b),
    1000,
  );
});

async function readAll(stream: ReadableStream<Uint8Array>): Promise<string> {
  return new Response(stream).text();
}

test('a reader resumes behind any event, waits for more, and ends with the run', async () => {
  const time = manualTime();
  const log = new EventLog(time);
  for (let i = 0; i < 5; i++) log.add(END);
  const readers = [0, 1, 2, 3, 4, 5].map((after) => readAll(eventStream(log, after, time)));
  log.add(RUN_END);
  for (const [after, text] of (await Promise.all(readers)).entries()) {
    const ids = [...text.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    assert.deepEqual(
      ids,
      [1, 2, 3, 4, 5, 6].filter((id) => id > after),
    );
  }
  assert.equal(time.timers.size, 0);
});

test('a silent run is kept alive, and a reader that leaves leaves nothing', async () => {
  const time = manualTime();
  const log = new EventLog(time);
  const reader = eventStream(log, 0, time).getReader();
  const next = async () => new TextDecoder().decode((await reader.read()).value);
  assert.equal(await next(), ': keep-alive\n\n');
  const second = next();
  await until(() => time.timers.size > 0);
  time.pass(15_000);
  assert.equal(await second, ': keep-alive\n\n');
  const third = reader.read();
  await until(() => time.timers.size > 0);
  await reader.cancel();
  assert.ok((await third).done);
  assert.equal(time.timers.size, 0);
});

test('a log that holds too much says so', () => {
  const log = new EventLog(manualTime());
  log.add(delta('x'.repeat(33 << 20)));
  assert.ok(log.isFull);
});
