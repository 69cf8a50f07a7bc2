// Pulls that the server runs: seen while they run, cancelled, gone on with, loaded when they are done.

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { ModelFolder, PullInfo } from '../../src/web/models-wire.js';
import { smallModel } from '../helpers/engine-server.js';
import { API_KEY, startExchangeServer } from '../helpers/exchange-server.js';
import { startFakeHub } from '../helpers/fake-hub.js';
import { startScripted } from '../helpers/scripted-server.js';

async function setUp(t: TestContext) {
  const hub = await startFakeHub(t);
  hub.repos.set('maker/small', new Map([['s.gguf', { bytes: readFileSync(await smallModel()) }]]));
  const server = await startExchangeServer(t, { hubs: { hf: hub.url, ms: hub.url } });
  const { web } = server;
  const pulls = async () => (await (await web('/pulls')).json()) as PullInfo[];
  const pull = (source: string) =>
    web('/pulls', { method: 'POST', body: JSON.stringify({ source }) });
  /** Polls as the page does. */
  const ended = async (id: string): Promise<PullInfo> => {
    for (;;) {
      const job = (await pulls()).find((each) => each.id === id)!;
      if (job.ended_at !== null) return job;
    }
  };
  return { ...server, hub, pulls, pull, ended };
}

test('a pull is done, its file is listed and can be loaded', async (t) => {
  const { web, pull, ended, load, settled, chat } = await setUp(t);
  const started = await pull(' hf:maker/small ');
  assert.equal(started.status, 202);
  const { id, source } = (await started.json()) as PullInfo;
  assert.equal(source, 'hf:maker/small');
  const job = await ended(id);
  assert.deepEqual([job.state, job.file, job.message], ['done', 'maker--small/s.gguf', null]);
  assert.equal(job.received_bytes, job.total_bytes);
  assert.match(job.next!, /^hadal serve --model /);
  const { files } = (await (await web('/models')).json()) as ModelFolder;
  assert.ok(files.some((file) => file.id === 'folder/maker--small/s.gguf' && file.removable));
  await load({ file: 'folder/maker--small/s.gguf' });
  assert.equal((await settled()).model?.id, 's');
  assert.equal((await chat()).status, 200);
});

test('cancelled, its bytes stay; what is wrong is said at once or by the job', async (t) => {
  const { web, hub, pull, pulls, ended, dataDir } = await setUp(t);
  const reached = new Promise<void>((resolve) => {
    hub.beforeFile = () => {
      resolve();
      return new Promise(() => {}); // never answers
    };
  });
  const { id } = (await (await pull('hf:maker/small')).json()) as PullInfo;
  await reached;
  assert.equal((await pull('hf:maker/small')).status, 409);
  assert.equal((await web(`/pulls/${id}`, { method: 'DELETE' })).status, 204);
  assert.equal((await ended(id)).state, 'cancelled');
  assert.equal(existsSync(join(dataDir, 'models', 'maker--small', 's.gguf')), false);
  assert.equal((await web(`/pulls/${id}`, { method: 'DELETE' })).status, 204);
  assert.deepEqual(await pulls(), []);
  assert.equal((await web(`/pulls/${id}`, { method: 'DELETE' })).status, 404);

  const unknown = await pull('file:///etc/passwd');
  assert.equal(unknown.status, 400);
  const missing = (await (await pull('ms:maker/none')).json()) as PullInfo;
  const failed = await ended(missing.id);
  assert.equal(failed.state, 'failed');
  assert.match(failed.message!, /^there is no ms:maker\/none at /);
});

test('a server that stops ends its pulls', async (t) => {
  const { server, hub, pull } = await setUp(t);
  const reached = new Promise<void>((resolve) => {
    hub.beforeFile = () => {
      resolve();
      return new Promise(() => {});
    };
  });
  await pull('hf:maker/small');
  await reached;
  await server.close();
});

test('for operators, and where there is a folder', async (t) => {
  const { server } = await setUp(t);
  const headers = { authorization: `Bearer ${API_KEY}` };
  for (const method of ['GET', 'POST']) {
    const response = await fetch(`${server.url}/web/v1/pulls`, { method, headers });
    assert.equal(response.status, 403);
  }
  const brought = await startScripted(t, { adminKey: 'sk-admin-pulls-00000000' });
  const info = await fetch(`${brought.server.url}/web/v1/engine`, { headers: brought.headers });
  const { kind, state } = (await info.json()) as { kind: string; state: string };
  assert.deepEqual([kind, state], ['given', 'loaded']);
});
