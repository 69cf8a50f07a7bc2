// Against real servers made with the SDK, in a process and over HTTP.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import test, { type TestContext } from 'node:test';
import { startMcpHttp } from '../../../test/helpers/mcp-http.js';
import { until } from '../../../test/helpers/scripted-server.js';
import type { ToolProgress } from '../tool.js';
import type { McpServerSpec } from './mcp-config.js';
import { McpServer, type McpLimits } from './mcp-server.js';

const CHILD = fileURLToPath(new URL('../../../test/helpers/mcp-stdio-child.js', import.meta.url));

const stdio = (env = {}): McpServerSpec => ({
  kind: 'stdio',
  command: process.execPath,
  args: [CHILD],
  env,
  cwd: undefined,
});

function connect(t: TestContext, spec: McpServerSpec, limits: Partial<McpLimits> = {}) {
  let at = 0;
  const server = new McpServer({
    spec,
    client: { name: 'test', version: '1' },
    now: () => at,
    limits,
  });
  t.after(() => server.close());
  const call = (name: string, text = '', onProgress: (p: ToolProgress) => void = () => {}) =>
    server.call(name, { text }, { signal: new AbortController().signal, onProgress });
  return { server, call, pass: (ms: number) => (at += ms) };
}

test('a process: tools of all pages, results, errors, cut output, a changed list', async (t) => {
  const { server, call } = connect(t, stdio(), { outputCharacters: 10 });
  assert.equal(server.status, 'connecting');
  assert.equal(server.tools, undefined);
  assert.deepEqual(await call('read note', 'a'), {
    content: 'note: a',
    isError: false,
    fullLength: null,
  });
  assert.equal(server.status, 'ready');
  assert.deepEqual(
    server.tools!.map(({ name, title, writes }) => [name, title, writes]).slice(0, 2),
    [
      ['read note', 'Read a note', false],
      ['write_note', 'write_note', true],
    ],
  );
  const failed = await call('fail');
  assert.ok(failed.isError);
  const long = await call('long', '25');
  assert.match(long.content, /^x{10}\n\[Cut: these are the first 10 of 25 characters/);
  assert.equal(long.fullLength, 25);
  await call('write_note', 'b');
  await until(() => server.tools!.some(({ name }) => name === 'extra'));
});

test('progress is told, and a stopped call is cancelled on the server', async (t) => {
  const http = await startMcpHttp(t);
  const { server } = connect(t, { kind: 'http', url: http.url, headers: { 'x-key': 'k' } });
  const stop = new AbortController();
  const seen: ToolProgress[] = [];
  const outcome = await server.call(
    'slow',
    {},
    {
      signal: stop.signal,
      onProgress: (progress) => {
        seen.push(progress);
        stop.abort(new Error('stopped'));
      },
    },
  );
  assert.deepEqual(seen, [{ progress: 1, total: 2, message: 'half' }]);
  assert.ok(outcome.isError);
  await http.servers[0]!.cancelled;
  assert.ok(http.headers.every((headers) => headers['x-key'] === 'k'));
  assert.equal(server.status, 'ready');
});

test('a tool that says nothing runs into its time limit', async (t) => {
  const http = await startMcpHttp(t);
  const { call } = connect(t, { kind: 'http', url: http.url, headers: {} }, { callMs: 50 });
  const outcome = await call('slow');
  assert.match(outcome.content, /did not answer in time/);
});

test('a session that the server forgot is made anew, and the call made once more', async (t) => {
  const http = await startMcpHttp(t);
  const { call } = connect(t, { kind: 'http', url: http.url, headers: {} });
  await call('read note', 'a');
  http.forget();
  assert.equal((await call('read note', 'b')).content, 'note: b');
  assert.deepEqual(
    http.servers.map(({ calls }) => calls),
    [['read note a'], ['read note b']],
  );
});

test('a server that is away is tried again after growing pauses', async (t) => {
  const http = await startMcpHttp(t);
  await http.shut();
  const { server, call, pass } = connect(t, { kind: 'http', url: http.url, headers: {} });
  await assert.rejects(server.ready(), /fetch failed: connect ECONNREFUSED/);
  assert.equal(server.status, 'failed');
  assert.match(server.detail!, /ECONNREFUSED/);
  await http.open();
  await assert.rejects(server.ready(), /next try in 1 s/);
  pass(1000);
  await server.ready();
  assert.equal(server.detail, null);
  await http.shut();
  assert.match((await call('read note')).content, /fetch failed|ECONNREFUSED/);
  assert.equal(server.status, 'failed');
  assert.equal(server.tools!.length, 6);
  await http.open();
  assert.equal((await call('read note', 'c')).content, 'note: c');
});

test('a process that dies is started again; one that cannot start says why', async (t) => {
  const { server, call } = connect(t, stdio());
  await server.ready();
  assert.ok((await call('crash')).isError);
  assert.equal((await call('read note', 'a')).content, 'note: a');
  await server.reconnect();
  assert.equal(server.status, 'ready');
  const dying = connect(t, stdio({ MCP_TEST_DIES: '1' }));
  await assert.rejects(dying.server.ready(), ({ message }: Error) => !message.includes('hello'));
  assert.match(dying.server.output!, /test server says hello/);
  const missing = connect(t, { ...stdio(), command: '/no/such/program' } as McpServerSpec);
  await assert.rejects(missing.server.ready(), /no\/such\/program.*ENOENT/);
});

test('an idle connection is let go, and made again when it is used', async (t) => {
  const http = await startMcpHttp(t);
  const { server, call, pass } = connect(t, { kind: 'http', url: http.url, headers: {} });
  await call('read note', 'a');
  pass(999);
  await server.rest(1000);
  assert.equal(server.status, 'ready');
  pass(1);
  await server.rest(1000);
  assert.equal(server.status, 'connecting');
  assert.equal((await call('read note', 'b')).content, 'note: b');
  assert.equal(http.servers.length, 2);
});
