// Incidents: when they open and close, what they keep, how many there are.

import assert from 'node:assert/strict';
import test from 'node:test';
import { StatusHistory } from './status-history.js';
import { statusJson } from './status-json.js';

test('an incident opens when a component leaves operational and closes when it is back', () => {
  const history = new StatusHistory(1000);
  history.sample([{ name: 'engine', status: 'operational' }], 2000);
  history.sample([{ name: 'engine', status: 'degraded', detail: 'slow' }], 3000);
  const worse = history.sample([{ name: 'engine', status: 'down', detail: 'crashed' }], 4000);
  assert.equal(worse.status, 'down');
  assert.deepEqual(worse.incidents, [
    { component: 'engine', status: 'down', detail: 'crashed', from: 3000, until: undefined },
  ]);
  history.sample([{ name: 'engine', status: 'degraded', detail: 'warming up' }], 5000);
  const healed = history.sample([{ name: 'engine', status: 'operational' }], 6000);
  assert.equal(healed.status, 'operational');
  assert.deepEqual(healed.incidents, [
    { component: 'engine', status: 'down', detail: 'crashed', from: 3000, until: 6000 },
  ]);
});

test('a component that is gone is no incident any more', () => {
  const history = new StatusHistory(0);
  history.sample([{ name: 'upstream a', status: 'down' }], 1);
  assert.equal(history.sample([], 2).incidents[0]!.until, 2);
});

test('newest first, at most fifty, the lasting ones always among them', () => {
  const history = new StatusHistory(0);
  const sample = (status: 'operational' | 'down', now: number) =>
    history.sample(
      [
        { name: 'old', status: 'degraded' },
        { name: 'flapping', status },
      ],
      now,
    );
  for (let now = 1; now < 200; now += 2) {
    sample('down', now);
    sample('operational', now + 1);
  }
  const { incidents } = sample('operational', 300);
  assert.equal(incidents.length, 50);
  assert.deepEqual(
    incidents.map(({ from }) => from),
    incidents.map(({ from }) => from).toSorted((a, b) => b - a),
  );
  assert.equal(incidents.at(-1)!.component, 'old');
});

test('details are cleaned of secrets and cut', () => {
  const history = new StatusHistory(0);
  const detail = `postgres://hadal:hunter2@db is gone ${'x'.repeat(1000)}`;
  const report = history.sample([{ name: 'database', status: 'down', detail }], 1);
  for (const text of [report.components[0]!.detail!, report.incidents[0]!.detail]) {
    assert.ok(!text.includes('hunter2'));
    assert.ok(text.length <= 300);
  }
});

test('a report handed out does not change afterwards', () => {
  const history = new StatusHistory(0);
  const report = history.sample([{ name: 'engine', status: 'degraded' }], 1);
  history.sample([{ name: 'engine', status: 'down' }], 2);
  assert.equal(report.incidents[0]!.status, 'degraded');
});

test('the report as JSON', () => {
  const history = new StatusHistory(0);
  history.sample([{ name: 'engine', status: 'down', detail: 'crashed' }], 60_000);
  const report = history.sample([{ name: 'engine', status: 'operational' }], 90_000);
  assert.deepEqual(JSON.parse(statusJson(report)), {
    status: 'operational',
    started_at: '1970-01-01T00:00:00.000Z',
    sampled_at: '1970-01-01T00:01:30.000Z',
    uptime_seconds: 90,
    components: [{ name: 'engine', status: 'operational', detail: null }],
    incidents: [
      {
        component: 'engine',
        status: 'down',
        detail: 'crashed',
        from: '1970-01-01T00:01:00.000Z',
        until: '1970-01-01T00:01:30.000Z',
        duration_seconds: 30,
      },
    ],
  });
});
