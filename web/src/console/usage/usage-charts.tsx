// The charts of usage: tokens by kind, requests and cost by model or key.

import { useState } from 'preact/hooks';
import { Chart, type ChartColor, type ChartSeries } from '../../charts/chart.js';
import { formatCompact, formatMoney, formatNumber } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';
import { daysBetween, seriesByDay, sumsByDay, type UsageSums } from '../../lib/usage-view.js';
import { Segmented } from '../../ui/fields.js';
import type { UsageData, UsageRange } from './usage-source.js';

const words = texts({
  en: {
    tokens: 'Tokens',
    requests: 'Requests',
    cost: (currency: string) => `Cost in ${currency}`,
    hit: 'Input, cache hit',
    miss: 'Input, cache miss',
    reasoning: 'Reasoning',
    answer: 'Answer',
    day: 'Day (UTC)',
    split: 'Split by',
    model: 'By model',
    key: 'By key',
    others: 'Others',
  },
  zh: {
    tokens: '词元',
    requests: '请求数',
    cost: (currency: string) => `费用（${currency}）`,
    hit: '输入（缓存命中）',
    miss: '输入（缓存未命中）',
    reasoning: '思考',
    answer: '回答',
    day: '日期 (UTC)',
    split: '拆分方式',
    model: '按模型',
    key: '按密钥',
    others: '其他',
  },
});

const COLORS: readonly ChartColor[] = [1, 2, 3, 4, 5, 7, 8];
const OTHERS: ChartColor = 6;

export function UsageCharts({ cells, keyNames, range }: UsageData & { range: UsageRange }) {
  const [by, setBy] = useState<'model' | 'key'>('model');
  const t = words();
  const days = daysBetween(range.from, range.to);
  const sums = sumsByDay(cells, days);
  // 11-23: the year is in the range above, and labels have little room.
  const points = { kind: 'names', names: days.map((day) => day.slice(5)) } as const;
  const common = { points, kind: 'bars', isStacked: true, pointsLabel: t.day } as const;
  const splitBy = (measure: (sums: UsageSums) => number): ChartSeries[] =>
    seriesByDay(cells, days, {
      nameOf: (cell) => (by === 'model' ? cell.model : (keyNames.get(cell.key) ?? cell.key)),
      measure,
      maxSeries: COLORS.length,
    }).map(({ name, values }, index) => ({
      label: name ?? t.others,
      values,
      color: name === undefined ? OTHERS : COLORS[index]!,
    }));
  const currencies = [...new Set(cells.flatMap(({ cost }) => Object.keys(cost)))].toSorted();
  return (
    <>
      <Chart
        {...common}
        title={t.tokens}
        height={260}
        format={formatNumber}
        formatAxis={formatCompact}
        series={[
          { label: t.hit, color: 4, values: sums.map(({ hit }) => hit) },
          { label: t.miss, color: 1, values: sums.map(({ miss }) => miss) },
          { label: t.reasoning, color: 3, values: sums.map(({ reasoning }) => reasoning) },
          {
            label: t.answer,
            color: 2,
            values: sums.map(({ output, reasoning }) => output - reasoning),
          },
        ]}
      />
      <div>
        <Segmented
          label={t.split}
          value={by}
          options={[
            { value: 'model', label: t.model },
            { value: 'key', label: t.key },
          ]}
          onValue={setBy}
        />
      </div>
      <div class="chart-grid">
        <Chart
          {...common}
          title={t.requests}
          format={formatNumber}
          formatAxis={formatCompact}
          series={splitBy(({ requests }) => requests)}
        />
        {currencies.map((currency) => (
          <Chart
            key={currency}
            {...common}
            title={t.cost(currency)}
            format={(value) => formatMoney(String(value), currency)}
            series={splitBy(({ cost }) => Number(cost[currency] ?? 0))}
          />
        ))}
      </div>
    </>
  );
}
