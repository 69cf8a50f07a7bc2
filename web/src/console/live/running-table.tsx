// The requests that run or wait, oldest first, each leading to its trace.

import type { LiveReport, LiveRequest } from '../../../../src/web/requests-wire.js';
import { formatDuration, formatNumber } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';
import { count, rate } from '../requests/request-row.js';
import { requestWords } from '../requests/request-words.js';
import '../requests/requests.css';

const words = texts({
  en: {
    title: 'Running and waiting',
    none: 'Nothing runs at this moment.',
    state: 'State',
    model: 'Model',
    key: 'Key',
    age: 'For',
    prompt: 'Prompt',
    hit: 'Cached',
    output: 'Tokens',
    speed: 'Tokens/s',
    trace: 'Trace',
    preparing: 'being read',
  },
  zh: {
    title: '运行与等待中的请求',
    none: '当前没有请求在运行。',
    state: '状态',
    model: '模型',
    key: '密钥',
    age: '已用时',
    prompt: '提示',
    hit: '缓存命中',
    output: '词元',
    speed: '词元/秒',
    trace: '追踪',
    preparing: '读取中',
  },
});

/** More are counted above; a table of thousands helps nobody. */
const MAX_ROWS = 100;

export function RunningTable({ report }: { report: LiveReport }) {
  const t = words();
  const { requests } = report;
  return (
    <section class="card running" aria-label={t.title}>
      <h3>{t.title}</h3>
      {requests.length === 0 ? (
        <p class="soft">{t.none}</p>
      ) : (
        <div class="table-scroll" tabIndex={0} role="region" aria-label={t.title}>
          <table class="table request-table">
            <thead>
              <tr>
                <th scope="col">{t.state}</th>
                <th scope="col">{t.model}</th>
                <th scope="col">{t.key}</th>
                {[t.age, t.prompt, t.hit, t.output, t.speed].map((name) => (
                  <th key={name} scope="col" class="number">
                    {name}
                  </th>
                ))}
                <th scope="col">{t.trace}</th>
              </tr>
            </thead>
            <tbody>
              {requests.slice(0, MAX_ROWS).map((request) => (
                <Row key={request.trace_id} request={request} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

const BADGES = {
  preparing: '',
  queued: 'warn',
  prefill: 'violet',
  decode: 'accent',
  ending: 'good',
} as const;

function Row({ request }: { request: LiveRequest }) {
  const { state, model, key, trace_id: traceId } = request;
  const { states, noKey } = requestWords();
  return (
    <tr>
      <td>
        <span class={`badge ${BADGES[state]}`}>{states[state]}</span>
      </td>
      <td>{model ?? words().preparing}</td>
      <td class="truncate request-key">{key?.name ?? key?.id ?? noKey}</td>
      <td class="number">{formatDuration(request.age_ms)}</td>
      <td class="number">{count(request.prompt_tokens)}</td>
      <td class="number">{count(request.cache_hit_tokens)}</td>
      <td class="number">{formatNumber(request.completion_tokens)}</td>
      <td class="number">{rate(request.tokens_per_second)}</td>
      <td>
        <a href={`/console/requests/${traceId}`} class="mono">
          {traceId.slice(0, 8)}
        </a>
      </td>
    </tr>
  );
}
