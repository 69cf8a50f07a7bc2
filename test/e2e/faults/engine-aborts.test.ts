// 500 streams that their clients leave, each at another moment, of a real engine process: queued,
// before the head, at the first byte, in the middle. Nothing of them stays, here or in the engine.

import assert from 'node:assert/strict';
import test from 'node:test';
import { startEngineServer, type EngineServer } from '../../helpers/engine-server.js';
import { DOORS } from '../../helpers/fault-server.js';
import { until } from '../../helpers/scripted-server.js';

const STREAMS = 500;
/** More than run at once: some are left while they wait. */
const AT_ONCE = 64;

/** Asks for a long stream and leaves it; resolves when it is left, or has ended before. */
async function leave({ post }: EngineServer, n: number): Promise<void> {
  const { path, body } = DOORS[n % DOORS.length]!;
  const controller = new AbortController();
  const limit = path === '/responses' ? 'max_output_tokens' : 'max_tokens';
  const moment = Math.floor(n / DOORS.length) % 4;
  const numPieces = moment * (1 + (n % 7));
  try {
    const asked = post(path, { ...body, [limit]: 3000, stream: true }, controller.signal);
    asked.catch(() => {}); // looked at below, or left
    if (moment === 0) {
      for (let turn = 0; turn < n % 13; turn++) await new Promise(setImmediate);
      return;
    }
    const response = await asked;
    assert.equal(response.status, 200);
    let pieces = 0;
    if (moment > 1) for await (const _ of response.body!) if (++pieces === numPieces) break;
  } finally {
    controller.abort();
  }
}

test('500 streams left at any moment leave nothing behind', async (t) => {
  const on = await startEngineServer(t);
  let next = 0;
  const client = async () => {
    while (next < STREAMS) await leave(on, next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, client));
  await on.assertIdle();
  const stats = await on.backend.stats();
  assert.deepEqual(
    [stats.running, stats.waiting, stats.caches, stats.cacheBytes, stats.restarts],
    [0, 0, 0, 0, 0],
  );
  await until(() => on.server.platform.health().journalDepth === 0);
  assert.deepEqual((await on.admin('/admin/audit'))['problems'], []);
});
