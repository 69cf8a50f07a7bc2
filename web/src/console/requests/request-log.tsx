// The log: the newest requests, page after page, renewed every few seconds while the first is shown.

import { Pause, Play, RefreshCw, ScrollText } from 'lucide';
import { useEffect, useState } from 'preact/hooks';
import type { RequestPage, RequestRow } from '../../../../src/web/requests-wire.js';
import { call, messageOf } from '../../api/http.js';
import { session } from '../../api/session.js';
import { texts } from '../../i18n/language.js';
import { Button, IconButton } from '../../ui/button.js';
import { Empty, Failure, Loading } from '../../ui/feedback.js';
import { type Filter, NO_FILTER, RequestFilters } from './request-filters.js';
import { RequestTableRow } from './request-row.js';

const words = texts({
  en: {
    intro: 'The newest requests of this server. Kept in memory only, and gone with the process.',
    time: 'Time',
    status: 'Status',
    model: 'Model',
    door: 'Door',
    key: 'Key',
    prompt: 'In',
    hit: 'Cached',
    output: 'Out',
    first: 'First token',
    total: 'Total',
    speed: 'Tokens/s',
    older: 'Show older ones',
    refresh: 'Renew now',
    pause: 'Stop renewing',
    resume: 'Renew every three seconds',
    none: 'No requests yet',
    noneText: 'As soon as somebody asks the model something, it shows here.',
    noneFound: 'No request matches',
    noneFoundText: 'Take a filter away to see more.',
    table: 'Requests, newest first',
  },
  zh: {
    intro: '本服务器最近的请求，只保留在内存中，进程结束即消失。',
    time: '时间',
    status: '状态',
    model: '模型',
    door: '接口',
    key: '密钥',
    prompt: '输入',
    hit: '缓存命中',
    output: '输出',
    first: '首个词元',
    total: '总用时',
    speed: '词元/秒',
    older: '显示更早的请求',
    refresh: '立即刷新',
    pause: '停止自动刷新',
    resume: '每三秒刷新',
    none: '还没有请求',
    noneText: '一旦有人向模型提问，就会显示在这里。',
    noneFound: '没有符合条件的请求',
    noneFoundText: '减少筛选条件可看到更多。',
    table: '请求列表，最新的在前',
  },
});

const RENEW_MS = 3000;
const PAGE_SIZE = 50;

export function RequestLog() {
  const t = words();
  const [filter, setFilter] = useState(NO_FILTER);
  const log = useLog(filter);
  const isOperator = session.value?.is_operator === true;
  const { rows, problem } = log;
  return (
    <section class="console-section">
      <p class="soft small">{t.intro}</p>
      <div class="row wrap spread request-bar">
        <RequestFilters filter={filter} onFilter={setFilter} />
        <div class="row">
          <IconButton
            icon={log.renews ? Pause : Play}
            label={log.renews ? t.pause : t.resume}
            aria-pressed={log.renews}
            onClick={() => log.setRenews(!log.renews)}
          />
          <IconButton icon={RefreshCw} label={t.refresh} onClick={log.renew} />
        </div>
      </div>
      {problem !== undefined && <Failure message={problem} onRetry={log.renew} />}
      {problem === undefined && rows === undefined && <Loading />}
      {problem === undefined && rows?.length === 0 && <Nothing isFiltered={filter !== NO_FILTER} />}
      {rows !== undefined && rows.length > 0 && (
        <div class="card table-scroll" tabIndex={0} role="region" aria-label={t.table}>
          <table class="table request-table">
            <thead>
              <tr>
                <th scope="col">{t.time}</th>
                <th scope="col">{t.status}</th>
                <th scope="col">{t.model}</th>
                <th scope="col">{t.door}</th>
                {isOperator && <th scope="col">{t.key}</th>}
                <NumberHeads names={[t.prompt, t.hit, t.output, t.first, t.total, t.speed]} />
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <RequestTableRow key={row.trace_id} row={row} showsKey={isOperator} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {log.hasOlder && (
        <div>
          <Button onClick={log.loadOlder}>{t.older}</Button>
        </div>
      )}
    </section>
  );
}

function NumberHeads({ names }: { names: readonly string[] }) {
  return (
    <>
      {names.map((name) => (
        <th key={name} scope="col" class="number">
          {name}
        </th>
      ))}
    </>
  );
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  const t = words();
  return (
    <Empty icon={ScrollText} title={isFiltered ? t.noneFound : t.none}>
      <span>{isFiltered ? t.noneFoundText : t.noneText}</span>
    </Empty>
  );
}

function useLog(filter: Filter) {
  const [rows, setRows] = useState<readonly RequestRow[]>();
  const [cursor, setCursor] = useState<string | null>(null);
  const [problem, setProblem] = useState<string>();
  const [renews, setRenews] = useState(true);
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    const leave = new AbortController();
    const { signal } = leave;
    call<RequestPage>(pathOf(filter, null), { signal }).then(
      (page) => {
        setRows(page.data);
        setCursor(page.cursor);
        setProblem(undefined);
      },
      (error: unknown) => {
        if (!signal.aborted) setProblem(messageOf(error));
      },
    );
    const timer = renews ? setTimeout(() => setTurn((now) => now + 1), RENEW_MS) : undefined;
    return () => {
      leave.abort();
      clearTimeout(timer);
    };
  }, [filter, renews, turn]);

  const loadOlder = () => {
    setRenews(false); // or the next renewal would take them away again
    call<RequestPage>(pathOf(filter, cursor)).then(
      (page) => {
        setRows((before = []) => [...before, ...page.data]);
        setCursor(page.cursor);
      },
      (error: unknown) => setProblem(messageOf(error)),
    );
  };
  const renew = () => setTurn((now) => now + 1);
  return { rows, problem, renews, setRenews, renew, loadOlder, hasOlder: cursor !== null };
}

function pathOf(filter: Filter, cursor: string | null): string {
  const query = new URLSearchParams({ limit: String(PAGE_SIZE) });
  for (const [name, value] of Object.entries(filter)) if (value !== '') query.set(name, value);
  if (cursor !== null) query.set('cursor', cursor);
  return `/web/v1/requests?${query}`;
}
