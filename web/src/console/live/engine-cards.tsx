// The engine's memory and context cache, and what it has counted since the server started.

import type { ComponentChildren } from 'preact';
import type { LiveEngine } from '../../../../src/web/requests-wire.js';
import { formatBytes, formatNumber, formatPercent } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';

const words = texts({
  en: {
    memory: 'Memory',
    kv: 'Keys and values of running replies',
    of: (used: string, all: string) => `${used} of ${all}`,
    resident: 'Engine process',
    cache: 'Context cache',
    none: 'Off: every prompt is computed from its beginning.',
    ram: 'In memory',
    disk: 'On disk',
    uncounted: 'no folder',
    ramHits: 'Tokens from memory',
    diskHits: 'Tokens from disk',
    looked: 'Tokens looked up',
    evicted: 'Blocks dropped for room',
    engine: 'Engine, since the start',
    prefill: 'Prompt tokens',
    decode: 'Output tokens',
    perSecond: (count: string) => `${count} per second of work`,
    preemptions: 'Put back for want of memory',
    restarts: 'Restarts',
    accepted: 'Drafts taken',
    sparse: 'Attended sparsely',
  },
  zh: {
    memory: '内存',
    kv: '运行中回复的键值',
    of: (used: string, all: string) => `${used} / ${all}`,
    resident: '引擎进程',
    cache: '上下文缓存',
    none: '已关闭：每个提示都从头计算。',
    ram: '内存中',
    disk: '磁盘上',
    uncounted: '无目录',
    ramHits: '来自内存的词元',
    diskHits: '来自磁盘的词元',
    looked: '查找的词元',
    evicted: '因空间不足丢弃的块',
    engine: '引擎（自启动以来）',
    prefill: '提示词元',
    decode: '输出词元',
    perSecond: (count: string) => `每秒计算 ${count} 个`,
    preemptions: '因内存不足退回',
    restarts: '重启次数',
    accepted: '草稿采纳率',
    sparse: '稀疏注意力占比',
  },
});

export function EngineCards({ engine }: { engine: LiveEngine }) {
  return (
    <>
      <MemoryCard engine={engine} />
      <CacheCard cache={engine.context_cache} />
      <CounterCard engine={engine} />
    </>
  );
}

function MemoryCard({ engine }: { engine: LiveEngine }) {
  const t = words();
  const { cache_bytes: used, cache_budget_bytes: budget, resident_bytes: resident } = engine;
  const share = budget > 0 ? used / budget : 0;
  return (
    <Card title={t.memory}>
      <Fact name={t.kv}>{t.of(formatBytes(used), formatBytes(budget))}</Fact>
      <div class={`meter ${share > 0.9 ? 'warn' : ''}`} aria-hidden="true">
        <span style={{ width: `${Math.min(1, share) * 100}%` }} />
      </div>
      {resident !== null && <Fact name={t.resident}>{formatBytes(resident)}</Fact>}
    </Card>
  );
}

function CacheCard({ cache }: { cache: LiveEngine['context_cache'] }) {
  const t = words();
  if (!cache) {
    return (
      <Card title={t.cache}>
        <p class="soft small">{t.none}</p>
      </Card>
    );
  }
  const { prompt_tokens: looked, ram_hit_tokens: ram, disk_hit_tokens: disk } = cache;
  const of = (count: number) => (looked > 0 ? ` (${formatPercent(count / looked)})` : '');
  return (
    <Card title={t.cache}>
      <Fact name={t.ram}>{formatBytes(cache.ram_bytes)}</Fact>
      <Fact name={t.disk}>
        {cache.disk_bytes === null ? t.uncounted : formatBytes(cache.disk_bytes)}
      </Fact>
      <Fact name={t.looked}>{formatNumber(looked)}</Fact>
      <Fact name={t.ramHits}>{`${formatNumber(ram)}${of(ram)}`}</Fact>
      <Fact name={t.diskHits}>{`${formatNumber(disk)}${of(disk)}`}</Fact>
      <Fact name={t.evicted}>{formatNumber(cache.ram_evictions + cache.disk_evictions)}</Fact>
    </Card>
  );
}

function CounterCard({ engine }: { engine: LiveEngine }) {
  const t = words();
  const { drafted_tokens: drafted, dense_tokens: dense, sparse_tokens: sparse } = engine;
  const attended = dense + sparse;
  return (
    <Card title={t.engine}>
      <Fact name={t.prefill}>{pace(engine.prefill_tokens, engine.prefill_seconds)}</Fact>
      <Fact name={t.decode}>{pace(engine.decode_tokens, engine.decode_seconds)}</Fact>
      {attended > 0 && <Fact name={t.sparse}>{formatPercent(sparse / attended)}</Fact>}
      {drafted > 0 && (
        <Fact name={t.accepted}>{formatPercent(engine.accepted_tokens / drafted)}</Fact>
      )}
      <Fact name={t.preemptions}>{formatNumber(engine.preemptions)}</Fact>
      <Fact name={t.restarts}>{formatNumber(engine.restarts)}</Fact>
    </Card>
  );
}

function pace(tokens: number, seconds: number): ComponentChildren {
  const t = words();
  if (seconds === 0) return formatNumber(tokens);
  return (
    <>
      {formatNumber(tokens)}{' '}
      <span class="soft">({t.perSecond(formatNumber(tokens / seconds))})</span>
    </>
  );
}

function Card({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section class="card padded stack" aria-label={title}>
      <h3>{title}</h3>
      <div class="live-facts">{children}</div>
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div class="live-fact">
      <span class="soft">{name}</span>
      <span class="numbers">{children}</span>
    </div>
  );
}
