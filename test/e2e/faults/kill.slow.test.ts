// kill -9 in the middle of 1,000 streams, as kill.test.ts does with 200.

import test from 'node:test';
import { killMidStream } from '../../helpers/kill-mid-stream.js';
import { storePlaces } from '../../helpers/store-places.js';

for (const place of storePlaces().filter(({ name }) => name !== 'memory')) {
  test(`kill -9 amid 1,000 streams on ${place.name}`, { skip: place.missing }, async (t) => {
    t.after(() => place.remove());
    await killMidStream(place, 1_000);
  });
}
