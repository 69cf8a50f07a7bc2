// The requests that an answer was made of, with what each took and the id under which the console knows
// it; and why its prompt was not in the cache.

import { ScanSearch } from 'lucide';
import type { Round, Turn } from '../../../src/web/turn.js';
import { formatDuration, formatNumber } from '../i18n/format.js';
import { texts } from '../i18n/language.js';
import { CachePanel } from '../cache-panel/cache-panel.js';
import { LinkButton } from '../ui/button.js';
import { costOf, tokensPerSecond } from './usage-line.js';

const words = texts({
  en: {
    request: 'Request',
    hit: 'Cache hit',
    miss: 'Cache miss',
    thinking: 'Thinking',
    out: 'Out',
    first: 'First token',
    total: 'Total',
    speed: 'Tokens/s',
    cost: 'Cost',
    open: 'Open in the console',
    attention: 'What sparse attention kept',
    noTrace: 'no trace',
  },
  zh: {
    request: '请求',
    hit: '缓存命中',
    miss: '缓存未命中',
    thinking: '思考',
    out: '输出',
    first: '首个词元',
    total: '总时间',
    speed: '词元/秒',
    cost: '费用',
    open: '在控制台中打开',
    attention: '稀疏注意力保留了什么',
    noTrace: '无追踪',
  },
});

export function RequestTable({ turn }: { turn: Turn }) {
  const t = words();
  // The first request is the one whose prompt a person wrote; later ones only append to it.
  const firstTrace = turn.rounds.find(({ traceId, usage }) => traceId !== null && usage)?.traceId;
  // The last one holds all of the turn before its own reply.
  const lastTrace = turn.rounds.findLast(
    ({ traceId, usage }) => traceId !== null && usage,
  )?.traceId;
  return (
    <div class="usage-details">
      <div class="table-scroll">
        <table class="table">
          <thead>
            <tr>
              <th>{t.request}</th>
              <th class="number">{t.hit}</th>
              <th class="number">{t.miss}</th>
              <th class="number">{t.thinking}</th>
              <th class="number">{t.out}</th>
              <th class="number">{t.first}</th>
              <th class="number">{t.total}</th>
              <th class="number">{t.speed}</th>
              <th class="number">{t.cost}</th>
            </tr>
          </thead>
          <tbody>
            {turn.rounds.map((round) => (
              <RequestRow key={round.messageId} round={round} />
            ))}
          </tbody>
        </table>
      </div>
      {firstTrace && <CachePanel traceId={firstTrace} />}
      {lastTrace && (
        <p>
          <LinkButton href={`/selection/${lastTrace}`} size="small" icon={ScanSearch}>
            {t.attention}
          </LinkButton>
        </p>
      )}
    </div>
  );
}

function RequestRow({ round }: { round: Round }) {
  const { usage, traceId } = round;
  const speed = usage && tokensPerSecond(usage);
  const t = words();
  return (
    <tr>
      <td>
        {traceId === null ? (
          t.noTrace
        ) : (
          <a class="mono" href={`/console/requests/${traceId}`} title={t.open}>
            {traceId.slice(0, 8)}
          </a>
        )}
      </td>
      {usage && (
        <>
          <td class="number">{formatNumber(usage.cache_hit_tokens)}</td>
          <td class="number">{formatNumber(usage.cache_miss_tokens)}</td>
          <td class="number">{formatNumber(usage.reasoning_tokens)}</td>
          <td class="number">{formatNumber(usage.completion_tokens - usage.reasoning_tokens)}</td>
          <td class="number">
            {usage.first_token_ms === null ? '–' : formatDuration(usage.first_token_ms)}
          </td>
          <td class="number">{formatDuration(usage.duration_ms)}</td>
          <td class="number">{speed ? formatNumber(speed, speed < 10 ? 1 : 0) : '–'}</td>
          <td class="number">{costOf(usage) ?? '–'}</td>
        </>
      )}
    </tr>
  );
}
