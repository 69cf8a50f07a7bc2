// The pitfalls of the api reference, section 14, that lie in bytes and headers: keep-alives (15), the
// shape of every error (20), texts that are no Unicode (21). The same in every profile.

import assert from 'node:assert/strict';
import test from 'node:test';
import { newKey } from '../helpers/api-key.js';
import { ManualTimers } from '../helpers/manual-timers.js';
import { playedModel } from '../helpers/played-model.js';
import {
  ANTHROPIC,
  CHAT,
  PROFILE_NAMES,
  RESPONSES,
  startProfiles,
} from '../helpers/profile-server.js';
import { gate, until } from '../helpers/scripted-server.js';

const BODY = {
  model: 'deepseek-chat',
  max_tokens: 99,
  messages: [{ role: 'user', content: 'hi' }],
};

test('pitfall 15: no keep-alive in the first second; only line breaks before JSON', async (t) => {
  for (const path of [CHAT, ANTHROPIC]) {
    const timers = new ManualTimers();
    let hold = gate();
    const { post } = await startProfiles(t, { timers, beforeToken: () => hold.passed });
    for (const profile of PROFILE_NAMES) {
      for (const stream of [false, true]) {
        hold = gate();
        let isAnswered = false;
        const answering = post(profile, path, { ...BODY, stream });
        void answering.then(() => (isAnswered = true));
        await until(() => timers.numPending === 2);
        timers.advance(999);
        timers.advance(11_001);
        assert.equal(isAnswered, false);
        hold.open();
        const { text, body } = await answering;
        await until(() => timers.numPending === 0);
        if (stream) {
          assert.match(text, /^(: keep-alive\n\n|event: ping\ndata: \{"type": ?"ping"\}\n\n){3}/);
          continue;
        }
        assert.match(text, /^\n{3}\{/);
        assert.ok(body);
      }
    }
  }
});

test('pitfall 20: every error is JSON, with the status and envelope of its dialect', async (t) => {
  const { server, post } = await startProfiles(t);
  const empty = await server.platform.admin.createAccount({ name: 'empty' });
  const poor = await newKey(server, { accountId: empty.id });
  const raw = (path: string, init: RequestInit) => fetch(server.url + path, init);
  const authorization = `Bearer ${server.apiKey}`;
  const json = { 'content-type': 'application/json' };
  const sends: [status: number, message: RegExp, init: RequestInit][] = [
    [401, /^Authentication Fails \(governor\)$/, { headers: json }],
    [401, /\(auth header format/, { headers: { ...json, authorization: 'Basic x' } }],
    [401, /\*\*\*\*9999 is/, { headers: { ...json, authorization: 'Bearer sk-9999' } }],
    [402, /^Insufficient Balance$/, { headers: { ...json, authorization: `Bearer ${poor}` } }],
    [415, /^Expected request with/, { headers: { authorization, 'content-type': 'text/plain' } }],
    [400, /line 1 column 0$/, { headers: { ...json, authorization }, body: '' }],
    [400, /^Failed to parse/, { headers: { ...json, authorization }, body: '{"model": ' }],
    [400, /missing field `m/, { headers: { ...json, authorization }, body: '{}' }],
  ];
  for (const path of [CHAT, ANTHROPIC, RESPONSES]) {
    for (const [status, message, init] of sends) {
      const input = path === RESPONSES ? { ...BODY, input: 'hi' } : BODY;
      const response = await raw(path, { method: 'POST', body: JSON.stringify(input), ...init });
      const text = await response.text();
      const what = `${path}: ${text}`;
      assert.equal(response.status, status, what);
      assert.equal(response.headers.get('content-type'), 'application/json', what);
      assert.match(response.headers.get('x-ds-trace-id') ?? '', /^[0-9a-f]{32}$/);
      const envelope = JSON.parse(text) as { type?: string; error: Record<string, unknown> };
      assert.match(String(envelope.error['message']), message, what);
      assert.deepEqual(
        Object.keys(envelope.error),
        ['message', 'type', 'param', 'code'].toSorted(byEnvelope(path)),
      );
      assert.equal(envelope.type, path === ANTHROPIC ? 'error' : undefined);
    }
  }
  for (const profile of PROFILE_NAMES) {
    for (const base of ['', '/anthropic/v1']) {
      const path = base === '' ? CHAT : ANTHROPIC;
      for (const [scenario, status] of [
        ['rate-limit', 429],
        ['overloaded', 503],
      ] as const) {
        const answer = await post(profile, `/lab/${scenario}${path}`, BODY);
        assert.equal(answer.status, status);
        assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
        assert.ok(answer.body);
      }
    }
  }
});

/** The Anthropic door writes the type first, as that API does. */
function byEnvelope(path: string): (a: string, b: string) => number {
  const order = path === ANTHROPIC ? ['type', 'message'] : ['message', 'type'];
  const keys = [...order, 'param', 'code'];
  return (a, b) => keys.indexOf(a) - keys.indexOf(b);
}

test('pitfall 21: lone surrogates in a history are read, as the replacement character', async (t) => {
  const model = playedModel({ content: 'Yes.' });
  const { post } = await startProfiles(t, model);
  for (const path of [CHAT, ANTHROPIC, RESPONSES]) {
    for (const profile of PROFILE_NAMES) {
      for (const escape of ['\\ud83d', '\\udc1f', '\\ud83d\\ud83d', '\\ud83d\\n']) {
        const text = `"fish ${escape} end"`;
        const message = `[{"role": "user", "content": ${text}}]`;
        const field = path === RESPONSES ? 'input' : 'messages';
        const body = `{"model": "deepseek-chat", "max_tokens": 9, "${field}": ${message}}`;
        const answer = await post(profile, path, body);
        assert.equal(answer.status, 200, `${path} ${escape}: ${answer.text}`);
        assert.match(model.prompts.at(-1)!, /fish �+\n? end/);
      }
      const cut = `{"model": "deepseek-chat", "messages": [{"role": "user", "content": "x\\ud8`;
      const answer = await post(profile, path, cut);
      assert.equal(answer.status, 400);
      assert.match(
        answer.message,
        /^Failed to parse the request body as JSON: .* at line 1 column/,
      );
    }
  }
});
