// Tools of the chat: approvals, MCP servers in a process and over HTTP, the sandbox, who may add what.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import test, { type TestContext } from 'node:test';
import type { RunEvent } from '../../src/web/run-events.js';
import type { ToolServer } from '../../src/web/wire.js';
import { startMcpHttp } from '../helpers/mcp-http.js';
import { type PlayedTurn, playedModel } from '../helpers/played-model.js';
import { startScripted } from '../helpers/scripted-server.js';
import { assertSameAfterReload, callOf, foldAll, typesOf, WebChat } from '../helpers/web-chat.js';

const CHILD = fileURLToPath(new URL('../helpers/mcp-stdio-child.js', import.meta.url));
const NOTES = {
  kind: 'stdio' as const,
  command: process.execPath,
  args: [CHILD],
  env: {},
  cwd: undefined,
};
const WRITE = 'mcp:config-notes:write_note';
const READ = 'mcp:config-notes:read note';

const write = (text: string) => ['notes__write_note', { text }] as const;
const read = (text: string) => ['notes__read_note', { text }] as const;

async function open(t: TestContext, turns: PlayedTurn[], mcpAllow: string[] = []) {
  const model = playedModel(...turns);
  const { server } = await startScripted(t, {
    complete: model.complete,
    mcpServers: new Map([['notes', NOTES]]),
    mcpAllow,
  });
  return { chat: new WebChat(server), model, server };
}

const resultsOf = (events: readonly RunEvent[]) =>
  foldAll(events)
    .rounds.flatMap(({ blocks }) => blocks)
    .flatMap((block) =>
      block.type === 'tool' ? [`${block.state}: ${block.result?.content}`] : [],
    );

test('a call that writes waits for a person; what is always allowed waits no more', async (t) => {
  const { chat } = await open(t, [
    { thinking: 'w', calls: [write('a'), read('b')] },
    { thinking: 'w', calls: [write('c')] },
    { thinking: 'w', calls: [write('d')] },
    { content: 'Written.' },
  ]);
  const { id } = await chat.newConversation({ tools: [WRITE, READ] });
  const decisions = ['deny', 'always'];
  const runId = await chat.ask(id, 'q');
  const events = await chat.events(runId, async (event) => {
    if (event.type !== 'tool-approval') return;
    const response = await chat.decide(runId, callOf(event), decisions.shift()!);
    assert.equal(response.status, 204);
  });
  assert.deepEqual(resultsOf(events), [
    'denied: The person declined this call; it was not run. Do not repeat it: go on without, or ask them.',
    'done: note: b',
    'done: wrote c',
    'done: wrote d',
  ]);
  assert.equal(typesOf(events).filter((type) => type === 'tool-approval').length, 2);
  assertSameAfterReload(events, await chat.answerRows(id));
  assert.deepEqual((await chat.conversation(id)).settings.always_allowed, [WRITE]);
});

test('stopping ends a wait for a person, and every call has its result', async (t) => {
  const { chat, model } = await open(t, [
    { thinking: 'w', calls: [write('a'), write('b')] },
    { content: 'Later.' },
  ]);
  const { id } = await chat.newConversation({ tools: [WRITE] });
  const runId = await chat.ask(id, 'q');
  let numAsked = 0;
  const events = await chat.events(runId, async (event) => {
    if (event.type === 'tool-approval' && ++numAsked === 2) {
      await chat.json('POST', `/runs/${runId}/stop`);
    }
  });
  assert.equal(foldAll(events).status, 'stopped');
  assert.ok(resultsOf(events).every((result) => result.startsWith('done: The person stopped')));
  const rows = await chat.answerRows(id);
  assert.deepEqual(
    rows.map(({ role }) => role),
    ['assistant', 'tool', 'tool'],
  );
  assertSameAfterReload(events, rows);
  const next = await chat.events(await chat.ask(id, 'and?', rows.at(-1)!.id));
  assert.equal(foldAll(next).status, 'completed');
  assert.match(model.prompts[1]!, /The person stopped/);
});

test('nobody is asked where never is set; everybody is asked where all is', async (t) => {
  const { chat } = await open(t, [{ calls: [write('a')] }, { content: 'x' }]);
  const { id } = await chat.newConversation({ tools: [WRITE], approval: 'never', thinking: false });
  const events = await chat.events(await chat.ask(id, 'q'));
  assert.ok(!typesOf(events).includes('tool-approval'));
  const careful = await open(t, [{ calls: [read('a'), read('b')] }, { content: 'x' }]);
  const other = await careful.chat.newConversation({ tools: [READ], approval: 'all' });
  const runId = await careful.chat.ask(other.id, 'q');
  const seen = await careful.chat.events(runId, async (event) => {
    if (event.type === 'tool-approval') await careful.chat.decide(runId, callOf(event), 'allow');
  });
  assert.equal(typesOf(seen).filter((type) => type === 'tool-approved').length, 2);
  assert.deepEqual(resultsOf(seen), ['done: note: a', 'done: note: b']);
});

test('errors of tools are results: unknown, broken, bad arguments, a dying server', async (t) => {
  const { chat } = await open(t, [
    {
      calls: [
        ['nothing', {}],
        ['notes__fail', {}],
        ['calculator', { expression: '1 +' }],
      ],
    },
    { calls: [['notes__crash', {}]] },
    { calls: [read('again')] },
    { content: 'x' },
  ]);
  const tools = ['builtin:calculator', READ, 'mcp:config-notes:fail', 'mcp:config-notes:crash'];
  const { id } = await chat.newConversation({ tools, thinking: false });
  const events = await chat.events(await chat.ask(id, 'q'));
  const [unknown, broken, bad, crashed, again] = resultsOf(events);
  assert.match(unknown!, /no tool named 'nothing'/);
  assert.match(broken!, /it is broken/);
  assert.match(bad!, /unexpected the end/);
  assert.match(crashed!, /error/);
  assert.equal(again, 'done: note: again');
  assertSameAfterReload(events, await chat.answerRows(id));
});

test('progress is seen, and stopping cancels the tool on its server', async (t) => {
  const mcp = await startMcpHttp(t);
  const { chat } = await open(t, [{ calls: [['remote__slow', {}]] }], [mcp.url]);
  const added = await chat.json<ToolServer>('POST', '/tools/servers', {
    name: 'remote',
    url: mcp.url,
    headers: { 'x-secret': 'hidden' },
  });
  assert.equal(added.status, 'ready');
  assert.ok(added.removable && !JSON.stringify(added).includes('hidden'));
  assert.ok(mcp.headers.every((headers) => headers['x-secret'] === 'hidden'));
  const slow = added.tools.find(({ name }) => name === 'slow')!;
  const { id } = await chat.newConversation({ tools: [slow.id], thinking: false });
  const runId = await chat.ask(id, 'q');
  const events = await chat.events(runId, async (event) => {
    if (event.type !== 'tool-progress') return;
    assert.deepEqual(event, { ...event, progress: 1, total: 2, message: 'half' });
    await chat.json('POST', `/runs/${runId}/stop`);
  });
  assert.equal(foldAll(events).status, 'stopped');
  await mcp.servers[0]!.cancelled;
  assertSameAfterReload(events, await chat.answerRows(id));
  await chat.json('DELETE', `/tools/servers/${added.id}`);
  const { data } = await chat.json<{ data: ToolServer[] }>('GET', '/tools');
  assert.deepEqual(
    data.map(({ id: serverId }) => serverId),
    ['builtin', 'config-notes'],
  );
});

test('a server whose tools were never seen fails the run with what to do', async (t) => {
  const mcp = await startMcpHttp(t);
  await mcp.shut();
  const { chat } = await open(t, [{ content: 'x' }], [mcp.url]);
  const added = await chat.json<ToolServer>('POST', '/tools/servers', { name: 'r', url: mcp.url });
  assert.equal(added.status, 'failed');
  assert.match(added.detail!, /ECONNREFUSED/);
  const { id } = await chat.newConversation({ tools: [`mcp:${added.id}:slow`] });
  const events = await chat.events(await chat.ask(id, 'q'));
  assert.match(foldAll(events).error!.message, /"r" cannot be reached.*switch its tools off/);
  assertSameAfterReload(events, await chat.answerRows(id));
  await mcp.open();
  const again = await chat.json<ToolServer>('POST', `/tools/servers/${added.id}/reconnect`);
  assert.equal(again.status, 'ready');
});

test('who may add which server, and what is refused', async (t) => {
  const { chat } = await open(t, [], ['https://mcp.example.com']);
  const refused: [object, number, RegExp][] = [
    [{ name: 'x', url: 'http://169.254.169.254/' }, 403, /--mcp-allow http:..169/],
    [{ name: 'x', url: 'file:///etc/passwd' }, 400, /no http/],
    [{ name: 'notes', url: 'https://mcp.example.com/' }, 409, /already/],
    [{ name: 'x', url: 'https://mcp.example.com/', headers: { host: 'a' } }, 400, /itself/],
    [{ name: 'x', url: 'https://mcp.example.com/', headers: { a: 'b\r\nc' } }, 400, /headers/],
  ];
  for (const [body, status, message] of refused) {
    const response = await chat.call('POST', '/tools/servers', body);
    assert.equal(response.status, status, JSON.stringify(body));
    assert.match(await response.text(), message);
  }
  assert.equal((await chat.call('DELETE', '/tools/servers/config-notes')).status, 403);
  assert.equal((await chat.call('DELETE', '/tools/servers/srv_none')).status, 404);
  assert.equal((await chat.call('POST', '/tools/servers/srv_none/reconnect')).status, 404);
});

test('programs run in the sandbox', async (t) => {
  const code = 'console.log("hi"); return [1, 2, 3].map((x) => x ** 2)';
  const { chat } = await open(t, [
    {
      calls: [
        ['run_javascript', { code }],
        ['run_javascript', { code: 'return fetch("http://127.0.0.1")' }],
      ],
    },
    { content: 'x' },
  ]);
  const { data } = await chat.json<{ data: ToolServer[] }>('GET', '/tools');
  if (!data[0]!.tools.some(({ name }) => name === 'run_javascript')) {
    return t.skip('nothing on this machine locks programs up');
  }
  const { id } = await chat.newConversation({ tools: ['builtin:run_javascript'], thinking: false });
  const events = await chat.events(await chat.ask(id, 'q'));
  const [ok, refused] = resultsOf(events);
  assert.equal(ok, 'done: {"result": [1,4,9], "printed": "hi\\n"}');
  assert.match(refused!, /ReferenceError/);
});
