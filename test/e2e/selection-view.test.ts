// The selection view over the wire, with the embedded model: of a request that was answered, and of a
// body; and who may not see it.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { startServer, type RunningServer } from '../../src/server/start-server.js';
import type { SelectionReport } from '../../src/web/models-wire.js';

const API_KEY = 'sk-selection-00000000000000';

async function setUp(t: TestContext) {
  const server = await startServer({ port: 0, apiKey: API_KEY, log: () => {} });
  t.after(() => server.close());
  const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
  const post = (path: string, body: unknown, init: RequestInit = {}) =>
    fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body), ...init });
  const select = (body: unknown, init?: RequestInit) => post('/web/v1/selection', body, init);
  const cookie = await operatorCookie(server);
  const selectAsOperator = (body: unknown, init: RequestInit = {}) =>
    fetch(`${server.url}/web/v1/selection`, {
      method: 'POST',
      headers: { cookie, 'x-hadal-web': '1', 'content-type': 'application/json' },
      body: JSON.stringify(body),
      ...init,
    });
  return { server, post, select, selectAsOperator };
}

async function operatorCookie({ url, adminKey }: RunningServer): Promise<string> {
  const signedIn = await fetch(`${url}/web/v1/session`, {
    method: 'POST',
    headers: { 'x-hadal-web': '1', 'content-type': 'application/json' },
    body: JSON.stringify({ admin_key: adminKey }),
  });
  return signedIn.headers.getSetCookie()[0]!.split(';')[0]!;
}

test('of a trace: its own prompt and reply, and the cells of the map', async (t) => {
  const { post, select, server } = await setUp(t);
  const response = await post('/chat/completions', {
    model: 'deepseek-chat',
    messages: [{ role: 'user', content: `${'What is 2 + 2? '.repeat(40)}What is 12 * 13?` }],
    temperature: 0,
    max_tokens: 12,
  });
  const trace = response.headers.get('x-ds-trace-id')!;
  const { choices, usage } = (await response.json()) as {
    choices: { message: { content: string } }[];
    usage: { prompt_tokens: number };
  };
  const selected = await select({ trace, tokens: 6 });
  assert.equal(selected.status, 200, await selected.clone().text());
  const report = (await selected.json()) as SelectionReport;
  assert.equal(report.prompt_tokens, usage.prompt_tokens);
  assert.deepEqual([report.reply_given, report.what_if, report.cut_tokens], [true, false, 0]);
  assert.ok(choices[0]!.message.content.startsWith(report.reply));
  assert.ok(report.generated_tokens > 0 && report.generated_tokens <= 6);
  assert.ok(report.sparse_queries > 0 && report.summary!.recall > 0.2);
  const { queries, layers, positions, bytes } = report.cells;
  assert.deepEqual([queries, layers], [report.queries, report.model.layers]);
  const cells = Buffer.from(bytes, 'base64');
  assert.equal(cells.length, queries * layers * positions);
  // What the lists say was kept is what the map shows.
  for (const [layer, { kept }] of report.traced[0]!.layers.entries()) {
    const row = cells.subarray(layer * positions, (layer + 1) * positions);
    const inMap = [...row.keys()].filter((position) => row[position]! >= 0x80);
    const listed = kept.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, i) => first + i),
    );
    assert.deepEqual(inMap, listed);
  }

  const other = await server.platform.admin.createKey({ accountId: (await ownAccount(server))! });
  const headers = { authorization: `Bearer ${other.key}`, 'content-type': 'application/json' };
  assert.equal((await select({ trace }, { headers })).status, 404);
  assert.equal((await select({ trace: '0'.repeat(32) })).status, 404);
});

test('of a body, with another number of positions; what is wrong with it is said', async (t) => {
  const { select: selectAsUser, selectAsOperator: select } = await setUp(t);
  const body = { model: 'deepseek-chat', messages: [{ role: 'user', content: 'Hello' }] };
  assert.equal((await selectAsUser({ body })).status, 403);
  const first = select({ body, tokens: 4, top_k: 4 });
  const report = (await (await first).json()) as SelectionReport;
  assert.deepEqual([report.top_k, report.what_if, report.reply_given], [4, true, false]);

  const none = await select({ body: { messages: [] } });
  assert.deepEqual(
    [none.status, await none.json()],
    [409, { error: { message: 'Empty input messages' } }],
  );
  assert.equal((await select({})).status, 400);
  assert.equal((await select({ body, trace: '0'.repeat(32) })).status, 400);
  assert.equal((await select({ body, tokens: 1000 })).status, 400);
});

test('one at a time; who leaves ends it', async (t) => {
  const { selectAsOperator: select } = await setUp(t);
  const body = { model: 'deepseek-chat', messages: [{ role: 'user', content: 'Hello' }] };
  const [one, two] = await Promise.all([select({ body, tokens: 2 }), select({ body, tokens: 2 })]);
  assert.deepEqual([one.status, two.status].toSorted(), [200, 429]);

  const abort = new AbortController();
  const left = select({ body, tokens: 128 }, { signal: abort.signal });
  while ((await select({ body, tokens: 1 })).status !== 429);
  abort.abort();
  await assert.rejects(left);
  while ((await select({ body, tokens: 1 })).status !== 200);
});

async function ownAccount(server: Awaited<ReturnType<typeof startServer>>) {
  return (await server.platform.admin.findKey(API_KEY))?.accountId;
}
