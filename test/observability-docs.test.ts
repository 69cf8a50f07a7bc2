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
        engine: () => Promise.reject(new Error('no engine')),
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

test('the dashboard asks for metrics that are served', () => {
  const known = new Set(
    readFileSync(packageFile('docs/observability.md'), 'utf8').match(/\b[a-z]+(?:_[a-z0-9]+)+\b/g),
  );
  const dashboard = JSON.parse(
    readFileSync(packageFile('docs/grafana-dashboard.json'), 'utf8'),
  ) as { panels: { targets: { expr: string }[] }[] };
  const asked = dashboard.panels
    .flatMap(({ targets }) => targets.map(({ expr }) => expr))
    .flatMap((expr) => expr.match(/\b(?:hadal|gen_ai|nodejs|process)_\w+/g) ?? [])
    .map((name) => name.replace(/_(bucket|sum|count)$/, ''));
  assert.ok(asked.length >= 20);
  for (const name of asked) assert.ok(known.has(name), `${name} is not on the metrics page`);
});
