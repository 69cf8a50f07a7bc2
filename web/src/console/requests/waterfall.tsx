// The steps of a request under each other, each where it lies in time. The figures beside the bars say
// the same for those who cannot see them.

import type { TraceSpan } from '../../../../src/web/requests-wire.js';
import { formatNumber, formatPercent } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';
import { duration } from './request-row.js';
import { requestWords } from './request-words.js';

const words = texts({
  en: { title: 'Where the time went', step: 'Step', when: 'When', took: 'Took' },
  zh: { title: '时间花在哪里', step: '步骤', when: '时段', took: '用时' },
});

export function Waterfall({ spans, total }: { spans: readonly TraceSpan[]; total: number }) {
  const t = words();
  const names = requestWords().spans;
  const whole = Math.max(total, 0.001);
  return (
    <section class="card padded stack" aria-label={t.title}>
      <h3>{t.title}</h3>
      <table class="waterfall">
        <thead class="visually-hidden">
          <tr>
            <th scope="col">{t.step}</th>
            <th scope="col">{t.when}</th>
            <th scope="col">{t.took}</th>
          </tr>
        </thead>
        <tbody>
          {spans.map(({ name, start_ms: start, duration_ms: ms }) => (
            <tr key={name}>
              <th scope="row">{names[name]}</th>
              <td class="lane" aria-label={`+${precise(start)}`}>
                <span
                  class={`bar span-${name}`}
                  style={{
                    left: `${(start / whole) * 100}%`,
                    width: `max(2px, ${(ms / whole) * 100}%)`,
                  }}
                />
              </td>
              <td class="number">
                {precise(ms)} <span class="faint share">{formatPercent(ms / whole)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** Steps of less than ten milliseconds are what this is looked at for as well. */
function precise(ms: number): string {
  return ms < 10 ? `${formatNumber(ms, 2)} ms` : duration(ms);
}
