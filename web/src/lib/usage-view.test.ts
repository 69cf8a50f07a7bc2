import assert from 'node:assert/strict';
import test from 'node:test';
import type { UsageCellInfo } from '../../../src/web/account/account-wire.js';
import {
  daysBack,
  daysBetween,
  groupCells,
  hitShare,
  seriesByDay,
  sumCells,
  sumsByDay,
} from './usage-view.js';

function cell(replace: Partial<UsageCellInfo>): UsageCellInfo {
  return {
    day: '2026-11-23',
    model: 'deepseek-chat',
    key: 'key_a',
    requests: 1,
    prompt_tokens: 10,
    prompt_cache_hit_tokens: 4,
    completion_tokens: 5,
    reasoning_tokens: 2,
    cost: { CNY: '0.0000001' },
    ...replace,
  };
}

test('sums are exact, money per currency', () => {
  const sums = sumCells([cell({}), cell({}), cell({ cost: { USD: '0.5', CNY: '0.1' } })]);
  assert.deepEqual(sums, {
    requests: 3,
    hit: 12,
    miss: 18,
    output: 15,
    reasoning: 6,
    cost: { CNY: '0.1000002', USD: '0.50' },
  });
  assert.equal(hitShare(sums), 0.4);
  assert.equal(hitShare(sumCells([])), undefined);
});

test('days are UTC, over a change of month, and bounded', () => {
  assert.deepEqual(daysBetween('2026-02-27', '2026-03-01'), [
    '2026-02-27',
    '2026-02-28',
    '2026-03-01',
  ]);
  assert.deepEqual(daysBetween('2026-03-01', '2026-02-27'), []);
  assert.equal(daysBetween('0001-01-01', '9999-01-01').length, 3660);
  assert.equal(daysBack(7, Date.parse('2026-11-24T23:59:59Z')), '2026-11-18');
});

test('a day without requests is there, with nothing', () => {
  const days = daysBetween('2026-11-22', '2026-11-24');
  const sums = sumsByDay([cell({}), cell({ day: '2026-11-24' })], days);
  assert.deepEqual(
    sums.map(({ requests }) => requests),
    [0, 1, 1],
  );
});

test('the largest keys stand alone, the rest together', () => {
  const cells = ['a', 'b', 'c', 'd'].map((key, index) =>
    cell({ key, requests: index + 1, completion_tokens: 10 * (index + 1) }),
  );
  assert.equal(groupCells(cells, ({ key }) => key)[0]!.name, 'd');
  const series = seriesByDay(cells, ['2026-11-23'], {
    nameOf: ({ key }) => key,
    measure: ({ requests }) => requests,
    maxSeries: 3,
  });
  assert.deepEqual(series, [
    { name: 'd', values: [4] },
    { name: 'c', values: [3] },
    { name: undefined, values: [3] },
  ]);
});
