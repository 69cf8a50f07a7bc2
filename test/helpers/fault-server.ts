// A scripted server that is to be hurt: one small request for each of the four doors, the raw text
// of a request, and the proof that nothing of a request is left behind.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { ManualTimers } from './manual-timers.js';
import { RawSocket } from './raw-socket.js';
import { startScripted, until, type ScriptedServerOptions } from './scripted-server.js';

const MESSAGES = [{ role: 'user', content: 'hi' }];

/** A small valid request through each door. */
export const DOORS = [
  {
    door: 'chat',
    path: '/chat/completions',
    body: { model: 'deepseek-chat', messages: MESSAGES },
  },
  { door: 'fim', path: '/beta/completions', body: { model: 'deepseek-chat', prompt: 'hi' } },
  {
    door: 'anthropic',
    path: '/anthropic/v1/messages',
    body: { model: 'deepseek-chat', max_tokens: 1000, messages: MESSAGES },
  },
  { door: 'responses', path: '/responses', body: { model: 'deepseek-chat', input: 'hi' } },
] as const;

export async function startForFaults(t: TestContext, options: ScriptedServerOptions = {}) {
  const timers = new ManualTimers();
  const scripted = await startScripted(t, { timers, ...options });
  const { server, backend, post } = scripted;
  const isIdle = () =>
    server.numActive === 0 && backend.numRunning === 0 && timers.numPending === 0;
  return {
    ...scripted,
    timers,
    open: (socketOptions?: { reads: boolean }) => RawSocket.open(server.url, socketOptions),
    /** The head of a request; extra lines replace nothing, they are added. */
    head: (requestLine: string, ...lines: string[]) => headText(requestLine, server.apiKey, lines),
    /** A whole request with a body and its length. */
    request: (body: string | object, path = '/chat/completions') => {
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const length = Buffer.byteLength(text);
      return headText(`POST ${path} HTTP/1.1`, server.apiKey, [`content-length: ${length}`]) + text;
    },
    isIdle,
    /** Nothing of any request is left: no exchange, place, queue, timer; and the server serves. */
    assertIdle: async () => {
      await until(isIdle);
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      for (const gauge of ['hadal_running_requests', 'hadal_queued_requests']) {
        assert.equal(new RegExp(`^${gauge} (.*)$`, 'm').exec(metrics)?.[1], '0', gauge);
      }
      const response = await post();
      assert.equal(response.status, 200, await response.text());
      await until(isIdle);
    },
  };
}

function headText(requestLine: string, apiKey: string, lines: readonly string[]): string {
  return [
    requestLine,
    'host: hadal',
    `authorization: Bearer ${apiKey}`,
    'content-type: application/json',
    ...lines,
    '\r\n',
  ].join('\r\n');
}
