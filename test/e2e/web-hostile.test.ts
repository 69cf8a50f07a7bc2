// The web API against those who mean no good: another key at everything that is somebody's, tool servers
// of the configuration, more runs than there may be.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { McpServerSpec } from '../../src/agent/mcp/mcp-config.js';
import type { Log } from '../../src/server/log.js';
import type { ToolServer } from '../../src/web/wire.js';
import { startMcpHttp } from '../helpers/mcp-http.js';
import { playedModel } from '../helpers/played-model.js';
import {
  EOS,
  gate,
  type ScriptedServerOptions,
  startScripted,
} from '../helpers/scripted-server.js';
import { callOf, foldAll, WebChat } from '../helpers/web-chat.js';

async function open(t: TestContext, options: ScriptedServerOptions = {}) {
  const { server } = await startScripted(t, options);
  const { admin } = server.platform;
  const account = await admin.createAccount({ name: 'other' });
  const { key: apiKey } = await admin.createKey({ accountId: account.id });
  return { server, chat: new WebChat(server), other: new WebChat({ ...server, apiKey }) };
}

/** A session with both rights, as headers. */
async function operatorOf({
  url,
  apiKey,
  adminKey,
}: {
  url: string;
  apiKey: string;
  adminKey: string;
}) {
  let headers: Record<string, string> = { 'x-hadal-web': '1' };
  for (const body of [{ key: apiKey }, { admin_key: adminKey }]) {
    const init = { method: 'POST', headers, body: JSON.stringify(body) };
    const { headers: answered } = await fetch(`${url}/web/v1/session`, init);
    headers = { ...headers, cookie: answered.get('set-cookie')!.split(';')[0]! };
  }
  return headers;
}

const http = (url: string): Map<string, McpServerSpec> =>
  new Map([['notes', { kind: 'http', url: `${url}?token=s3cret`, headers: {} }]]);

test("another key's conversation, file, run and call are not there, and go on undisturbed", async (t) => {
  const mcp = await startMcpHttp(t);
  const write = 'mcp:config-notes:write_note';
  const model = playedModel({ calls: [['notes__write_note', { text: 'a' }]] }, { content: 'ok' });
  const { chat, other } = await open(t, { complete: model.complete, mcpServers: http(mcp.url) });
  const { id } = await chat.newConversation({ tools: [write], thinking: false });
  const file = await chat.json<{ id: string }>('POST', `/conversations/${id}/files`, {
    name: 'a.txt',
    media_type: 'text/plain',
    bytes: 1,
    text: 'a',
  });
  const runId = await chat.ask(id, 'q');
  const [question] = (await chat.conversation(id)).messages;
  const events = await chat.events(runId, async (event) => {
    if (event.type !== 'tool-approval') return;
    const ask = { parent_id: null, content: 'mine?', file_ids: [] };
    const tried: [method: string, path: string, body?: unknown][] = [
      ['GET', `/conversations/${id}`],
      ['PATCH', `/conversations/${id}`, { title: 'x' }],
      ['DELETE', `/conversations/${id}`],
      ['GET', `/conversations/${id}/export?format=json`],
      ['POST', `/conversations/${id}/runs`, ask],
      ['POST', `/conversations/${id}/runs`, { retry: question!.id }],
      ['DELETE', `/conversations/${id}/files/${file.id}`],
      ['GET', `/runs/${runId}/events`],
      ['POST', `/runs/${runId}/stop`],
      ['POST', `/runs/${runId}/answer`],
      ['POST', `/runs/${runId}/approvals/${callOf(event)}`, { decision: 'allow' }],
    ];
    for (const [method, path, body] of tried) {
      const response = await other.call(method, path, body);
      assert.equal(response.status, 404, `${method} ${path}`);
      assert.ok(path.includes(runId) || !(await response.text()).includes(runId), path);
    }
    const own = await other.newConversation();
    for (const foreign of [
      { parent_id: question!.id, content: 'x', file_ids: [] },
      { parent_id: null, content: 'x', file_ids: [file.id] },
      { retry: question!.id },
    ]) {
      const response = await other.call('POST', `/conversations/${own.id}/runs`, foreign);
      assert.ok([400, 404].includes(response.status), JSON.stringify(foreign));
    }
    await chat.decide(runId, callOf(event), 'allow');
  });
  assert.equal(foldAll(events).status, 'completed');
});

test('of a server of the configuration keys learn no secret, and cannot take it from others', async (t) => {
  const mcp = await startMcpHttp(t);
  const { server, other } = await open(t, {
    mcpServers: new Map<string, McpServerSpec>([
      ...http(mcp.url),
      [
        'dying',
        {
          kind: 'stdio',
          command: process.execPath,
          args: ['-e', 'console.error("password hunter2"); process.exit(1)'],
          env: {},
          cwd: undefined,
        },
      ],
    ]),
  });
  const listOf = async (response: Response) => {
    const { data } = (await response.json()) as { data: ToolServer[] };
    return data.filter(({ id }) => id !== 'builtin');
  };
  await other.call('GET', '/tools');
  const [notes, dying] = await listOf(await other.call('GET', '/tools'));
  assert.equal(notes!.status, 'ready');
  assert.equal(notes!.url, new URL(mcp.url).origin);
  assert.equal(dying!.status, 'failed');
  assert.doesNotMatch(JSON.stringify([notes, dying]), /s3cret|hunter2/);
  const headers = await operatorOf(server);
  const [, seen] = await listOf(await fetch(`${server.url}/web/v1/tools`, { headers }));
  assert.match(seen!.detail!, /it wrote: password hunter2/);

  assert.equal(mcp.servers.length, 1);
  await other.json('POST', '/tools/servers/config-notes/reconnect');
  assert.equal(mcp.servers.length, 1, 'what works is left alone');
  const path = `${server.url}/web/v1/tools/servers/config-notes/reconnect`;
  assert.equal((await fetch(path, { method: 'POST', headers })).status, 200);
  assert.equal(mcp.servers.length, 2);
});

test('more tools than a request takes are refused in words, by the count too', async (t) => {
  const mcp = await startMcpHttp(t);
  const [notes] = http(mcp.url).values();
  const logged: string[] = [];
  const log: Log = (level, message) => void (level === 'error' && logged.push(message));
  const names = Array.from({ length: 22 }, (_, index) => `notes${index}`);
  const mcpServers = new Map(names.map((name) => [name, notes!]));
  const { chat } = await open(t, { log, mcpServers });
  let tools: string[] = [];
  while (tools.length <= 128) {
    const { data } = await chat.json<{ data: ToolServer[] }>('GET', '/tools');
    tools = data.flatMap((server) => server.tools.map(({ id }) => id));
  }
  const { default_settings: settings } = await chat.json<{ default_settings: object }>(
    'GET',
    '/catalog',
  );
  const nothing = { conversation_id: null, parent_id: null, content: 'hi', file_ids: [] };
  const response = await chat.call('POST', '/count', {
    ...nothing,
    settings: { ...settings, tools },
  });
  assert.equal(response.status, 400);
  assert.match(await response.text(), /at most 128/);
  assert.deepEqual(logged, []);
});

test('runs that are being prepared count', async (t) => {
  const held = gate();
  t.after(held.open);
  const { chat } = await open(t, {
    complete: () => `Hello.${EOS}`,
    beforeToken: () => held.passed,
  });
  const numConversations = 12;
  const conversations = await Promise.all(
    Array.from({ length: numConversations }, () => chat.newConversation()),
  );
  const question = { parent_id: null, content: 'q', file_ids: [] };
  const ask = async ({ id }: { id: string }) =>
    (await chat.call('POST', `/conversations/${id}/runs`, question)).status;
  const statuses = await Promise.all(conversations.map(ask));
  assert.equal(statuses.filter((status) => status === 201).length, 8, String(statuses));
  assert.equal(statuses.filter((status) => status === 429).length, 4);
  held.open();
});

test('a NUL, which PostgreSQL does not take, is refused or gone', async (t) => {
  const { chat } = await open(t);
  const { id } = await chat.newConversation();
  assert.equal((await chat.call('GET', '/conversations/%00')).status, 400);
  assert.equal((await chat.call('GET', '/conversations?folder=%00')).status, 400);
  const ask = { parent_id: '\0', content: 'q', file_ids: [] };
  assert.equal((await chat.call('POST', `/conversations/${id}/runs`, ask)).status, 400);
  assert.equal((await chat.call('PATCH', `/conversations/${id}`, { head_id: '\0' })).status, 400);
  const file = { name: 'a', media_type: 'text/\0plain', bytes: 1, text: 'a' };
  const added = await chat.json<object>('POST', `/conversations/${id}/files`, file);
  assert.doesNotMatch(JSON.stringify(added), /u0000/);
});

test('a system prompt that is too long is refused with the import, not left out of it', async (t) => {
  const { chat } = await open(t);
  const messages = [
    { role: 'system', content: 's'.repeat(400_001) },
    { role: 'user', content: 'q' },
  ];
  for (const body of [messages, [{ messages: messages.slice(1) }, { messages }]]) {
    const response = await chat.call('POST', '/conversations/import', body);
    assert.equal(response.status, 400);
    assert.match(await response.text(), /system/);
  }
  const { data } = await chat.json<{ data: unknown[] }>('GET', '/conversations');
  assert.deepEqual(data, []);
});
