// The playground's sidebar: the endpoints, and what was sent since the page was opened.

import { formatDuration } from '../i18n/format.js';
import { language, texts } from '../i18n/language.js';
import { ENDPOINTS, type Endpoint } from '../lib/playground-endpoints.js';
import { changeDraft } from './draft.js';
import { exchanges, shownExchange, type Exchange } from './exchange.js';

const words = texts({
  en: {
    title: 'Playground',
    endpoints: 'Endpoints',
    history: 'Sent in this session',
    none: 'Nothing yet. It is forgotten when the page is closed.',
    running: 'running',
  },
  zh: {
    title: '试验场',
    endpoints: '接口',
    history: '本次会话已发送',
    none: '暂无，关闭页面后清除。',
    running: '进行中',
  },
});

export interface PlaygroundNavProps {
  current: Endpoint;
  onOpen: (endpoint: string) => void;
}

export function PlaygroundNav({ current, onOpen }: PlaygroundNavProps) {
  const t = words();
  return (
    <div class="section-nav play-nav">
      <h2>{t.title}</h2>
      <nav aria-label={t.endpoints}>
        {ENDPOINTS.map(({ id, title, method }) => (
          <a
            key={id}
            href={`/playground/${id}`}
            aria-current={id === current.id ? 'page' : undefined}
          >
            <span class={`play-method ${method.toLowerCase()}`}>{method}</span>
            <span class="grow">{title[language.value]}</span>
          </a>
        ))}
      </nav>
      <h3>{t.history}</h3>
      {exchanges.value.length === 0 ? (
        <p class="faint small play-none">{t.none}</p>
      ) : (
        <ul>
          {exchanges.value.map((exchange) => (
            <li key={exchange.id}>
              <HistoryRow exchange={exchange} onOpen={onOpen} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function HistoryRow({ exchange, onOpen }: { exchange: Exchange; onOpen: (id: string) => void }) {
  void exchange.version.value;
  const { request, status, totalMs, state } = exchange;
  const kind = status === undefined ? 'bad' : status < 300 ? 'good' : status < 500 ? 'warn' : 'bad';
  const open = () => {
    const endpoint = ENDPOINTS.find(({ id }) => id === request.endpoint);
    if (endpoint && request.body !== undefined) changeDraft(endpoint, { body: request.body });
    shownExchange.value = exchange;
    onOpen(request.endpoint);
  };
  return (
    <button
      type="button"
      class="play-history"
      aria-current={exchange === shownExchange.value ? 'true' : undefined}
      onClick={open}
    >
      <span class={`badge numbers ${state === 'waiting' || state === 'reading' ? '' : kind}`}>
        {status ?? (state === 'waiting' ? '…' : '✕')}
      </span>
      <span class="grow truncate mono small">{request.path}</span>
      <span class="faint small numbers">
        {totalMs === undefined ? words().running : formatDuration(totalMs)}
      </span>
    </button>
  );
}
