// The request log through a running server: what it knows of a request, who may see it, that content
// stays in memory, and what the live view and the cache explainer say of real requests.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type {
  CacheReport,
  LiveReport,
  Replayed,
  RequestContent,
  RequestPage,
  RequestTrace,
} from '../../src/web/requests-wire.js';
import type { Conversation } from '../../src/web/wire.js';
import { startServer } from '../../src/server/start-server.js';
import {
  EOS,
  gate,
  startScripted,
  until,
  type ScriptedServerOptions,
} from '../helpers/scripted-server.js';

const ADMIN = 'sk-admin-of-this-test';
const SECRET = 'the whale sings at night';

async function setUp(t: TestContext, options: ScriptedServerOptions = {}) {
  const scripted = await startScripted(t, { adminKey: ADMIN, ...options });
  const { server } = scripted;
  const get = async (path: string, key: string = server.apiKey) => {
    const response = await fetch(`${server.url}/web/v1${path}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    return { status: response.status, json: (await response.json()) as unknown };
  };
  /** Sends a chat request, reads the answer, returns its trace id. */
  const ask = async (content: string, fields: object = {}) => {
    const response = await scripted.post({ messages: [{ role: 'user', content }], ...fields });
    await response.text();
    return response.headers.get('x-ds-trace-id')!;
  };
  const trace = async (id: string) => (await get(`/requests/${id}`)).json as RequestTrace;
  /** The head and body are out before the exchange is over. */
  const ended = async (id: string) => {
    for (;;) {
      const found = await trace(id);
      if (found.state === 'ended') return found;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const secondKey = async () => {
    const { accountId } = (await server.platform.admin.listKeys())[0]!;
    return (await server.platform.admin.createKey({ accountId })).key;
  };
  /** A session of the administrator, as the page has it. */
  const operator = async () => {
    const signedIn = await fetch(`${server.url}/web/v1/session`, {
      method: 'POST',
      headers: { 'x-hadal-web': '1', origin: server.url, 'content-type': 'application/json' },
      body: JSON.stringify({ admin_key: ADMIN }),
    });
    assert.equal(signedIn.status, 204);
    const cookie = signedIn.headers.get('set-cookie')!.split(';')[0]!;
    return { cookie, 'x-hadal-web': '1', 'sec-fetch-site': 'same-origin' };
  };
  return { ...scripted, get, ask, trace, ended, secondKey, operator };
}

test('a trace has every step, and they add up to the whole', async (t) => {
  const { ask, ended } = await setUp(t, { cacheHitTokens: 0 });
  for (const stream of [false, true]) {
    const { spans, duration_ms, ...trace } = await ended(await ask(SECRET, { stream }));
    assert.deepEqual(
      spans.map(({ name }) => name),
      ['receive', 'validate', 'render', 'queue', 'prefill', 'decode', 'ledger', 'deliver'],
    );
    let end = 0;
    for (const span of spans) {
      assert.equal(span.start_ms, end);
      assert.ok(span.duration_ms >= 0);
      end = span.start_ms + span.duration_ms;
    }
    assert.ok(Math.abs(end - duration_ms) < 1e-6);
    assert.equal(trace.state, 'ended');
    assert.equal(trace.status, 200);
    assert.equal(trace.model, 'deepseek-chat');
    assert.equal(trace.stream, stream);
    assert.equal(trace.finish_reason, 'stop');
    assert.equal(trace.key?.name, 'first key');
    assert.ok(trace.completion_tokens! > 0);
    assert.match(trace.ledger!.amounts[0]!.amount, /^0\.0\d+$/);
    assert.equal(trace.ledger!.amounts[0]!.currency, 'CNY');
  }
});

test('bodies and replies are shown as they were', async (t) => {
  const complete = () => `<think>hm</think>Deep.${EOS}`.replace('<think>', '');
  const { ask, ended, get } = await setUp(t, { complete });
  const id = await ask(SECRET, { model: 'deepseek-reasoner', stream: true });
  await ended(id);
  const content = (await get(`/requests/${id}/body`)).json as RequestContent;
  assert.match(content.request!, new RegExp(SECRET));
  assert.deepEqual(content.reply, {
    reasoning: 'hm',
    content: 'Deep.',
    tool_calls: [],
    is_cut: false,
  });
});

test('a key sees its own requests, an operator all, others that there are none', async (t) => {
  const { ask, ended, get, secondKey, operator, server } = await setUp(t);
  const id = await ask(SECRET);
  await ended(id);
  const other = await secondKey();
  for (const path of ['', '/body', '/cache']) {
    const refused = await get(`/requests/${id}${path}`, other);
    assert.equal(refused.status, 404);
    assert.ok(!JSON.stringify(refused.json).includes(SECRET));
  }
  assert.deepEqual((await get('/requests', other)).json, { data: [], cursor: null });
  const headers = await operator();
  const seen = await fetch(`${server.url}/web/v1/requests`, { headers });
  assert.equal(((await seen.json()) as RequestPage).data[0]!.trace_id, id);
  assert.equal((await get('/live')).status, 403);
});

test('the list goes page by page and is filtered', async (t) => {
  const { ask, ended, get, post } = await setUp(t);
  const ids: string[] = [];
  for (let index = 0; index < 5; index++) ids.push(await ask(`question ${index}`));
  const refused = await post({ messages: [] });
  await refused.text();
  ids.push(refused.headers.get('x-ds-trace-id')!);
  for (const id of ids) await ended(id);
  const seen: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const query = cursor === '' ? '' : `&cursor=${cursor}`;
    const page = (await get(`/requests?limit=2${query}`)).json as RequestPage;
    seen.push(...page.data.map(({ trace_id }) => trace_id));
    cursor = page.cursor;
  }
  assert.deepEqual(seen, ids.toReversed());
  const errors = (await get('/requests?status=error')).json as RequestPage;
  assert.equal(errors.data.length, 1);
  assert.equal(errors.data[0]!.status, 400);
  assert.equal(errors.data[0]!.error?.type, 'invalid_request_error');
  assert.match(errors.data[0]!.error!.message!, /messages/);
  assert.equal(((await get('/requests?status=ok')).json as RequestPage).data.length, 5);
  assert.equal(((await get('/requests?model=nobody')).json as RequestPage).data.length, 0);
  assert.equal((await get('/requests?limit=0')).status, 400);
});

test('without content times stay, and nothing else', async (t) => {
  const { ask, ended, get } = await setUp(t, { requestLog: false });
  const id = await ask(SECRET);
  const { spans, has_body, can_replay } = await ended(id);
  assert.ok(spans.length > 5);
  assert.deepEqual([has_body, can_replay], [false, false]);
  assert.deepEqual((await get(`/requests/${id}/body`)).json, {
    request: null,
    request_gap: 'off',
    reply: null,
    reply_gap: 'off',
  });
  assert.equal((await get(`/requests/${id}/cache`)).status, 409);
});

test('what was said is in no log line and in no file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'hadal-log-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const lines: string[] = [];
  const { ask, ended, server, post } = await setUp(t, {
    dataDir: folder,
    complete: () => `${SECRET}${EOS}`,
    log: (level, message, fields) => void lines.push(JSON.stringify([level, message, fields])),
  });
  await ended(await ask(SECRET));
  const refused = await post({ messages: [{ role: SECRET, content: SECRET }] });
  await refused.text();
  await server.close();
  assert.ok(lines.length > 0);
  assert.ok(!lines.some((line) => line.includes('whale')));
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  for (const file of files.filter((entry) => entry.isFile())) {
    const bytes = readFileSync(join(file.parentPath, file.name));
    assert.ok(!bytes.includes('whale'), file.name);
  }
});

test('a request becomes a conversation of the key', async (t) => {
  const { ask, ended, server, headers, get, post } = await setUp(t);
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'List the files.' },
    {
      role: 'assistant',
      content: '',
      reasoning_content: 'I should look.',
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'ls', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'c1', content: 'a.txt' },
    { role: 'user', content: 'And now?' },
  ];
  const tools = [
    { type: 'function', function: { name: 'ls', parameters: { type: 'object', properties: {} } } },
  ];
  const id = await ask('', { messages, tools });
  await ended(id);
  const replayed = await fetch(`${server.url}/web/v1/requests/${id}/replay`, {
    method: 'POST',
    headers,
  });
  assert.equal(replayed.status, 201);
  const { conversation_id, notes } = (await replayed.json()) as Replayed;
  assert.deepEqual(notes, ['offered tools: ls']);
  const stored = (await server.platform.conversations.find(
    (await server.platform.admin.findKey(server.apiKey))!.id,
    conversation_id,
  )) as unknown as { title: string; settings: Conversation['settings']; headId: string };
  assert.equal(stored.title, 'List the files.');
  assert.equal(stored.settings.system, 'Be brief.');
  const rows = await server.platform.conversations.messages.all(conversation_id);
  assert.deepEqual(
    rows.map(({ role }) => role),
    ['user', 'assistant', 'tool', 'user'],
  );
  for (const [index, { parentId }] of rows.entries()) {
    assert.equal(parentId, index === 0 ? null : rows[index - 1]!.id);
  }
  assert.equal(stored.headId, rows.at(-1)!.id);
  const broken = await post({ messages: [{ role: 'nobody', content: 'x' }] });
  await broken.text();
  const brokenId = broken.headers.get('x-ds-trace-id')!;
  await ended(brokenId);
  const refused = await fetch(`${server.url}/web/v1/requests/${brokenId}/replay`, {
    method: 'POST',
    headers,
  });
  assert.equal(refused.status, 409);
  assert.equal((await get('/requests/0000/body')).status, 404);
});

test('the live view shows what runs, and ends with its reader', async (t) => {
  const { passed, open } = gate();
  const { server, post, operator, backend } = await setUp(t, {
    complete: () => `One two three four five.${EOS}`,
    beforeToken: (index) => (index === 3 ? passed : undefined),
  });
  const answer = post({ stream: true });
  await until(() => backend.numTokens === 3);
  const leave = new AbortController();
  const response = await fetch(`${server.url}/web/v1/live`, {
    headers: await operator(),
    signal: leave.signal,
  });
  assert.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8');
  const report = await firstEvent(response);
  assert.equal(report.running, 1);
  const [running] = report.requests;
  assert.equal(running!.state, 'decode');
  assert.equal(running!.completion_tokens, 3);
  assert.equal(running!.key?.name, 'first key');
  assert.equal(report.series.length, 599);
  assert.equal(report.engine, null);
  assert.ok(report.components.some(({ name }) => name === 'api'));
  leave.abort();
  open();
  await (await answer).text();
});

test('the live view ends when the server stops', async (t) => {
  const { server, operator } = await setUp(t);
  const response = await fetch(`${server.url}/web/v1/live`, { headers: await operator() });
  await firstEvent(response);
  await server.close();
});

async function firstEvent(response: Response): Promise<LiveReport> {
  let text = '';
  for await (const bytes of response.body!) {
    text += Buffer.from(bytes as Uint8Array).toString();
    const event = /^event: live\ndata: (.*)\n\n/.exec(text);
    if (event) return JSON.parse(event[1]!) as LiveReport;
  }
  throw new Error('the live view ended without an event');
}

test('the explainer and the cache of the embedded model agree', async (t) => {
  const server = await startServer({ port: 0, log: () => {} });
  t.after(() => server.close());
  const headers = {
    authorization: `Bearer ${server.apiKey}`,
    'content-type': 'application/json',
  };
  const send = async (messages: object[]) => {
    const response = await fetch(`${server.url}/chat/completions`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ model: 'deepseek-chat', messages, max_tokens: 8, temperature: 0 }),
    });
    const reply = (await response.json()) as { choices: { message: { content: string } }[] };
    const id = response.headers.get('x-ds-trace-id')!;
    const report = await fetch(`${server.url}/web/v1/requests/${id}/cache`, { headers });
    assert.equal(report.status, 200);
    return {
      report: (await report.json()) as CacheReport,
      text: reply.choices[0]!.message.content,
    };
  };
  const pad = 'Answer briefly and in plain words. '.repeat(30);
  const question = { role: 'user', content: 'What is 6 * 7?' };
  const at = (time: string) => ({ role: 'system', content: `It is ${time}. ${pad}` });

  const first = await send([at('10:00:01'), question]);
  assert.equal(first.report.cause, 'first-request');
  assert.equal(first.report.hit_tokens, 0);

  const again = await send([at('10:00:01'), question]);
  assert.equal(again.report.cause, 'hit');
  assert.equal(again.report.hit_tokens, again.report.expected_hit_tokens);

  const later = await send([at('10:05:59'), question]);
  assert.equal(later.report.cause, 'time-in-prompt');
  assert.equal(later.report.hit_tokens, 0);
  assert.equal(
    later.report.lost.tokens,
    first.report.prompt_tokens - (first.report.prompt_tokens % 64),
  );
  assert.match(later.report.difference!.before, /It is 10:0$/);

  const next = await send([
    at('10:00:01'),
    question,
    { role: 'assistant', content: first.text },
    { role: 'user', content: `And 7 * 8? ${pad}` },
  ]);
  assert.ok(next.report.hit_tokens > 0);
  assert.equal(next.report.hit_tokens, next.report.expected_hit_tokens);
});
