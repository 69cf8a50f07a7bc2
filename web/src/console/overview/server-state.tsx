// For operators: how the server is, what runs now, what model it serves.

import type { EngineInfo } from '../../../../src/web/models-wire.js';
import { call } from '../../api/http.js';
import { formatBytes, formatNumber } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';
import { useLive } from '../live/use-live.js';
import { ago } from '../parts/ago.js';
import { Figure } from '../parts/figure.js';
import { useLoad } from '../use-load.js';

/** GET /status?format=json (docs/observability.md): what this page reads of it. */
interface StatusJson {
  status: string;
  started_at: string;
  components: { name: string; status: string; detail: string | null }[];
  incidents: { component: string; detail: string; from: string; until: string | null }[];
}

const words = texts({
  en: {
    title: 'Server',
    state: 'State',
    since: (time: string) => `started ${time}`,
    incidents: (count: string) => `${count} open incidents`,
    running: 'Requests now',
    queued: (count: string) => `${count} queued`,
    speed: 'Output',
    perSecond: (count: string) => `${count} tokens/s`,
    lastSecond: 'in the last second',
    model: 'Model',
    noModel: 'none loaded',
    upstream: 'upstream',
    memory: (used: string) => `${used} of memory`,
    live: 'Live view',
    away: 'connection lost, trying again',
    states: {
      operational: 'operational',
      ready: 'ready',
      degraded: 'degraded',
      down: 'down',
    } as Record<string, string>,
  },
  zh: {
    title: '服务器',
    state: '状态',
    since: (time: string) => `启动于${time}`,
    incidents: (count: string) => `${count} 个未恢复的事件`,
    running: '当前请求',
    queued: (count: string) => `${count} 个排队`,
    speed: '输出',
    perSecond: (count: string) => `${count} 词元/秒`,
    lastSecond: '最近一秒',
    model: '模型',
    noModel: '未加载',
    upstream: '上游',
    memory: (used: string) => `占用内存 ${used}`,
    live: '实时视图',
    away: '连接中断，正在重试',
    states: {
      operational: '正常',
      ready: '就绪',
      degraded: '降级',
      down: '不可用',
    } as Record<string, string>,
  },
});

const BADGES: Record<string, string> = { operational: 'good', ready: 'good', degraded: 'warn' };

export function ServerState() {
  const t = words();
  const status = useLoad((signal) =>
    call<StatusJson>('/status?format=json', { signal, headers: { accept: 'application/json' } }),
  );
  const engine = useLoad((signal) => call<EngineInfo>('/web/v1/engine', { signal }));
  const { report, points, isAway } = useLive();
  const last = points.at(-1);
  const open = status.value?.incidents.filter(({ until }) => until === null) ?? [];
  return (
    <section class="console-section">
      <h2>{t.title}</h2>
      <dl class="figures">
        <Figure
          label={t.state}
          value={
            status.value ? (
              <StateBadge status={status.value.status} />
            ) : (
              <span class="soft small">{status.problem ?? '…'}</span>
            )
          }
          more={
            open.length > 0 ? (
              <a href="/status">{t.incidents(formatNumber(open.length))}</a>
            ) : (
              status.value && t.since(ago(status.value.started_at, Date.now()))
            )
          }
        />
        <Figure
          label={t.running}
          value={report ? formatNumber(report.running) : '…'}
          more={
            isAway
              ? t.away
              : report && <a href="/console/live">{t.queued(formatNumber(report.queued))}</a>
          }
        />
        <Figure
          label={t.speed}
          value={t.perSecond(formatNumber(last?.output_tokens ?? 0))}
          more={t.lastSecond}
        />
        <Figure
          label={t.model}
          value={
            <a class="overview-model" href="/console/models">
              {engine.value ? (engine.value.model?.id ?? t.noModel) : (engine.problem ?? '…')}
            </a>
          }
          more={
            report?.engine?.resident_bytes != null
              ? t.memory(formatBytes(report.engine.resident_bytes))
              : engine.value?.kind === 'upstream'
                ? t.upstream
                : undefined
          }
        />
      </dl>
      {status.value && (
        <div class="row wrap overview-components">
          {status.value.components.map(({ name, status: state, detail }) => (
            <span key={name} class="overview-component" title={detail ?? undefined}>
              {name} <StateBadge status={state} />
            </span>
          ))}
        </div>
      )}
    </section>
  );
}

function StateBadge({ status }: { status: string }) {
  const text = words().states[status] ?? status;
  return <span class={`badge ${BADGES[status] ?? 'bad'}`}>{text}</span>;
}
