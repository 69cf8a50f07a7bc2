// Tokens per second and requests at once, of the last ten minutes.

import { useMemo } from 'preact/hooks';
import type { LivePoint } from '../../../../src/web/requests-wire.js';
import { Chart, type ChartPoints } from '../../charts/chart.js';
import { formatCompact, formatNumber } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';
import { inSteps, SHOWN_SECONDS } from '../../lib/live-series.js';

const words = texts({
  en: {
    throughput: 'Tokens per second',
    output: 'Output',
    prompt: 'Prompt, computed',
    cached: 'Prompt, from the cache',
    requests: 'Requests at once',
    running: 'Running',
    queued: 'Waiting',
    time: 'Time',
    tokens: (count: string) => `${count} tokens/s`,
  },
  zh: {
    throughput: '每秒词元',
    output: '输出',
    prompt: '提示（计算）',
    cached: '提示（缓存命中）',
    requests: '并发请求',
    running: '运行中',
    queued: '等待中',
    time: '时间',
    tokens: (count: string) => `${count} 词元/秒`,
  },
});

interface Props {
  points: readonly LivePoint[];
  /** ISO 8601, of the newest event. */
  at: string;
}

const STEP_SECONDS = 5;

export function ThroughputCharts({ points: seconds, at }: Props) {
  const t = words();
  const points = useMemo(() => inSteps(seconds, STEP_SECONDS), [seconds]);
  const times = useMemo<ChartPoints>(() => {
    const now = Date.parse(at);
    return {
      kind: 'times',
      times: points.map((point) => point.at * 1000),
      span: [now - SHOWN_SECONDS * 1000, now],
    };
  }, [points, at]);
  const of = (field: keyof LivePoint) => points.map((point) => point[field]);
  return (
    <div class="chart-grid">
      <Chart
        title={t.throughput}
        kind="area"
        points={times}
        pointsLabel={t.time}
        format={(value) => t.tokens(formatNumber(value))}
        formatAxis={formatCompact}
        series={[
          { label: t.output, values: of('output_tokens'), color: 1 },
          { label: t.prompt, values: of('prompt_tokens'), color: 3 },
          { label: t.cached, values: of('cache_hit_tokens'), color: 4 },
        ]}
      />
      <Chart
        title={t.requests}
        kind="area"
        points={times}
        pointsLabel={t.time}
        format={(value) => formatNumber(value)}
        formatAxis={(value) => (Number.isInteger(value) ? formatNumber(value) : '')}
        series={[
          { label: t.running, values: of('running'), color: 1 },
          { label: t.queued, values: of('queued'), color: 2 },
        ]}
      />
    </div>
  );
}
