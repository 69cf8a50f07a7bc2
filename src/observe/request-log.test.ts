// The request log stays within its bounds whatever is asked of it, and its parts tell the truth about
// what is not there.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { RequestLog } from './request-log.js';
import { RequestRecord } from './request-record.js';

const CLOCK = { now: () => 0, elapsed: () => 0 };

function opener(log: RequestLog) {
  let count = 0;
  return () => {
    const request = {
      traceId: `trace-${count++}`,
      method: 'POST',
      route: '/chat/completions',
      traceparent: undefined,
    };
    return log.open(request, new RequestRecord({ request, clock: CLOCK, onEnd: () => {} }));
  };
}

const reply = (content: string) => ({ reasoning: '', content, calls: [], isCut: false });

type Action = { type: 'open' | 'body' | 'grow' | 'reply' | 'end'; who: number; size: number };

const actions = fc.array(
  fc.record<Action>({
    type: fc.constantFrom('open', 'body', 'grow', 'reply', 'end'),
    who: fc.nat(30),
    size: fc.nat(900),
  }),
  { maxLength: 200 },
);

test('never holds more requests or bytes than it may, and counts what it holds', () => {
  fc.assert(
    fc.property(actions, fc.integer({ min: 1, max: 8 }), (steps, maxRequests) => {
      const maxContentBytes = 2000;
      const log = new RequestLog({ maxRequests, maxContentBytes });
      const open = opener(log);
      const all = [open()];
      const claimed = new Map<object, number>();
      for (const { type, who, size } of steps) {
        const request = all[who % all.length]!;
        if (type === 'open') all.push(open());
        else if (type === 'body') request.keepBody(Buffer.alloc(size));
        else if (type === 'end') log.end(request, { status: 200 });
        else if (type === 'reply') {
          request.keepReply(reply('x'.repeat(size)), claimed.get(request) ?? 0);
        } else if (request.claimReply(size)) {
          claimed.set(request, (claimed.get(request) ?? 0) + size);
        } else claimed.set(request, 0);
        assert.ok(log.size <= maxRequests);
        assert.ok(log.numBytes <= maxContentBytes, `${log.numBytes} bytes`);
        assert.ok(log.numBytes >= 0);
        const held = log.newest().reduce((sum, { numBytes }) => sum + numBytes, 0);
        assert.equal(log.numBytes, held);
      }
    }),
  );
});

test('the oldest content goes first, and its request says so', () => {
  const log = new RequestLog({ maxContentBytes: 1000 });
  const open = opener(log);
  const requests = Array.from({ length: 6 }, () => open());
  for (const request of requests) request.keepBody(Buffer.alloc(200));
  assert.equal(requests[0]!.body, 'dropped');
  assert.ok(requests[1]!.body instanceof Uint8Array);
  assert.equal(log.numBytes, 1000);
  assert.equal(log.find('trace-0'), requests[0], 'times and counts stay');
});

test('one request cannot push out all the others', () => {
  const log = new RequestLog({ maxContentBytes: 1000 });
  const open = opener(log);
  const [small, large] = [open(), open()];
  small.keepBody(Buffer.alloc(100));
  large.keepBody(Buffer.alloc(300));
  assert.equal(large.body, 'too-large');
  assert.ok(small.body instanceof Uint8Array);
});

test('a reply is told as running, then as it was', () => {
  const log = new RequestLog();
  const request = opener(log)();
  assert.equal(request.keptReply, 'running');
  request.keepReply({ ...reply('hello'), reasoning: 'hm' }, 0);
  request.end({ status: 200 });
  assert.deepEqual(request.keptReply, { ...reply('hello'), reasoning: 'hm' });
  const refused = opener(new RequestLog())();
  refused.end({ status: 400 });
  assert.equal(refused.keptReply, 'none');
});

test('requests without a key push out none of the others', () => {
  const log = new RequestLog({ maxRequests: 20 });
  const open = opener(log);
  const known = open();
  known.observation.set({ keyId: 'key' });
  log.end(known, { status: 200 });
  for (let index = 0; index < 100; index++) log.end(open(), { status: 401 });
  assert.equal(log.find('trace-0'), known);
  assert.equal(log.size, 3, 'and two of a tenth');
});

test('without content nothing of it is held', () => {
  const log = new RequestLog({ keepsContent: false });
  const request = opener(log)();
  request.keepBody(Buffer.from('secret'));
  assert.equal(request.claimReply(10), false);
  request.keepReply(reply('secret'), 0);
  assert.equal(request.body, 'off');
  assert.equal(request.keptReply, 'off');
  assert.equal(log.numBytes, 0);
});

test('of a reply that is over the numbers stay, and not its tokens', () => {
  const log = new RequestLog();
  const request = opener(log)();
  const counted = { promptTokens: 1000, cacheHitTokens: 0, completionTokens: 1 };
  request.reply = Object.assign({ prompt: new Int32Array(1000) }, counted);
  log.end(request, { status: 200 });
  assert.deepEqual(request.reply, counted);
});
