import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Admission, AdmissionError, type Place, type Waiting } from './admission.js';

const never = new AbortController().signal;

function applicant(tenant: string, overrides: object = {}) {
  return { tenant, keyId: tenant, maxConcurrency: 100, signal: never, ...overrides };
}

function isWaiting(answer: Place | Waiting): answer is Waiting {
  return 'admitted' in answer;
}

test('a free place is given at once, a taken one is waited for', async () => {
  const admission = new Admission({ maxRunning: 1, maxQueued: 1 });
  const first = admission.enter(applicant('a'));
  assert.ok(!isWaiting(first));
  const second = admission.enter(applicant('a'));
  assert.ok(isWaiting(second));
  assert.equal(second.position, 1);
  first.leave();
  const place = await second.admitted;
  assert.equal(admission.running, 1);
  place.leave();
  place.leave();
  assert.equal(admission.running, 0);
});

test('a full queue and a key with too much at once are turned away, with a time to come back', () => {
  const admission = new Admission({ maxRunning: 1, maxQueued: 1 });
  admission.enter(applicant('a', { maxConcurrency: 2 }));
  admission.enter(applicant('a', { maxConcurrency: 2 }));
  assert.throws(
    () => admission.enter(applicant('a', { maxConcurrency: 2 })),
    (error) =>
      error instanceof AdmissionError && error.reason === 'key' && error.retryAfterSeconds >= 1,
  );
  assert.throws(
    () => admission.enter(applicant('b')),
    (error) => error instanceof AdmissionError && error.reason === 'queue',
  );
});

test('tenants take turns, and positions say so', async () => {
  const admission = new Admission({ maxRunning: 1, maxQueued: 10 });
  let running = admission.enter(applicant('z')) as Place;
  const waiting = ['a', 'a', 'a', 'b', 'c', 'b'].map((tenant) => ({
    tenant,
    wait: admission.enter(applicant(tenant)) as Waiting,
  }));
  assert.deepEqual(
    waiting.map(({ wait }) => wait.position),
    [1, 4, 6, 2, 3, 5],
  );
  const order: string[] = [];
  for (const { tenant, wait } of waiting) {
    void wait.admitted.then((place) => {
      order.push(tenant);
      running = place;
    });
  }
  for (let i = 0; i < waiting.length; i++) {
    running.leave();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(order, ['a', 'b', 'c', 'a', 'b', 'a']);
});

test('who leaves the queue is forgotten', async () => {
  const admission = new Admission({ maxRunning: 1, maxQueued: 10 });
  const first = admission.enter(applicant('a')) as Place;
  const abort = new AbortController();
  const gone = admission.enter(applicant('b', { signal: abort.signal })) as Waiting;
  const next = admission.enter(applicant('c')) as Waiting;
  assert.equal(next.position, 2);
  abort.abort(new Error('left'));
  await assert.rejects(gone.admitted, /left/);
  assert.equal(next.position, 1);
  first.leave();
  (await next.admitted).leave();
  assert.deepEqual([admission.running, admission.queued], [0, 0]);
});

test('property: never more running than allowed, nobody is lost, all counts end at zero', async () => {
  const action = fc.record({
    kind: fc.constantFrom('enter', 'leave', 'abort'),
    pick: fc.nat(1000),
    tenant: fc.constantFrom('a', 'b', 'c'),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 60 }),
      fc.integer({ min: 1, max: 3 }),
      async (actions, maxRunning) => {
        const admission = new Admission({ maxRunning, maxQueued: 5 });
        const places: Place[] = [];
        const aborts: AbortController[] = [];
        let numAborted = 0;
        let numEntered = 0;
        let numServed = 0;
        const take = (place: Place) => {
          numServed++;
          places.push(place);
        };
        for (const { kind, pick, tenant } of actions) {
          if (kind === 'enter') {
            const abort = new AbortController();
            try {
              const answer = admission.enter(applicant(tenant, { signal: abort.signal }));
              numEntered++;
              if (isWaiting(answer)) {
                aborts.push(abort);
                answer.admitted.then(take, () => numAborted++);
              } else take(answer);
            } catch (error) {
              assert.ok(error instanceof AdmissionError);
            }
          } else if (kind === 'leave') places.splice(pick % (places.length || 1), 1)[0]?.leave();
          else aborts.splice(pick % (aborts.length || 1), 1)[0]?.abort(new Error('left'));
          await Promise.resolve();
          assert.ok(admission.running <= maxRunning);
          assert.ok(admission.queued <= 5);
          assert.ok(admission.queued === 0 || admission.running === maxRunning);
        }
        for (;;) {
          await new Promise((resolve) => setImmediate(resolve));
          const place = places.pop();
          if (!place) break;
          place.leave();
        }
        assert.equal(numServed + numAborted, numEntered);
        assert.deepEqual([admission.running, admission.queued], [0, 0]);
      },
    ),
    { numRuns: 200 },
  );
});
