// The newest requests that failed: of everybody for an operator, of the own key for others.

import type { RequestPage } from '../../../../src/web/requests-wire.js';
import { call } from '../../api/http.js';
import { texts } from '../../i18n/language.js';
import { ago } from '../parts/ago.js';
import { StatusBadge } from '../requests/status-badge.js';
import { useLoad } from '../use-load.js';

const words = texts({
  en: { title: 'Newest errors', none: 'No request in the log has failed.', all: 'All requests' },
  zh: { title: '最近的错误', none: '请求记录中没有失败的请求。', all: '全部请求' },
});

export function NewestErrors() {
  const t = words();
  const { value, problem } = useLoad((signal) =>
    call<RequestPage>('/web/v1/requests?status=error&limit=5', { signal }),
  );
  return (
    <section class="console-section">
      <div class="console-bar">
        <h2 class="section-title">{t.title}</h2>
        <a class="console-bar-end small" href="/console/requests">
          {t.all}
        </a>
      </div>
      {!value || value.data.length === 0 ? (
        <p class="soft small">{problem ?? (value ? t.none : '…')}</p>
      ) : (
        <ul class="card overview-errors">
          {value.data.map((row) => (
            <li key={row.trace_id}>
              <StatusBadge {...row} />
              <a
                class="truncate grow"
                href={`/console/requests/${encodeURIComponent(row.trace_id)}`}
              >
                {row.error?.message ?? row.abort_reason ?? row.error?.type ?? row.route}
              </a>
              <span class="faint small mono overview-route truncate">{row.route}</span>
              <time class="faint small" dateTime={row.started_at}>
                {ago(row.started_at, Date.now())}
              </time>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
