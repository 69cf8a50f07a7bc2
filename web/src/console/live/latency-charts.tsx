// How long things took in the last ten minutes, as histograms with the median and the slowest twentieth.

import type { LiveHistogram, LiveReport } from '../../../../src/web/requests-wire.js';
import { Chart, type ChartColor } from '../../charts/chart.js';
import { formatDuration, formatNumber } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';
import { countOf, quantileBound } from '../../lib/live-series.js';

const words = texts({
  en: {
    firstToken: 'Time to first token',
    perToken: 'Time per token',
    total: 'Whole request',
    bucket: 'Up to',
    requests: (count: string) => `${count} requests`,
    quantiles: (half: string, most: string) => `half within ${half}, 95 % within ${most}`,
    none: 'none in the last ten minutes',
    series: 'Requests',
    beyond: (text: string) => `> ${text}`,
    minutes: (count: string) => `${count} min`,
  },
  zh: {
    firstToken: '首个词元用时',
    perToken: '每词元用时',
    total: '整个请求用时',
    bucket: '不超过',
    requests: (count: string) => `${count} 个请求`,
    quantiles: (half: string, most: string) => `半数在 ${half} 内，95% 在 ${most} 内`,
    none: '最近十分钟没有',
    series: '请求',
    beyond: (text: string) => `> ${text}`,
    minutes: (count: string) => `${count} 分钟`,
  },
});

export function LatencyCharts({ latency }: { latency: LiveReport['latency'] }) {
  const t = words();
  return (
    <div class="chart-grid live-latency">
      <Histogram title={t.firstToken} histogram={latency.first_token} color={3} />
      <Histogram title={t.perToken} histogram={latency.per_token} color={1} />
      <Histogram title={t.total} histogram={latency.total} color={4} />
    </div>
  );
}

interface Props {
  title: string;
  histogram: LiveHistogram;
  color: ChartColor;
}

function Histogram({ title, histogram, color }: Props) {
  const t = words();
  const { bounds, counts } = histogram;
  const names = counts.map((_count, index) =>
    index < bounds.length ? short(bounds[index]!) : t.beyond(short(bounds.at(-1)!)),
  );
  return (
    <div class="live-histogram">
      <Chart
        title={title}
        kind="bars"
        points={{ kind: 'names', names }}
        pointsLabel={t.bucket}
        format={(value) => t.requests(formatNumber(value))}
        formatAxis={(value) => (Number.isInteger(value) ? formatNumber(value) : '')}
        series={[{ label: t.series, values: counts, color }]}
        height={150}
      />
      <p class="small soft numbers">{summary(histogram)}</p>
    </div>
  );
}

function summary(histogram: LiveHistogram): string {
  const t = words();
  if (countOf(histogram) === 0) return t.none;
  const bound = (share: number) => {
    const value = quantileBound(histogram, share)!;
    return value === Infinity ? t.beyond(short(histogram.bounds.at(-1)!)) : short(value);
  };
  return t.quantiles(bound(0.5), bound(0.95));
}

function short(seconds: number): string {
  // All bounds above a minute are whole minutes.
  return seconds < 60
    ? formatDuration(seconds * 1000)
    : words().minutes(formatNumber(seconds / 60));
}
