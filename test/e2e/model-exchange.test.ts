// Models exchanged in a running server, with real engine processes: what requests see meanwhile, what
// a failure leaves, and what cannot be named.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import type { ModelFolder } from '../../src/web/models-wire.js';
import { folderWithModels, startExchangeServer, API_KEY } from '../helpers/exchange-server.js';

interface Completion {
  system_fingerprint: string;
  choices: { finish_reason: string }[];
}

/** Of this process; undefined where the system does not tell. */
function numChildren(): number | undefined {
  const path = `/proc/self/task/${process.pid}/children`;
  if (!existsSync(path)) return undefined;
  return readFileSync(path, 'utf8').split(' ').filter(Boolean).length;
}

test('says what is loaded, loads another, and answers from that one', async (t) => {
  const { engine, load, settled, chat, server } = await startExchangeServer(t);
  const before = await engine();
  assert.equal(before.state, 'loaded');
  assert.equal(before.model?.file, 'start');
  assert.equal(before.model?.id, 'first');
  assert.equal(before.model?.tokenizer.from, 'inside');
  assert.ok(before.model.summary!.dsa!.top_k > 0);
  assert.ok(before.memory.kv_budget_bytes! > 0 && before.memory.resident_bytes! > 0);
  const first = (await (await chat()).json()) as Completion;

  const accepted = await load({ file: 'folder/second.gguf' });
  assert.deepEqual([accepted.state, accepted.model], ['exchanging', null]);
  assert.deepEqual(
    [accepted.exchange?.from, accepted.exchange?.to],
    ['start', 'folder/second.gguf'],
  );
  const after = await settled();
  assert.deepEqual([after.state, after.model?.id, after.failure], ['loaded', 'second', null]);
  assert.equal(after.model?.summary?.layers, 2);
  const second = (await (await chat()).json()) as Completion;
  assert.notEqual(second.system_fingerprint, first.system_fingerprint);

  // Counters are those of both models, the gauge is one engine's.
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  assert.match(metrics, /^hadal_engine_tokens_total\{phase="decode"\} 8$/m);
});

test('under load every request completes or is told to come back; none hangs', async (t) => {
  const { load, settled, chat, server } = await startExchangeServer(t);
  const seen = new Map<number, number>();
  let isOver = false;
  const client = async (): Promise<void> => {
    while (!isOver) {
      const response = await chat({ max_tokens: 24 });
      const body = (await response.json()) as Completion;
      seen.set(response.status, (seen.get(response.status) ?? 0) + 1);
      if (response.status === 503) {
        assert.equal(response.headers.get('retry-after'), '5');
        await fetch(`${server.url}/status`);
      } else assert.match(body.choices[0]!.finish_reason, /^(length|stop)$/);
    }
  };
  const clients = Array.from({ length: 6 }, client);
  for (const file of ['folder/second.gguf', 'start', 'folder/second.gguf']) {
    await load({ file });
    const { model } = await settled();
    assert.equal(model?.file, file);
    assert.equal((await chat()).status, 200);
  }
  isOver = true;
  await Promise.all(clients);
  assert.deepEqual([...seen.keys()].toSorted(), [200, 503]);
  assert.equal(numChildren() ?? 1, 1); // the engines of before are gone, and their memory
  assert.equal(server.numActive, 0);
});

test('a reply that takes too long is ended properly, and billed', async (t) => {
  const { load, settled, chat, engine } = await startExchangeServer(t);
  const running = await chat({ max_tokens: 4000, stream: true });
  const reader = running.body!.getReader();
  await reader.read();
  await load({ file: 'folder/second.gguf', wait_seconds: 0 });
  const info = await settled();
  assert.equal(info.model?.id, 'second');
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    text += Buffer.from(value).toString();
  }
  assert.match(text, /"finish_reason":"insufficient_system_resource"/);
  assert.match(text, /"completion_tokens":[1-9]/);
  assert.match(text, /data: \[DONE\]/);
  assert.equal((await engine()).memory.kv_bytes, 0);
});

test('a file that cannot be loaded brings the old model back and says why', async (t) => {
  const { load, settled, chat } = await startExchangeServer(t);
  // Its header is fine, so it is tried; its tokens are not those of the tokenizer it is given.
  await load({ file: 'folder/second.gguf', tokenizer: 'v3' });
  const info = await settled();
  assert.equal(info.state, 'loaded');
  assert.equal(info.model?.file, 'start');
  assert.equal(info.failure?.file, 'folder/second.gguf');
  assert.match(info.failure.message, /do not belong together/);
  assert.equal((await chat()).status, 200);
});

test('unloading frees the engine, the API says 503 until a model is loaded again', async (t) => {
  const { web, settled, chat, load, server, engine } = await startExchangeServer(t);
  assert.equal((await web('/engine/unload', { method: 'POST', body: '{}' })).status, 202);
  const empty = await settled();
  assert.deepEqual([empty.state, empty.model, empty.memory.resident_bytes], ['empty', null, null]);
  const refused = await chat();
  assert.deepEqual([refused.status, refused.headers.get('retry-after')], [503, '30']);
  assert.equal((await fetch(`${server.url}/health`)).status, 503);
  const status = (await (await fetch(`${server.url}/status`)).json()) as {
    components: { name: string; status: string }[];
  };
  assert.equal(status.components.find(({ name }) => name === 'engine')?.status, 'down');
  assert.equal((await web('/engine/unload', { method: 'POST', body: '{}' })).status, 409);
  await load({ file: 'start' });
  assert.equal((await settled()).state, 'loaded');
  assert.equal((await chat()).status, 200);
  assert.equal((await engine()).model?.file, 'start');
});

test('no path can be named, only what is listed; what is loaded is not deleted', async (t) => {
  const dataDir = await folderWithModels(t);
  mkdirSync(join(dataDir, 'models', 'broken'));
  writeFileSync(join(dataDir, 'models', 'broken', 'x.gguf'), 'GGUF and nothing more');
  const { web, modelPath, engine, load, settled } = await startExchangeServer(t, { dataDir });
  for (const file of [
    modelPath,
    'folder/../first.gguf',
    'folder//second.gguf',
    './second.gguf',
    'folder/%2e%2e/first.gguf',
    'second.gguf',
    'folder/SECOND.gguf',
  ]) {
    const response = await web('/engine/load', { method: 'POST', body: JSON.stringify({ file }) });
    assert.equal(response.status, 404, file);
    const removed = await web(`/models/${encodeURIComponent(file)}`, { method: 'DELETE' });
    assert.equal(removed.status, 404, file);
  }
  const broken = await web('/engine/load', {
    method: 'POST',
    body: JSON.stringify({ file: 'folder/broken/x.gguf' }),
  });
  assert.equal(broken.status, 409);
  assert.equal((await engine()).state, 'loaded');

  const listed = (await (await web('/models')).json()) as ModelFolder;
  assert.deepEqual(
    listed.files.map(({ id, loaded, removable }) => [id, loaded, removable]),
    [
      ['embedded', false, false],
      ['start', true, false],
      ['folder/broken/x.gguf', false, true],
      ['folder/second.gguf', false, true],
    ],
  );
  await load({ file: 'folder/second.gguf' });
  await settled();
  const remove = (id: string) => web(`/models/${id}`, { method: 'DELETE' });
  assert.equal((await remove('folder/second.gguf')).status, 409);
  assert.equal((await remove('start')).status, 409);
  assert.equal((await remove('folder/broken/x.gguf')).status, 204);
  assert.equal(existsSync(join(dataDir, 'models', 'broken')), false);
});

test('only an operator exchanges models', async (t) => {
  const { server } = await startExchangeServer(t);
  const headers = { authorization: `Bearer ${API_KEY}`, 'content-type': 'application/json' };
  const ask = (path: string, method: string, body?: string) =>
    fetch(`${server.url}/web/v1${path}`, { method, headers, ...(body && { body }) });
  assert.equal((await ask('/engine', 'GET')).status, 200);
  assert.equal((await ask('/models', 'GET')).status, 403);
  assert.equal((await ask('/engine/load', 'POST', '{"file":"embedded"}')).status, 403);
  assert.equal((await ask('/engine/unload', 'POST', '{}')).status, 403);
  assert.equal((await ask('/models/embedded', 'DELETE')).status, 403);
});

test('a server that stops in the middle of a load leaves no engine behind', async (t) => {
  const { load, server } = await startExchangeServer(t);
  await load({ file: 'folder/second.gguf' });
  await server.close();
  assert.equal(server.numActive, 0);
  assert.equal(numChildren() ?? 0, 0);
});
