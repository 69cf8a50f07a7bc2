// /web/v1/conversations and /count on a running server: who sees what, limits, and a count that is the
// number of tokens the API then reports.

import assert from 'node:assert/strict';
import test from 'node:test';
import type {
  Conversation,
  ConversationPage,
  CountResult,
  FileRef,
  ImportResult,
  StoredMessage,
} from '../../src/web/wire.js';
import { startScripted } from '../helpers/scripted-server.js';
import { SETTINGS } from '../helpers/web-conversations.js';

async function started(t: test.TestContext) {
  const { server, headers, post } = await startScripted(t, { contextLength: 4096 });
  const call = async (method: string, path: string, body?: unknown, key?: string) => {
    const response = await fetch(`${server.url}/web/v1${path}`, {
      method,
      headers: key === undefined ? headers : { ...headers, authorization: `Bearer ${key}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? JSON.parse(text) : undefined,
    };
  };
  const make = async (body: object = {}) =>
    (await call('POST', '/conversations', body)).json as Conversation;
  return { server, call, make, post };
}

test('a conversation is made, listed, changed and deleted', async (t) => {
  const { call, make } = await started(t);
  const made = await make({
    title: ' Whales\n and seas ',
    tags: ['a', 'a'],
    settings: { system: 'Hi.' },
  });
  assert.deepEqual(
    [made.title, made.tags, made.settings.system],
    ['Whales and seas', ['a'], 'Hi.'],
  );
  assert.equal(made.active_run, null);
  const change = { title: 'New', folder: 'Work', settings: { thinking: false } };
  assert.equal((await call('PATCH', `/conversations/${made.id}`, change)).status, 204);
  const page = (await call('GET', '/conversations?query=new')).json as ConversationPage;
  assert.deepEqual(
    page.data.map(({ id, folder }) => [id, folder]),
    [[made.id, 'Work']],
  );
  const { settings } = (await call('GET', `/conversations/${made.id}`)).json as Conversation;
  assert.deepEqual([settings.system, settings.thinking], ['Hi.', false]);
  assert.equal((await call('DELETE', `/conversations/${made.id}`)).status, 204);
  assert.equal((await call('GET', `/conversations/${made.id}`)).status, 404);
});

test('every route of one answers another key as if there were none', async (t) => {
  const { server, call, make } = await started(t);
  const { id } = await make({ title: 'secret' });
  const account = await server.platform.admin.createAccount({ name: 'other' });
  const { key } = await server.platform.admin.createKey({ accountId: account.id });
  const file = { name: 'f', media_type: 'text/plain', bytes: 1, text: 'x' };
  for (const [method, path, body] of [
    ['GET', ''],
    ['PATCH', '', { title: 'mine' }],
    ['DELETE', ''],
    ['GET', '/export?format=json'],
    ['GET', '/export?format=html'],
    ['POST', '/files', file],
    ['DELETE', '/files/file_1'],
  ] as const) {
    const { status, text } = await call(method, `/conversations/${id}${path}`, body, key);
    assert.equal(status, 404, `${method} ${path}`);
    assert.ok(!text.includes('secret'));
  }
  const count = {
    conversation_id: id,
    parent_id: null,
    content: 'x',
    file_ids: [],
    settings: SETTINGS,
  };
  assert.equal((await call('POST', '/count', count, key)).status, 404);
  assert.equal(
    (await call('GET', '/conversations?query=secret', undefined, key)).json.data.length,
    0,
  );
  assert.equal((await call('GET', `/conversations/${id}`)).json.title, 'secret');
});

test('limits are refused in words', async (t) => {
  const { call, make } = await started(t);
  const { id } = await make();
  const file = { name: 'f', media_type: 'text/plain', bytes: 1, text: 'x' };
  const cases: [string, string, unknown, number, RegExp][] = [
    ['POST', '/conversations', { title: 'x'.repeat(201) }, 400, /title/],
    ['POST', '/conversations', { colour: 'red' }, 400, /colour/],
    ['POST', '/conversations', { settings: { temperature: 3 } }, 400, /temperature/],
    ['PATCH', `/conversations/${id}`, { tags: Array(21).fill('x') }, 400, /tags/],
    ['PATCH', `/conversations/${id}`, { folder: '\n' }, 400, /folder/],
    ['PATCH', `/conversations/${id}`, { head_id: 'msg_none' }, 400, /msg_none.*no message/],
    ['POST', `/conversations/${id}/files`, { ...file, text: ' \n' }, 400, /there is no text in/],
    ['POST', `/conversations/${id}/files`, { ...file, text: 'x'.repeat(2_000_001) }, 400, /text/],
    [
      'POST',
      `/conversations/${id}/files`,
      { ...file, text: 'x'.repeat(17 << 20) },
      413,
      /16384 KiB/,
    ],
    ['GET', '/conversations?cursor=abc', undefined, 400, /cursor/],
    ['GET', '/conversations?limit=1000', undefined, 400, /limit/],
    ['GET', `/conversations/${id}/export?format=docx`, undefined, 400, /format/],
    ['GET', `/conversations/${id}/export?format=curl`, undefined, 400, /nothing was asked/],
    [
      'GET',
      `/conversations/${id}/export?format=html&leaf=x`,
      undefined,
      404,
      /there is no message/,
    ],
    ['POST', '/conversations/import', { a: 1 }, 400, /no conversation/],
  ];
  for (const [method, path, body, status, reason] of cases) {
    const answer = await call(method, path, body);
    assert.deepEqual(
      [answer.status, reason.test(answer.text)],
      [status, true],
      `${path}: ${answer.text}`,
    );
  }
});

test('exports are files with safe names, and never a page of this origin', async (t) => {
  const { call, make } = await started(t);
  const { id } = await make({ title: '"../ä\r\nx: y' });
  for (const [format, type, name] of [
    ['markdown', 'text/markdown; charset=utf-8', 'md'],
    ['json', 'application/json', 'json'],
    ['html', 'text/html; charset=utf-8', 'html'],
  ] as const) {
    const { headers } = await call('GET', `/conversations/${id}/export?format=${format}`);
    assert.equal(headers.get('content-type'), type);
    assert.equal(
      headers.get('content-disposition'),
      `attachment; filename="conversation.${name}"; filename*=UTF-8''%C3%A4-x-y.${name}`,
    );
    assert.match(headers.get('content-security-policy')!, /^sandbox; default-src 'none'/);
  }
});

test('who shares chooses what is seen; a branch is exported by its leaf', async (t) => {
  const { call } = await started(t);
  const messages = [
    { role: 'system', content: 'SYSTEM' },
    { role: 'user', content: 'QUESTION' },
    {
      role: 'assistant',
      content: '',
      reasoning_content: 'THOUGHT',
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'TOOL', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'c', content: 'RESULT' },
    { role: 'assistant', content: 'ANSWER' },
  ];
  const imported = (await call('POST', '/conversations/import', { title: 't', messages }))
    .json as ImportResult;
  const { id } = imported.data[0]!;
  const seen = async (query: string) => {
    const { text } = await call('GET', `/conversations/${id}/export?${query}`);
    return text.match(/SYSTEM|QUESTION|THOUGHT|TOOL|RESULT|ANSWER/g)?.join(' ');
  };
  const all = 'SYSTEM QUESTION THOUGHT TOOL RESULT ANSWER';
  assert.equal(await seen('format=markdown'), all);
  assert.match((await seen('format=html'))!, new RegExp(`${all}$`));
  assert.equal(
    await seen('format=markdown&leave_out=reasoning,system'),
    'QUESTION TOOL RESULT ANSWER',
  );
  assert.equal(await seen('format=markdown&leave_out=tools'), 'SYSTEM QUESTION THOUGHT ANSWER');
  const whole = (await call('GET', `/conversations/${id}`)).json as Conversation;
  const leaf = whole.messages[0]!.id;
  assert.equal(await seen(`format=markdown&leaf=${leaf}`), 'SYSTEM QUESTION');
  assert.equal(await seen(`format=curl&leaf=${leaf}`), 'SYSTEM QUESTION');
  // The request that the answer came from: with the loop before it, without the answer.
  assert.equal(await seen('format=curl'), 'SYSTEM QUESTION THOUGHT TOOL RESULT');
});

test('a count is what the API then counts, with files, tools, thoughts and system', async (t) => {
  const { server, call, make, post } = await started(t);
  const settings = {
    ...SETTINGS,
    system: 'Answer in one word.',
    tools: ['builtin:calculator', 'builtin:get_time'],
  };
  const { id } = await make({ settings });
  const path = `/conversations/${id}`;
  const added = await call('POST', `${path}/files`, {
    name: 'notes.md',
    media_type: 'text/markdown',
    bytes: 40,
    text: '# Whales\nThe sperm whale dives deepest.\n',
  });
  assert.equal(added.status, 201);
  const file = added.json as FileRef;
  assert.ok(file.tokens > 10);
  const run = async (question: object) => {
    const { json } = await call('POST', `${path}/runs`, question);
    await (
      await fetch(`${server.url}/web/v1/runs/${json.run_id}/events`, {
        headers: { authorization: `Bearer ${server.apiKey}` },
      })
    ).text();
    const { messages } = (await call('GET', path)).json as Conversation;
    const last = messages.at(-1) as StoredMessage;
    assert.ok(last.role === 'assistant' && last.usage !== null, JSON.stringify(last));
    return { id: last.id, promptTokens: last.usage.prompt_tokens };
  };
  const first = { parent_id: null, content: 'Which dives deepest?', file_ids: [file.id] };
  const count = async (question: object) =>
    (await call('POST', '/count', { conversation_id: id, settings, ...question }))
      .json as CountResult;
  const counted = await count(first);
  const answered = await run(first);
  assert.equal(counted.tokens, answered.promptTokens);
  assert.deepEqual([counted.context_length, counted.fits], [4096, true]);

  const second = { parent_id: answered.id, content: 'And how deep?', file_ids: [] };
  const countedAgain = await count(second);
  assert.equal(countedAgain.tokens, (await run(second)).promptTokens);

  const long = await count({ ...second, content: 'whale '.repeat(4096) });
  assert.equal(long.fits, false);
  const without = { conversation_id: null, parent_id: null, content: 'hi', file_ids: [] };
  const bare = (await call('POST', '/count', { ...without, settings: SETTINGS }))
    .json as CountResult;
  const { usage } = (await (await post({ model: 'deepseek-reasoner' })).json()) as {
    usage: { prompt_tokens: number };
  };
  assert.equal(bare.tokens, usage.prompt_tokens);
  const lost = await call('POST', '/count', {
    ...without,
    file_ids: [file.id],
    settings: SETTINGS,
  });
  assert.match(lost.text, /give conversation_id/);
});
