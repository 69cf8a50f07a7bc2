// The observability pages list every metric that is served, and none that is not.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { createObserver } from '../src/observe/observer.js';
import { packageFile } from '../src/package-root.js';

for (const page of ['docs/observability.md', 'docs/observability.zh-CN.md']) {
  test(`${page} lists the metrics that are served`, async () => {
    const observer = createObserver({
      gauges: {
        activeRequests: () => 0,
        queuedRequests: () => 0,
        journalDepth: () => 0,
        components: () => [],
        upstreams: () => [],
      },
      serviceVersion: '1',
    });
    const { body } = await observer.metrics();
    await observer.close();
    const served = [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name]) => name!);
    const text = readFileSync(packageFile(page), 'utf8');
    const rows = text
      .split('\n')
      .filter((line) => /^\| `\w+_\w+`.*\| (counter|gauge|histogram) /.test(line));
    const listed = rows.flatMap((row) =>
      [...row.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!),
    );
    assert.ok(served.length >= 20);
    assert.deepEqual(listed.toSorted(), served.toSorted());
  });
}
