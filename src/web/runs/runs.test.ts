// Who begins runs, and until when.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Runs, type RunsOptions } from './runs.js';

test('when the runs were ended none begins any more', async () => {
  // Nothing of the server is asked for.
  const runs = new Runs({ host: {}, store: {} } as unknown as RunsOptions);
  await runs.close();
  const settings = {} as Parameters<Runs['startDetached']>[1]['settings'];
  assert.throws(
    () => runs.startDetached('key', { settings, messages: [{ role: 'user', content: 'q' }] }),
    /stopping/,
  );
});
