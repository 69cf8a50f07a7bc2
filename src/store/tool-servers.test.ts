import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { openPlatform } from './open-platform.js';

const SERVER = { name: 'search', url: 'https://a.example/mcp', headers: { authorization: 'xyz' } };

test('servers belong to their key, and their names are unique there', async (t) => {
  const platform = await openPlatform();
  t.after(() => platform.close());
  const { toolServers } = platform;
  const id = await toolServers.add('key_a', SERVER);
  assert.deepEqual(await toolServers.list('key_a'), [{ id, ...SERVER }]);
  assert.deepEqual(await toolServers.list('key_b'), []);
  await assert.rejects(toolServers.add('key_a', SERVER), /already/);
  await assert.rejects(toolServers.remove('key_b', id), /no tool server/);
  await toolServers.remove('key_a', id);
  assert.deepEqual(await toolServers.list('key_a'), []);
});

test('a key has sixteen at most', async (t) => {
  const platform = await openPlatform();
  t.after(() => platform.close());
  for (let i = 0; i < 16; i++) {
    await platform.toolServers.add('key_a', { ...SERVER, name: `n${i}` });
  }
  await assert.rejects(platform.toolServers.add('key_a', SERVER), /the most there can be/);
});

test('headers open only under the secret that sealed them', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'hadal-tools-'));
  t.after(() => rm(dataDir, { recursive: true, force: true }));
  const first = await openPlatform({ dataDir, secret: 'a'.repeat(32) });
  await first.toolServers.add('key_a', SERVER);
  await first.close();
  const second = await openPlatform({ dataDir, secret: 'b'.repeat(32) });
  t.after(() => second.close());
  const [found] = await second.toolServers.list('key_a');
  assert.equal(found!.headers, undefined);
  assert.equal(found!.url, SERVER.url);
});
