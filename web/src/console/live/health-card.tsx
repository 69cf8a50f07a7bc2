// Whether the parts work, and the inference servers behind this one with what they have counted.

import type { LiveReport } from '../../../../src/web/requests-wire.js';
import { formatNumber } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';

const words = texts({
  en: {
    title: 'Health',
    status: { operational: 'works', degraded: 'degraded', down: 'down' },
    upstreams: 'Upstreams',
    inFlight: (count: string) => `${count} in flight`,
    counts: {
      requests: 'requests',
      prefix_hits: 'prefix hits',
      failures: 'failures',
      retries: 'retries',
      broken_streams: 'broken streams',
    },
  },
  zh: {
    title: '健康状况',
    status: { operational: '正常', degraded: '降级', down: '停止' },
    upstreams: '上游',
    inFlight: (count: string) => `进行中 ${count}`,
    counts: {
      requests: '请求',
      prefix_hits: '前缀命中',
      failures: '失败',
      retries: '重试',
      broken_streams: '中断的流',
    },
  },
});

const BADGES = { operational: 'good', degraded: 'warn', down: 'bad' } as const;

export function HealthCard({ report }: { report: LiveReport }) {
  const t = words();
  const { components, upstreams } = report;
  const names: Record<string, string> = t.counts;
  return (
    <section class="card padded stack" aria-label={t.title}>
      <h3>{t.title}</h3>
      <ul class="health">
        {components.map(({ name, status, detail }) => (
          <li key={name}>
            <div class="row spread">
              <span>{name}</span>
              <span class={`badge ${BADGES[status]}`}>{t.status[status]}</span>
            </div>
            {detail !== null && <p class="soft small">{detail}</p>}
          </li>
        ))}
        {upstreams.map(({ endpoint, in_flight: inFlight, counts }) => (
          <li key={endpoint}>
            <div class="row spread">
              <code class="truncate">{endpoint}</code>
              <span class="badge">{t.inFlight(formatNumber(inFlight))}</span>
            </div>
            <p class="soft small">
              {Object.entries(counts)
                .map(([name, count]) => `${names[name] ?? name} ${formatNumber(count)}`)
                .join(' · ')}
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
