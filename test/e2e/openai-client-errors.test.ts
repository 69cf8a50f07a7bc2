// What the official `openai` client makes of failures: its error classes, its retries and what they
// wait for, streams that break off.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import OpenAI from 'openai';
import { newKey } from '../helpers/api-key.js';
import { ManualTimers } from '../helpers/manual-timers.js';
import {
  gate,
  startScripted,
  until,
  type ScriptedServerOptions,
} from '../helpers/scripted-server.js';

const REQUEST = {
  model: 'deepseek-chat',
  messages: [{ role: 'user' as const, content: 'hi' }],
};

const LAB_FAILURES = [
  ['content-risk', OpenAI.BadRequestError, /^400 Content Exists Risk$/],
  ['unauthorized', OpenAI.AuthenticationError, /^401 Authentication Fails, .*\*\*\*\*0000/],
  ['insufficient-balance', OpenAI.APIError, /^402 Insufficient Balance$/],
  ['not-found', OpenAI.NotFoundError, /^404/],
  ['rate-limit', OpenAI.RateLimitError, /^429 Rate limit reached/],
  ['internal-error', OpenAI.InternalServerError, /^500 Internal server error$/],
  ['overloaded', OpenAI.InternalServerError, /^503 Service is too busy/],
  ['bad-gateway', OpenAI.InternalServerError, /^502/],
  ['disconnect', OpenAI.APIConnectionError, /Connection error/],
] as const;

test('every failure of the lab arrives as the class that stands for it', async (t) => {
  const { server } = await startScripted(t);
  for (const [scenario, expected, message] of LAB_FAILURES) {
    const baseURL = `${server.url}/lab/${scenario}`;
    const client = new OpenAI({ baseURL, apiKey: server.apiKey, maxRetries: 0 });
    for (const stream of [false, true]) {
      await assert.rejects(client.chat.completions.create({ ...REQUEST, stream }), (error) => {
        assert.ok(error instanceof expected, `${scenario}: ${String(error)}`);
        assert.match(error.message, message);
        const { status, code } = error as InstanceType<typeof OpenAI.APIError>;
        if (status && status < 500 && status !== 404) assert.equal(typeof code, 'string');
        return true;
      });
    }
  }
});

test('the trace id of a failed request is with the error', async (t) => {
  const { server } = await startScripted(t);
  const client = new OpenAI({ baseURL: server.url, apiKey: server.apiKey, maxRetries: 0 });
  await assert.rejects(client.chat.completions.create({ ...REQUEST, model: 'x' }), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.match(error.headers.get('x-ds-trace-id') ?? '', /^[0-9a-f]{32}$/);
    return true;
  });
});

/** Lets the client's own waits of whole seconds pass at once, and lists them. */
function withoutWaits(t: TestContext): number[] {
  const waits: number[] = [];
  const { setTimeout: real } = globalThis;
  t.mock.method(globalThis, 'setTimeout', ((callback: () => void, ms = 0) => {
    if (ms > 0 && ms <= 10_000) waits.push(ms);
    return real(callback, ms <= 10_000 ? 0 : ms);
  }) as typeof setTimeout);
  return waits;
}

/** A server with one request running, so that a second has no place. */
async function busyServer(t: TestContext, limits: ScriptedServerOptions['limits']) {
  const hold = gate();
  const scripted = await startScripted(t, {
    ...(limits && { limits }),
    timers: new ManualTimers(),
    beforeToken: () => hold.passed,
  });
  const { server, backend } = scripted;
  const apiKey = await newKey(server, limits ? {} : { maxConcurrency: 1 });
  const first = new OpenAI({ baseURL: server.url, apiKey }).chat.completions.create(REQUEST);
  await until(() => backend.numRunning === 1);
  const statuses: number[] = [];
  const retryAfter: (string | null)[] = [];
  const client = new OpenAI({
    baseURL: server.url,
    apiKey,
    // The place is free when the client has been refused once.
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      statuses.push(response.status);
      retryAfter.push(response.headers.get('retry-after'));
      hold.open();
      await first;
      return response;
    },
  });
  return { client, statuses, retryAfter };
}

test('429 and 503 are retried after the time that Retry-After names', async (t) => {
  for (const [status, limits] of [
    [429, undefined],
    [503, { maxRunning: 1, maxQueued: 0 }],
  ] as const) {
    await t.test(String(status), async (t) => {
      const { client, statuses, retryAfter } = await busyServer(t, limits);
      const waits = withoutWaits(t);
      const { choices } = await client.chat.completions.create(REQUEST);
      assert.equal(choices[0]!.message.content, 'Hello.');
      assert.deepEqual(statuses, [status, 200]);
      assert.match(retryAfter[0] ?? '', /^[1-9]\d*$/);
      assert.ok(waits.includes(Number(retryAfter[0]) * 1000), `waited ${waits}`);
    });
  }
});

test('a stream that breaks off is an error, one that ends early says why', async (t) => {
  const { server } = await startScripted(t);
  const read = async (scenario: string) => {
    const baseURL = `${server.url}/lab/${scenario}`;
    const client = new OpenAI({ baseURL, apiKey: server.apiKey, maxRetries: 0 });
    let text = '';
    let reason: string | null = null;
    const stream = await client.chat.completions.create({ ...REQUEST, stream: true });
    for await (const { choices } of stream) {
      text += choices[0]!.delta.content ?? '';
      reason = choices[0]!.finish_reason;
    }
    return [text, reason];
  };
  await assert.rejects(read('cut-connection'));
  assert.deepEqual(await read('mid-stream-failure'), [
    'The answer is',
    'insufficient_system_resource',
  ]);
  assert.deepEqual(await read('content-filter'), ['The answer is', 'content_filter']);
});

test('leaving a stream stops the model', async (t) => {
  const { server, backend } = await startScripted(t, { complete: () => 'word '.repeat(5000) });
  const client = new OpenAI({ baseURL: server.url, apiKey: server.apiKey });
  const stream = await client.chat.completions.create({
    ...REQUEST,
    stream: true,
    logprobs: true,
    top_logprobs: 20,
    max_tokens: 8000,
  });
  for await (const _ of stream) break;
  await until(() => server.numActive === 0);
  assert.ok(backend.signals[0]!.aborted);
});
