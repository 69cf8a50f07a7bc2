// Usage: of everybody for an operator, of the own key or account for others; by day, model and key, in
// tokens and money, and as CSV.

import { ChartColumn, Download } from 'lucide';
import { useState } from 'preact/hooks';
import { session } from '../../api/session.js';
import { formatCompact, formatNumber, formatPercent } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';
import { toCsv } from '../../lib/csv.js';
import { hitShare, sumCells } from '../../lib/usage-view.js';
import { Button } from '../../ui/button.js';
import { Empty, Failure, Loading, Notice } from '../../ui/feedback.js';
import { Segmented } from '../../ui/fields.js';
import { adminClient } from '../admin-client.js';
import { downloadCsv } from '../parts/download.js';
import { Figure } from '../parts/figure.js';
import { useLoad } from '../use-load.js';
import { UsageCharts } from './usage-charts.js';
import { lastDays, UsageRangeField } from './usage-range.js';
import { keyName, loadUsage, type UsageChoice, type UsageData } from './usage-source.js';
import { moneyText, UsageTable } from './usage-table.js';
import './usage.css';

const words = texts({
  en: {
    account: 'Account',
    key: 'Key',
    allAccounts: 'All accounts',
    allKeys: 'All keys',
    scope: 'Whose usage',
    ownKey: 'This key',
    ownAccount: 'Whole account',
    csv: 'CSV',
    requests: 'Requests',
    input: 'Input tokens',
    hits: (share: string) => `${share} from the cache`,
    output: 'Output tokens',
    reasoning: (share: string) => `${share} of it reasoning`,
    cost: 'Cost',
    perRequest: (count: string) => `${count} tokens per request`,
    none: 'No requests in these days',
    noneText:
      'What is sent with an API key, the chat or the playground shows here when it is over.',
  },
  zh: {
    account: '账户',
    key: '密钥',
    allAccounts: '全部账户',
    allKeys: '全部密钥',
    scope: '用量范围',
    ownKey: '此密钥',
    ownAccount: '整个账户',
    csv: 'CSV',
    requests: '请求数',
    input: '输入词元',
    hits: (share: string) => `${share} 来自缓存`,
    output: '输出词元',
    reasoning: (share: string) => `其中 ${share} 为思考`,
    cost: '费用',
    perRequest: (count: string) => `平均每次请求 ${count} 词元`,
    none: '这些日期内没有请求',
    noneText: '通过 API 密钥、对话或试验场发出的请求结束后会显示在这里。',
  },
});

export function UsagePage() {
  const isOperator = session.value?.is_operator === true;
  const t = words();
  const [range, setRange] = useState(() => lastDays(30, Date.now()));
  const [choice, setChoice] = useState<UsageChoice>(
    isOperator ? { kind: 'all', account: '', key: '' } : { kind: 'own', scope: 'key' },
  );
  const { value, problem, isLoading, reload } = useLoad(
    (signal) => loadUsage(range, choice, signal),
    [range, choice],
  );
  return (
    <section class="console-section">
      <div class="console-bar">
        <UsageRangeField value={range} onValue={setRange} />
        {choice.kind === 'own' ? (
          <Segmented
            label={t.scope}
            value={choice.scope}
            options={[
              { value: 'key', label: t.ownKey },
              { value: 'account', label: t.ownAccount },
            ]}
            onValue={(scope) => setChoice({ kind: 'own', scope })}
          />
        ) : (
          <OperatorChoice choice={choice} onChoice={setChoice} />
        )}
        <div class="console-bar-end">
          {isLoading && value && <span class="spinner" />}
          <Button
            icon={Download}
            disabled={!value || value.cells.length === 0}
            onClick={() => value && saveCsv(value, `${range.from}-${range.to}`)}
          >
            {t.csv}
          </Button>
        </div>
      </div>
      {problem !== undefined && value && <Notice kind="bad">{problem}</Notice>}
      {!value ? (
        problem ? (
          <Failure message={problem} onRetry={reload} />
        ) : (
          <Loading />
        )
      ) : value.cells.length === 0 ? (
        <Empty icon={ChartColumn} title={t.none}>
          <p>{t.noneText}</p>
        </Empty>
      ) : (
        <>
          <UsageFigures {...value} />
          <UsageCharts {...value} range={range} />
          <UsageTable {...value} />
        </>
      )}
    </section>
  );
}

function UsageFigures({ cells }: UsageData) {
  const t = words();
  const sums = sumCells(cells);
  const share = hitShare(sums);
  const input = sums.hit + sums.miss;
  return (
    <dl class="figures">
      <Figure
        label={t.requests}
        value={formatNumber(sums.requests)}
        more={t.perRequest(formatNumber((input + sums.output) / Math.max(1, sums.requests)))}
      />
      <Figure
        label={t.input}
        value={<span title={formatNumber(input)}>{formatCompact(input)}</span>}
        more={share === undefined ? undefined : t.hits(formatPercent(share, 1))}
      />
      <Figure
        label={t.output}
        value={<span title={formatNumber(sums.output)}>{formatCompact(sums.output)}</span>}
        more={t.reasoning(formatPercent(sums.reasoning / Math.max(1, sums.output)))}
      />
      <Figure label={t.cost} value={moneyText(sums.cost)} />
    </dl>
  );
}

type AllChoice = Extract<UsageChoice, { kind: 'all' }>;

function OperatorChoice({
  choice,
  onChoice,
}: {
  choice: AllChoice;
  onChoice: (choice: AllChoice) => void;
}) {
  const t = words();
  const { value } = useLoad(async (signal) => {
    const [accounts, keys] = await Promise.all([
      adminClient.accounts(signal),
      adminClient.keys(signal),
    ]);
    return { accounts, keys };
  });
  const { accounts = [], keys = [] } = value ?? {};
  const ofAccount = keys.filter(
    ({ account }) => choice.account === '' || choice.account === account,
  );
  return (
    <>
      <select
        class="input usage-select"
        aria-label={t.account}
        value={choice.account}
        onChange={(event) => onChoice({ kind: 'all', account: event.currentTarget.value, key: '' })}
      >
        <option value="">{t.allAccounts}</option>
        {accounts.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
      <select
        class="input usage-select"
        aria-label={t.key}
        value={choice.key}
        onChange={(event) => onChoice({ ...choice, key: event.currentTarget.value })}
      >
        <option value="">{t.allKeys}</option>
        {ofAccount.map((key) => (
          <option key={key.id} value={key.id}>
            {keyName(key)}
          </option>
        ))}
      </select>
    </>
  );
}

/** The cells themselves: whoever wants other sums makes them. */
function saveCsv({ cells, keyNames }: UsageData, name: string): void {
  const currencies = [...new Set(cells.flatMap(({ cost }) => Object.keys(cost)))].toSorted();
  const header = [
    'day_utc',
    'model',
    'key',
    'key_name',
    'requests',
    'prompt_cache_hit_tokens',
    'prompt_cache_miss_tokens',
    'completion_tokens',
    'reasoning_tokens',
    ...currencies.map((currency) => `cost_${currency.toLowerCase()}`),
  ];
  const rows = cells.map((cell) => [
    cell.day,
    cell.model,
    cell.key,
    keyNames.get(cell.key) ?? null,
    cell.requests,
    cell.prompt_cache_hit_tokens,
    cell.prompt_tokens - cell.prompt_cache_hit_tokens,
    cell.completion_tokens,
    cell.reasoning_tokens,
    ...currencies.map((currency) => cell.cost[currency] ?? null),
  ]);
  downloadCsv(`hadal-usage-${name}.csv`, toCsv(header, rows));
}
