// kill -9 in the middle of 200 streams (1,000 in kill.slow.test.ts): after a restart the ledger holds
// every finished request once and no unfinished one as finished.

import test from 'node:test';
import { killMidStream } from '../../helpers/kill-mid-stream.js';
import { storePlaces } from '../../helpers/store-places.js';

for (const place of storePlaces().filter(({ name }) => name !== 'memory')) {
  test(`kill -9 amid 200 streams on ${place.name}`, { skip: place.missing }, async (t) => {
    t.after(() => place.remove());
    await killMidStream(place, 200);
  });
}
