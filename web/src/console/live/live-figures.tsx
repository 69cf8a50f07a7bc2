// The figures at the top: how much runs, waits and is said.

import type { LivePoint, LiveReport } from '../../../../src/web/requests-wire.js';
import { formatNumber, formatPercent } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';
import { recentRate } from '../../lib/live-series.js';

const words = texts({
  en: {
    running: 'Running',
    of: (max: string) => `of ${max}`,
    queued: 'Waiting',
    output: 'Output tokens/s',
    prompt: 'Prompt tokens/s',
    mean: 'last 5 s',
    batch: 'Batch size',
    batchMore: 'sequences in the newest step',
    hits: 'From the cache',
    hitsMore: 'of all prompt tokens',
  },
  zh: {
    running: '运行中',
    of: (max: string) => `/ ${max}`,
    queued: '等待中',
    output: '输出词元/秒',
    prompt: '提示词元/秒',
    mean: '最近 5 秒',
    batch: '批大小',
    batchMore: '最近一步中的序列数',
    hits: '缓存命中',
    hitsMore: '占全部提示词元',
  },
});

interface Props {
  report: LiveReport;
  points: readonly LivePoint[];
}

export function LiveFigures({ report, points }: Props) {
  const t = words();
  const { running, queued, max_running: maxRunning, engine } = report;
  const cache = engine?.context_cache;
  return (
    <dl class="figures">
      <Figure
        name={t.running}
        value={formatNumber(running)}
        more={t.of(formatNumber(maxRunning))}
      />
      <Figure name={t.queued} value={formatNumber(queued)} />
      <Figure name={t.output} value={rateText(recentRate(points, 'output_tokens'))} more={t.mean} />
      <Figure name={t.prompt} value={rateText(recentRate(points, 'prompt_tokens'))} more={t.mean} />
      {engine && (
        <Figure name={t.batch} value={formatNumber(engine.batch_size)} more={t.batchMore} />
      )}
      {cache && cache.prompt_tokens > 0 && (
        <Figure
          name={t.hits}
          value={formatPercent(
            (cache.ram_hit_tokens + cache.disk_hit_tokens) / cache.prompt_tokens,
          )}
          more={t.hitsMore}
        />
      )}
    </dl>
  );
}

function Figure({ name, value, more }: { name: string; value: string; more?: string }) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>{value}</dd>
      {more !== undefined && <dd class="more">{more}</dd>}
    </div>
  );
}

function rateText(rate: number): string {
  return formatNumber(rate, rate < 10 ? 1 : 0);
}
