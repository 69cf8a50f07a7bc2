// What came back: status, times, size, the trace; then the body made readable, the stream event by
// event, the assembled message, headers, and the bytes as they came.

import { Activity, Send } from 'lucide';
import { useState } from 'preact/hooks';
import { joinChunks, joinMessageEvents } from '../../../src/conformance/joined.js';
import type { Json, JsonMap } from '../../../src/conformance/json-value.js';
import { CodeBox } from '../console/parts/code-box.js';
import { formatBytes, formatDuration, formatNumber } from '../i18n/format.js';
import { texts } from '../i18n/language.js';
import { parseJsonText } from '../lib/json-problem.js';
import { Empty, Notice } from '../ui/feedback.js';
import { Icon } from '../ui/icon.js';
import { EventList, prettyText } from './event-list.js';
import type { Exchange, TimedFrame } from './exchange.js';

const words = texts({
  en: {
    response: 'Response',
    none: 'Nothing sent yet',
    noneText: 'The request goes to this server with your session; no key is needed here.',
    view: 'View of the response',
    result: 'Result',
    events: (count: string) => `Events (${count})`,
    headers: 'Headers',
    raw: 'Raw',
    sent: 'Sent',
    head: 'head',
    first: 'first byte',
    total: 'total',
    trace: 'Trace',
    waiting: 'Waiting for the response …',
    aborted: 'Stopped by you. The server stops generating as well.',
    leniency: (names: string) => `Forgiven by your key’s profile: ${names}`,
    cut: 'More came than is kept here.',
    assembled: 'Assembled from the stream',
    reasoning: 'Reasoning',
    content: 'Content',
    body: 'Body',
    empty: '(empty)',
    noBody: '(no body)',
  },
  zh: {
    response: '响应',
    none: '尚未发送请求',
    noneText: '请求使用您的登录会话发往本服务器，此处无需密钥。',
    view: '响应视图',
    result: '结果',
    events: (count: string) => `事件 (${count})`,
    headers: '响应头',
    raw: '原文',
    sent: '已发送',
    head: '响应头',
    first: '首字节',
    total: '总计',
    trace: '追踪',
    waiting: '正在等待响应…',
    aborted: '已停止，服务器也会停止生成。',
    leniency: (names: string) => `密钥的契约档案所宽容：${names}`,
    cut: '内容过多，此处只保留了一部分。',
    assembled: '由流拼接而成',
    reasoning: '思考',
    content: '内容',
    body: '响应体',
    empty: '（空）',
    noBody: '（无请求体）',
  },
});

type View = 'result' | 'events' | 'headers' | 'raw' | 'sent';

export function ResponsePanel({ exchange }: { exchange: Exchange | undefined }) {
  const [view, setView] = useState<View>('result');
  const t = words();
  if (!exchange) {
    return (
      <section class="play-panel" aria-label={t.response}>
        <Empty icon={Send} title={t.none}>
          <p>{t.noneText}</p>
        </Empty>
      </section>
    );
  }
  void exchange.version.value;
  const { frames, raw, bytes } = exchange;
  const isStream = frames.length > 0;
  const shown = view === 'events' && !isStream ? 'result' : view;
  const leniency = headerOf(exchange, 'x-hadal-leniency');
  return (
    <section class="play-panel" aria-label={t.response}>
      <Facts exchange={exchange} />
      {exchange.problem !== undefined && <Notice kind="bad">{exchange.problem}</Notice>}
      {exchange.state === 'aborted' && <Notice kind="warn">{t.aborted}</Notice>}
      {leniency !== undefined && <Notice>{t.leniency(leniency)}</Notice>}
      <div class="tabs" role="tablist" aria-label={t.view}>
        {(['result', ...(isStream ? ['events'] : []), 'headers', 'raw', 'sent'] as View[]).map(
          (name) => (
            <button
              key={name}
              type="button"
              role="tab"
              aria-selected={name === shown}
              onClick={() => setView(name)}
            >
              {name === 'events' ? t.events(formatNumber(frames.length)) : t[name]}
            </button>
          ),
        )}
      </div>
      {shown === 'result' && <Result exchange={exchange} />}
      {shown === 'events' && <EventList exchange={exchange} />}
      {shown === 'headers' && (
        <CodeBox
          label={t.headers}
          code={exchange.headers.map(([name, value]) => `${name}: ${value}`).join('\n')}
        />
      )}
      {shown === 'raw' && (
        <>
          {bytes > raw.length * 4 && <p class="soft small">{t.cut}</p>}
          <CodeBox label={t.raw} code={raw === '' ? t.empty : raw} />
        </>
      )}
      {shown === 'sent' && (
        <CodeBox
          label={`${exchange.request.method} ${exchange.request.path}`}
          code={exchange.request.body ?? t.noBody}
        />
      )}
    </section>
  );
}

function Facts({ exchange }: { exchange: Exchange }) {
  const t = words();
  void exchange.version.value; // the exchange is one object all the time: each reader listens itself
  const { status, headMs, firstByteMs, totalMs, bytes, state } = exchange;
  const trace = headerOf(exchange, 'x-ds-trace-id');
  const kind = status === undefined ? '' : status < 300 ? 'good' : status < 500 ? 'warn' : 'bad';
  const times = [
    [t.head, headMs],
    [t.first, firstByteMs],
    [t.total, totalMs],
  ] as const;
  return (
    <div class="play-facts" aria-live="polite">
      {status === undefined ? (
        state === 'waiting' && (
          <span class="row soft">
            <span class="spinner" /> {t.waiting}
          </span>
        )
      ) : (
        <span class={`badge numbers play-status ${kind}`}>{status}</span>
      )}
      {times.map(
        ([label, ms]) =>
          ms !== undefined && (
            <span key={label} class="small numbers">
              <span class="soft">{label}</span> {formatDuration(ms)}
            </span>
          ),
      )}
      {status !== undefined && <span class="small numbers">{formatBytes(bytes)}</span>}
      {state === 'reading' && <span class="spinner" />}
      {trace !== undefined && (
        <a class="small play-trace" href={`/console/requests/${encodeURIComponent(trace)}`}>
          <Icon node={Activity} /> {t.trace}
        </a>
      )}
    </div>
  );
}

function Result({ exchange }: { exchange: Exchange }) {
  const t = words();
  void exchange.version.value;
  const { frames, raw, state } = exchange;
  if (frames.length === 0) {
    if (state === 'waiting' || (state === 'reading' && raw === '')) return null;
    return <CodeBox label={t.body} code={raw === '' ? t.empty : prettyText(raw)} />;
  }
  const joined = assembled(frames);
  const reasoning = textIn(joined, 'reasoning');
  const content = textIn(joined, 'content') || textIn(joined, 'text');
  return (
    <div class="stack">
      {reasoning !== '' && <CodeBox label={t.reasoning} code={reasoning} wraps />}
      {content !== '' && <CodeBox label={t.content} code={content} wraps />}
      <CodeBox label={t.assembled} code={JSON.stringify(joined, null, 2)} />
    </div>
  );
}

/** By what the events are: named ones of Anthropic, those of Responses, or plain chunks. */
function assembled(frames: readonly TimedFrame[]): JsonMap {
  const events = frames.flatMap(({ kind, event, data }): JsonMap[] => {
    const parsed = kind === 'event' ? parseJsonText(data) : { problem: undefined };
    return 'value' in parsed ? [{ event: event ?? null, data: parsed.value as Json }] : [];
  });
  const last = events.findLast(({ event }) =>
    ['response.completed', 'response.incomplete', 'response.failed'].includes(String(event)),
  );
  if (last) return (last['data'] as { response?: JsonMap }).response ?? {};
  if (events.some(({ event }) => event === 'message_start')) return joinMessageEvents(events);
  return joinChunks(events.map(({ data }) => data ?? null));
}

function textIn(joined: JsonMap, name: string): string {
  const value = joined[name];
  return typeof value === 'string' ? value : '';
}

function headerOf({ headers }: Exchange, wanted: string): string | undefined {
  return headers.find(([name]) => name === wanted)?.[1];
}
