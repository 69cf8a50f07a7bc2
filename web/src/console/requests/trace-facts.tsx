// What is known of a request beside its times: who, what, how much, how it ended, what it cost.

import type { ComponentChildren } from 'preact';
import type { RequestTrace } from '../../../../src/web/requests-wire.js';
import { formatNumber } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';
import { CopyButton } from '../../ui/copy-button.js';
import { clock, count, duration, rate } from './request-row.js';
import { requestWords } from './request-words.js';

const words = texts({
  en: {
    facts: 'Facts',
    trace: 'Trace id',
    started: 'Started',
    key: 'Key',
    account: 'Account',
    route: 'Route',
    model: 'Model',
    served: 'Served by',
    stream: 'Streamed',
    yes: 'yes',
    no: 'no',
    finish: 'Finish reason',
    leniencies: 'Forgiven',
    abort: 'Cut because',
    tokens: 'Tokens',
    prompt: 'Prompt',
    hit: 'From the cache',
    miss: 'Computed',
    reasoning: 'Thinking',
    answer: 'Answer',
    speed: 'Tokens per second',
    first: 'First token',
    ledger: 'Ledger',
    transaction: 'Transaction',
    posted: 'Posted',
    charged: 'Charged',
    notCharged: 'Nothing was charged.',
  },
  zh: {
    facts: '概况',
    trace: '追踪 ID',
    started: '开始',
    key: '密钥',
    account: '账户',
    route: '路径',
    model: '模型',
    served: '提供者',
    stream: '流式',
    yes: '是',
    no: '否',
    finish: '结束原因',
    leniencies: '已放宽',
    abort: '中断原因',
    tokens: '词元',
    prompt: '提示',
    hit: '缓存命中',
    miss: '实际计算',
    reasoning: '思考',
    answer: '回答',
    speed: '每秒词元',
    first: '首个词元',
    ledger: '账本',
    transaction: '交易',
    posted: '入账时间',
    charged: '扣费',
    notCharged: '没有扣费。',
  },
});

type Fact = readonly [name: string, value: ComponentChildren];

export function TraceFacts({ trace }: { trace: RequestTrace }) {
  const t = words();
  const { key, leniencies, abort_reason: abortReason, finish_reason: finish } = trace;
  const facts: Fact[] = [
    [t.started, clock(trace.started_at)],
    [t.key, key ? `${key.name ?? key.id} ${key.tail ?? ''}` : requestWords().noKey],
    ...(key ? [[t.account, key.account_id] as const] : []),
    [t.route, <code>{`${trace.method} ${trace.route}`}</code>],
    ...optional(t.model, trace.model),
    ...optional(t.served, trace.served_by),
    ...(trace.stream === null ? [] : [[t.stream, trace.stream ? t.yes : t.no] as const]),
    ...optional(t.finish, finish),
    ...optional(t.abort, abortReason),
    ...(leniencies.length > 0 ? [[t.leniencies, leniencies.join(', ')] as const] : []),
    [
      t.trace,
      <span class="row">
        <code class="truncate">{trace.trace_id}</code>
        <CopyButton text={() => trace.trace_id} />
      </span>,
    ],
  ];
  return (
    <div class="trace-facts">
      <FactCard title={t.facts} facts={facts} />
      <FactCard title={t.tokens} facts={tokenFacts(trace)} />
      <FactCard title={t.ledger} facts={ledgerFacts(trace)} empty={t.notCharged} />
    </div>
  );
}

function optional(name: string, value: string | null): Fact[] {
  return value === null ? [] : [[name, value]];
}

function tokenFacts(trace: RequestTrace): Fact[] {
  const t = words();
  const { prompt_tokens: prompt, cache_hit_tokens: hit, reasoning_tokens: reasoning } = trace;
  const { completion_tokens: completion } = trace;
  if (prompt === null) return [[t.prompt, '–']];
  return [
    [t.prompt, count(prompt)],
    [t.hit, count(hit)],
    [t.miss, hit === null ? '–' : formatNumber(prompt - hit)],
    ...(reasoning !== null && reasoning > 0 ? [[t.reasoning, count(reasoning)] as const] : []),
    [t.answer, completion === null ? '–' : formatNumber(completion - (reasoning ?? 0))],
    [t.first, duration(trace.first_token_ms)],
    [t.speed, rate(trace.tokens_per_second)],
  ];
}

function ledgerFacts({ ledger }: RequestTrace): Fact[] {
  const t = words();
  if (!ledger) return [];
  return [
    ...ledger.amounts.map(({ currency, amount }) => [t.charged, `${amount} ${currency}`] as const),
    [t.posted, clock(ledger.created_at)],
    [t.transaction, <code>{ledger.transaction}</code>],
  ];
}

interface FactCardProps {
  title: string;
  facts: readonly Fact[];
  empty?: string;
}

function FactCard({ title, facts, empty }: FactCardProps) {
  return (
    <section class="card padded stack" aria-label={title}>
      <h3>{title}</h3>
      {facts.length === 0 && <p class="soft">{empty}</p>}
      <dl class="facts">
        {facts.map(([name, value], index) => (
          <div key={index}>
            <dt>{name}</dt>
            <dd class="numbers">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
