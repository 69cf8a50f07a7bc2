// The ledger of one account: what came and went, why, and what was left; page by page, and as CSV.

import { Download, ScrollText } from 'lucide';
import { useEffect, useState } from 'preact/hooks';
import type {
  AccountJson,
  AccountLedgerLineJson,
} from '../../../../src/server/admin/admin-json.js';
import { messageOf } from '../../api/http.js';
import { formatNumber, formatTime } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';
import { toCsv } from '../../lib/csv.js';
import { Button } from '../../ui/button.js';
import { Empty, Failure, Loading } from '../../ui/feedback.js';
import { toast } from '../../ui/toasts.js';
import { adminClient } from '../admin-client.js';
import { downloadCsv } from '../parts/download.js';
import { exactMoney } from '../parts/exact-money.js';

const words = texts({
  en: {
    title: 'Ledger',
    filter: 'Kind',
    all: 'All kinds',
    kinds: { grant: 'Grant', 'top-up': 'Top-up', charge: 'Charge', expire: 'Expired grant' },
    time: 'Time',
    kind: 'Kind',
    what: 'What',
    amount: 'Amount',
    balance: 'Left after it',
    tokens: (hit: string, miss: string, output: string) =>
      `${hit} hit + ${miss} miss in, ${output} out`,
    more: 'Show more',
    csv: 'CSV',
    none: 'Nothing in the ledger yet',
    tooMany: (count: string) => `The file holds the newest ${count} lines; there are more.`,
  },
  zh: {
    title: '账本',
    filter: '类型',
    all: '全部类型',
    kinds: { grant: '赠送', 'top-up': '充值', charge: '扣费', expire: '赠送过期' },
    time: '时间',
    kind: '类型',
    what: '说明',
    amount: '金额',
    balance: '剩余',
    tokens: (hit: string, miss: string, output: string) =>
      `输入 ${hit} 命中 + ${miss} 未命中，输出 ${output}`,
    more: '显示更多',
    csv: 'CSV',
    none: '账本中暂无记录',
    tooMany: (count: string) => `文件包含最新的 ${count} 行，更早的未导出。`,
  },
});

type Line = AccountLedgerLineJson;
type Kind = Line['kind'];

const PAGE = 50;
const CSV_PAGE = 1000;
const MAX_CSV_LINES = 100_000;
const BADGES = { grant: 'violet', 'top-up': 'good', charge: '', expire: 'warn' } as const;

interface State {
  lines: Line[] | undefined;
  cursor: string | null;
  problem: string | undefined;
  isLoading: boolean;
}

const FRESH: State = { lines: undefined, cursor: null, problem: undefined, isLoading: true };

/** `version` changes when money came: the lines are read again. */
export function LedgerLines({ account, version }: { account: AccountJson; version: number }) {
  const [kind, setKind] = useState<Kind | ''>('');
  const [state, setState] = useState<State>(FRESH);
  const t = words();
  const query = (limit: number, cursor: string | null) => ({
    limit: String(limit),
    ...(kind !== '' && { kind }),
    ...(cursor !== null && { cursor }),
  });
  useEffect(() => {
    const controller = new AbortController();
    setState(FRESH);
    adminClient.ledgerPage(account.id, query(PAGE, null), controller.signal).then(
      ({ data, cursor }) => setState({ lines: data, cursor, problem: undefined, isLoading: false }),
      (error: unknown) => {
        if (controller.signal.aborted) return;
        setState({ ...FRESH, problem: messageOf(error), isLoading: false });
      },
    );
    return () => controller.abort();
  }, [account.id, kind, version]);
  const showMore = async () => {
    setState({ ...state, isLoading: true });
    try {
      const { data, cursor } = await adminClient.ledgerPage(account.id, query(PAGE, state.cursor));
      setState({ ...state, lines: [...(state.lines ?? []), ...data], cursor, isLoading: false });
    } catch (error) {
      toast(messageOf(error));
      setState({ ...state, isLoading: false });
    }
  };
  const save = async () => {
    try {
      const lines: Line[] = [];
      let cursor: string | null = null;
      do {
        const page = await adminClient.ledgerPage(account.id, query(CSV_PAGE, cursor));
        lines.push(...page.data);
        cursor = page.cursor;
      } while (cursor !== null && lines.length < MAX_CSV_LINES);
      if (cursor !== null) toast(t.tooMany(formatNumber(lines.length)));
      downloadCsv(`hadal-ledger-${account.name.replace(/[^\w-]+/g, '_')}.csv`, csvOf(lines));
    } catch (error) {
      toast(messageOf(error));
    }
  };
  const { lines } = state;
  return (
    <>
      <div class="console-bar">
        <h2 class="section-title">{t.title}</h2>
        <div class="console-bar-end">
          <select
            class="input ledger-kind"
            aria-label={t.filter}
            value={kind}
            onChange={(event) => setKind(event.currentTarget.value as Kind | '')}
          >
            <option value="">{t.all}</option>
            {(['charge', 'top-up', 'grant', 'expire'] as const).map((value) => (
              <option key={value} value={value}>
                {t.kinds[value]}
              </option>
            ))}
          </select>
          <Button icon={Download} disabled={!lines?.length} onClick={() => void save()}>
            {t.csv}
          </Button>
        </div>
      </div>
      {!lines ? (
        state.problem === undefined ? (
          <Loading />
        ) : (
          <Failure message={state.problem} />
        )
      ) : lines.length === 0 ? (
        <Empty icon={ScrollText} title={t.none} />
      ) : (
        <div class="card table-scroll" tabIndex={0} role="region" aria-label={t.title}>
          <table class="table ledger-table">
            <thead>
              <tr>
                <th scope="col">{t.time}</th>
                <th scope="col">{t.kind}</th>
                <th scope="col">{t.what}</th>
                <th scope="col" class="number">
                  {t.amount}
                </th>
                <th scope="col" class="number">
                  {t.balance}
                </th>
              </tr>
            </thead>
            <tbody>
              {lines.map((line) => (
                <LineRow key={`${line.transaction} ${line.currency}`} line={line} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {lines && state.cursor !== null && (
        <div>
          <Button busy={state.isLoading} onClick={() => void showMore()}>
            {t.more}
          </Button>
        </div>
      )}
    </>
  );
}

function LineRow({ line }: { line: Line }) {
  const t = words();
  const { request, amount } = line;
  return (
    <tr>
      <td class="ledger-time">{formatTime(line.created_at)}</td>
      <td>
        <span class={`badge ${BADGES[line.kind]}`}>{t.kinds[line.kind]}</span>
      </td>
      <td class="ledger-what">
        {line.note}
        {request && (
          <>
            <a href={`/console/requests/${encodeURIComponent(request.id)}`}>{request.model}</a>{' '}
            <span class="soft">
              {t.tokens(
                formatNumber(request.prompt_cache_hit_tokens),
                formatNumber(request.prompt_tokens - request.prompt_cache_hit_tokens),
                formatNumber(request.completion_tokens),
              )}
            </span>
          </>
        )}
      </td>
      <td class={`number ${amount.startsWith('-') ? '' : 'ledger-in'}`}>
        {amount.startsWith('-') ? '' : '+'}
        {exactMoney(amount, line.currency)}
      </td>
      <td class="number">
        {line.balance === null ? '–' : exactMoney(line.balance, line.currency)}
      </td>
    </tr>
  );
}

function csvOf(lines: readonly Line[]): string {
  const header = [
    'transaction',
    'time',
    'kind',
    'currency',
    'amount',
    'balance',
    'note',
    'request',
    'model',
    'prompt_tokens',
    'prompt_cache_hit_tokens',
    'completion_tokens',
  ];
  const rows = lines.map((line) => [
    line.transaction,
    line.created_at,
    line.kind,
    line.currency,
    line.amount,
    line.balance,
    line.note,
    line.request?.id ?? null,
    line.request?.model ?? null,
    line.request?.prompt_tokens ?? null,
    line.request?.prompt_cache_hit_tokens ?? null,
    line.request?.completion_tokens ?? null,
  ]);
  return toCsv(header, rows);
}
