// What a server on a shared machine gets sent: requests of foreign pages, huge and broken bodies, bad
// JSON-RPC, sessions that are not there, names of prototypes. Each gets a proper refusal, nothing
// reaches the log as a failure of ours, and the server goes on.

import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import test from 'node:test';
import { ENV_ID } from '../../../test/helpers/synth-corpus.js';
import { startStudio, type Studio } from '../../../test/helpers/synth-studio.js';

const MCP = `/${ENV_ID}/mcp`;
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'x', version: '1' },
  },
};
const call = (name: unknown, args: unknown) => ({
  jsonrpc: '2.0',
  id: 'c',
  method: 'tools/call',
  params: { name, arguments: args },
});

async function session(studio: Studio): Promise<Record<string, string>> {
  const { headers } = await studio.send('POST', MCP, INITIALIZE);
  return { 'mcp-session-id': headers.get('mcp-session-id')! };
}

/** fetch sets Host itself. */
function statusWithHost(url: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${url}/health`, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    request.on('error', reject);
    request.end();
  });
}

test('requests in the name of other hosts or pages are refused', async (t) => {
  const studio = await startStudio(t, { allowedHosts: ['studio.example'] });
  for (const [headers, status] of [
    [{ host: 'rebound.example' }, 403],
    [{ host: 'rebound.example:8000' }, 403],
    [{ host: 'localhost:1' }, 200],
    [{ host: '[::1]:1' }, 200],
    [{ host: '192.168.0.7:80' }, 200],
    [{ host: 'Studio.Example:443' }, 200],
    [{ host: 'localhost', origin: 'https://rebound.example' }, 403],
    [{ host: 'localhost', origin: 'null' }, 403],
    [{ host: 'localhost', origin: 'http://localhost.rebound.example' }, 403],
    [{ host: 'localhost', origin: 'http://localhost:3000' }, 200],
  ] as [Record<string, string>, number][]) {
    assert.equal(await statusWithHost(studio.url, headers), status, JSON.stringify(headers));
  }
});

test('bodies that are too large are refused, in one piece or many', async (t) => {
  const studio = await startStudio(t);
  const headers = await session(studio);
  const huge = JSON.stringify(call('note', { text: 'x'.repeat(2 << 20) }));
  assert.equal((await studio.send('POST', MCP, huge, headers)).status, 413);
  const status = await new Promise<number | 'cut'>((resolve) => {
    const request = httpRequest(studio.url + MCP, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    // The server may end the connection while we are still sending.
    request.on('error', () => resolve('cut'));
    for (let i = 0; i < 40; i++) request.write('x'.repeat(1 << 16));
    request.end();
  });
  assert.ok(status === 413 || status === 'cut', String(status));
  assert.equal((await studio.send('POST', MCP, call('note', { text: 'x' }), headers)).status, 200);
  assert.deepEqual(studio.errors, []);
});

test('what is no JSON-RPC is told so', async (t) => {
  const studio = await startStudio(t);
  const headers = await session(studio);
  for (const [body, status, code] of [
    ['{"jsonrpc": "2.0", ', 400, -32_700],
    ['', 400, -32_700],
    ['7', 400, -32_600],
    ['null', 400, -32_600],
    ['[]', 400, -32_600],
    ['[1]', 200, -32_600],
    ['{"id":1,"method":"ping"}', 200, -32_600],
    ['{"jsonrpc":"2.0","id":null,"method":"ping"}', 400, -32_600],
    ['{"jsonrpc":"2.0","id":{},"method":"ping"}', 400, -32_600],
    ['{"jsonrpc":"2.0","id":1}', 200, -32_600],
    ['{"jsonrpc":"2.0","id":1,"method":"ping","params":"x"}', 200, -32_602],
    ['{"jsonrpc":"2.0","id":1,"method":"toString"}', 200, -32_601],
    ['{"jsonrpc":"2.0","id":1,"method":"__proto__"}', 200, -32_601],
    ['{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":7}}', 200, -32_602],
    [
      '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":"__proto__"}}',
      200,
      -32_602,
    ],
    ['{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"cursor":{}}}', 200, -32_602],
  ] as const) {
    const answer = await studio.send('POST', MCP, body, headers);
    assert.equal(answer.status, status, `${body}: ${answer.text}`);
    const [first] = [answer.body].flat() as { error: { code: number } }[];
    assert.equal(first!.error.code, code, body);
  }
  const notified = { jsonrpc: '2.0', method: 'notifications/initialized' };
  assert.equal((await studio.send('POST', MCP, notified, headers)).status, 202);
  assert.equal(
    (await studio.send('POST', MCP, { jsonrpc: '2.0', id: 1, result: {} }, headers)).status,
    202,
  );
  assert.deepEqual(studio.errors, []);
});

test('batches are of the one version that has them', async (t) => {
  const studio = await startStudio(t);
  const headers = await session(studio);
  const batch = [1, 2].map((id) => ({ jsonrpc: '2.0', id, method: 'ping' }));
  const { body } = await studio.send('POST', MCP, batch, headers);
  assert.deepEqual(
    body,
    [1, 2].map((id) => ({ jsonrpc: '2.0', id, result: {} })),
  );
  const newer = { ...headers, 'mcp-protocol-version': '2025-06-18' };
  assert.equal((await studio.send('POST', MCP, batch, newer)).status, 400);
  const unknown = { ...headers, 'mcp-protocol-version': '1999-01-01' };
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
  assert.equal((await studio.send('POST', MCP, ping, unknown)).status, 400);
});

test('sessions, tasks and environments that are not there', async (t) => {
  const studio = await startStudio(t, { numEnvironments: 2 });
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
  const headers = await session(studio);
  const other = `/${ENV_ID.replace('0001', '0002')}/mcp`;
  for (const [path, body, sent, status] of [
    [MCP, ping, {}, 400],
    [MCP, ping, { 'mcp-session-id': 'nobody' }, 404],
    [MCP, ping, { 'mcp-session-id': '__proto__' }, 404],
    [other, ping, headers, 404],
    ['/nowhere/mcp', INITIALIZE, {}, 404],
    ['/__proto__/mcp', INITIALIZE, {}, 404],
    ['/a/../../etc/mcp', INITIALIZE, {}, 404],
    ['/%00/mcp', INITIALIZE, {}, 404],
    ['/%zz/mcp', INITIALIZE, {}, 400],
    [MCP, INITIALIZE, { 'x-task-key': 'nothing' }, 404],
    [MCP, INITIALIZE, { 'x-task-key': 'constructor' }, 404],
    [MCP, INITIALIZE, { 'x-task-key': studio.pairs[1]!.task.key }, 404],
    [MCP, INITIALIZE, { accept: 'text/html' }, 406],
  ] as const) {
    const answer = await studio.send('POST', path, body, sent as Record<string, string>);
    assert.equal(answer.status, status, `${path} ${JSON.stringify(sent)}: ${answer.text}`);
  }
  for (const path of ['/v1', '/v1/nothing', '/v1/sessions', '/v1/__proto__', '/constructor']) {
    assert.equal((await studio.send('GET', path)).status, 404, path);
  }
  assert.equal((await studio.send('GET', MCP)).status, 405);
  assert.equal((await studio.send('DELETE', MCP, undefined, headers)).status, 200);
  assert.equal((await studio.send('DELETE', MCP, undefined, headers)).status, 404);
  assert.deepEqual(studio.errors, []);
});

test('arguments with names of prototypes, deep nests and wrong types are refused or are data', async (t) => {
  const studio = await startStudio(t);
  const headers = await session(studio);
  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  for (const args of [
    '{"__proto__":{"polluted":1},"text":"x"}',
    '{"constructor":{"prototype":{"polluted":1}},"text":"x"}',
    '{"text":{"toString":1}}',
    '[]',
    '7',
    deep,
    `{"text":${deep}}`,
  ]) {
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"note","arguments":${args}}}`;
    const answer = await studio.send('POST', MCP, body, headers);
    assert.equal(answer.status, 200, args.slice(0, 40));
    assert.match(answer.text, /"isError":true/, args.slice(0, 40));
  }
  assert.equal(({} as { polluted?: number }).polluted, undefined);
  const submitted = call('hand_in', { result: JSON.parse('{"__proto__":{"id":"x"},"a":1}') });
  assert.match((await studio.send('POST', MCP, submitted, headers)).text, /received/);
  const key = studio.pairs[0]!.task.key;
  for (const body of [
    { task_key: key, calls: 7 },
    { task_key: key, calls: [null] },
    { task_key: key, messages: [{ role: 'assistant', tool_calls: [null] }] },
    { task_key: 7 },
    { task_key: '__proto__' },
    null,
    'x',
  ]) {
    const { status } = await studio.send('POST', '/v1/reverify', body ?? 'null');
    assert.ok(status === 400 || status === 404, `${JSON.stringify(body)}: ${status}`);
  }
  const odd = [
    { task_key: key, messages: 7, submission: { id: { id: {} } } },
    { task_key: key, messages: [null, 7, { role: 'assistant', content: {} }] },
    { task_key: key, calls: [{ tool: '__proto__', arguments: 7 }] },
  ];
  const { body } = await studio.send('POST', '/v1/reverify', odd);
  assert.deepEqual(
    (body as { reward: number }[]).map(({ reward }) => reward),
    [0, 0, 0],
  );
  assert.deepEqual(studio.errors, []);
});

test('calls past the limit are refused and cost no memory', async (t) => {
  const studio = await startStudio(t);
  const headers = await session(studio);
  const { session: state } = studio.rollouts.get(headers['mcp-session-id']!);
  const limit = state.env.limits.maxToolCalls;
  for (let i = 0; i < limit + 5; i++) {
    const { text } = await studio.send(
      'POST',
      MCP,
      call('calculate', { expression: '1+1' }),
      headers,
    );
    assert.equal(text.includes('too_many_calls'), i >= limit);
  }
  assert.equal(state.calls.length, limit);
});

test('more sessions than allowed are refused; with a trainer key only MCP is open to all', async (t) => {
  const studio = await startStudio(t, { limits: { maxSessions: 2 }, trainerKey: 'k-1' });
  await session(studio);
  await session(studio);
  assert.equal((await studio.send('POST', MCP, INITIALIZE)).status, 503);
  assert.equal((await studio.send('GET', '/v1/tasks')).status, 401);
  const wrong = { authorization: 'Bearer k-2' };
  assert.equal((await studio.send('GET', '/v1/tasks', undefined, wrong)).status, 401);
  const right = { authorization: 'Bearer k-1' };
  assert.equal((await studio.send('GET', '/v1/tasks', undefined, right)).status, 200);
});

test('a client that takes events only gets its answer as one', async (t) => {
  const studio = await startStudio(t);
  const { text, headers } = await studio.send('POST', MCP, INITIALIZE, {
    accept: 'text/event-stream',
  });
  assert.equal(headers.get('content-type'), 'text/event-stream');
  const [, data] = /^event: message\ndata: (.*)\n\n$/.exec(text)!;
  assert.equal((JSON.parse(data!) as { id: number }).id, 1);
});
