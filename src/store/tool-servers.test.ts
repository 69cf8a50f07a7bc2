// On each database: the servers of a key, and who can read their headers.

import assert from 'node:assert/strict';
import { after, describe, test, type TestContext } from 'node:test';
import { storePlaces } from '../../test/helpers/store-places.js';
import { openPlatform, type PlatformOptions } from './open-platform.js';

const SERVER = { name: 'search', url: 'https://a.example/mcp', headers: { authorization: 'xyz' } };

async function open(t: TestContext, options: PlatformOptions) {
  const platform = await openPlatform(options);
  t.after(() => platform.close());
  return platform.toolServers;
}

for (const place of storePlaces()) {
  describe(`tool servers in ${place.name}`, { skip: place.missing ?? false }, () => {
    after(() => place.remove());

    test('servers belong to their key, and their names are unique there', async (t) => {
      const servers = await open(t, await place.fresh());
      const id = await servers.add('key_a', SERVER);
      assert.deepEqual(await servers.list('key_a'), [{ id, ...SERVER }]);
      assert.deepEqual(await servers.list('key_b'), []);
      await assert.rejects(servers.add('key_a', SERVER), /already/);
      await assert.rejects(servers.remove('key_b', id), /no tool server/);
      await servers.remove('key_a', id);
      assert.deepEqual(await servers.list('key_a'), []);
    });

    test('a key has sixteen at most, also when they are added at once', async (t) => {
      const servers = await open(t, await place.fresh());
      const added = await Promise.allSettled(
        Array.from({ length: 20 }, (_, i) => servers.add('key_a', { ...SERVER, name: `n${i}` })),
      );
      assert.equal(added.filter(({ status }) => status === 'fulfilled').length, 16);
      await assert.rejects(servers.add('key_a', SERVER), /the most there can be/);
    });

    test('headers open only under the secret that sealed them', async (t) => {
      if (place.name === 'memory') return t.skip('it forgets with the process');
      const options = await place.fresh();
      const first = await openPlatform({ ...options, secret: 'a'.repeat(32) });
      await first.toolServers.add('key_a', SERVER);
      await first.close();
      const servers = await open(t, { ...options, secret: 'b'.repeat(32) });
      const [found] = await servers.list('key_a');
      assert.equal(found!.headers, undefined);
      assert.equal(found!.url, SERVER.url);
    });
  });
}
