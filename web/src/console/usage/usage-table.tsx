// Usage summed by model, key or day, as a table.

import { useState } from 'preact/hooks';
import { formatMoney, formatNumber, formatPercent } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';
import { groupCells, hitShare } from '../../lib/usage-view.js';
import { Segmented } from '../../ui/fields.js';
import type { UsageData } from './usage-source.js';

const words = texts({
  en: {
    by: 'Sum by',
    model: 'Model',
    key: 'Key',
    day: 'Day (UTC)',
    requests: 'Requests',
    hit: 'Cache hit',
    miss: 'Cache miss',
    share: 'Hit share',
    output: 'Output',
    reasoning: 'of it reasoning',
    cost: 'Cost',
  },
  zh: {
    by: '汇总方式',
    model: '模型',
    key: '密钥',
    day: '日期 (UTC)',
    requests: '请求数',
    hit: '缓存命中',
    miss: '缓存未命中',
    share: '命中率',
    output: '输出',
    reasoning: '其中思考',
    cost: '费用',
  },
});

type By = 'model' | 'key' | 'day';

export function UsageTable({ cells, keyNames }: UsageData) {
  const [by, setBy] = useState<By>('model');
  const t = words();
  const sums = groupCells(cells, (cell) => cell[by]);
  const groups = by === 'day' ? sums.toSorted((a, b) => (a.name < b.name ? 1 : -1)) : sums;
  return (
    <>
      <div>
        <Segmented
          label={t.by}
          value={by}
          options={(['model', 'key', 'day'] as const).map((value) => ({ value, label: t[value] }))}
          onValue={setBy}
        />
      </div>
      <div class="card table-scroll" tabIndex={0} role="region" aria-label={t[by]}>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{t[by]}</th>
              {[t.requests, t.hit, t.miss, t.share, t.output, t.reasoning, t.cost].map((label) => (
                <th key={label} scope="col" class="number">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {groups.map(({ name, sums: own }) => {
              const share = hitShare(own);
              return (
                <tr key={name}>
                  <th scope="row">{by === 'key' ? (keyNames.get(name) ?? name) : name}</th>
                  <td class="number">{formatNumber(own.requests)}</td>
                  <td class="number">{formatNumber(own.hit)}</td>
                  <td class="number">{formatNumber(own.miss)}</td>
                  <td class="number">{share === undefined ? '–' : formatPercent(share)}</td>
                  <td class="number">{formatNumber(own.output)}</td>
                  <td class="number">{formatNumber(own.reasoning)}</td>
                  <td class="number">{moneyText(own.cost)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** Every currency with its sign. */
export function moneyText(cost: Record<string, string>): string {
  const parts = Object.entries(cost).map(([currency, amount]) => formatMoney(amount, currency));
  return parts.length === 0 ? '–' : parts.join(' + ');
}
