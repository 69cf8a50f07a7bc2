// A process that records requests until it is killed: `node store-crash-child.js <url> <folder>
// <account>`. A request's id is on standard output once it was acknowledged, never before.

import { writeSync } from 'node:fs';
import { openPlatform } from '../../src/store/open-platform.js';
import { usageRecord } from './store-places.js';

const [databaseUrl, dataDir, accountId] = process.argv.slice(2) as [string, string, string];
const store = await openPlatform({ databaseUrl, dataDir });

async function recordForever(caller: number): Promise<never> {
  for (let n = 0; ; n += 1) {
    const requestId = `${process.pid}-${caller}-${n}`;
    await store.record(usageRecord({ requestId, accountId }));
    writeSync(1, `${requestId}\n`);
  }
}

await Promise.all(Array.from({ length: 32 }, (_, caller) => recordForever(caller)));
