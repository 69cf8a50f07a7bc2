// Checks the ledger on demand: against itself (the audit), and every account against its usage at
// today's prices.

import { BadgeCheck, Calculator, CircleAlert } from 'lucide';
import { useState } from 'preact/hooks';
import type {
  AccountJson,
  AuditJson,
  RecomputedAccountJson,
} from '../../../../src/server/admin/admin-json.js';
import { messageOf } from '../../api/http.js';
import { formatNumber } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';
import { Button } from '../../ui/button.js';
import { Notice } from '../../ui/feedback.js';
import { Icon } from '../../ui/icon.js';
import { adminClient } from '../admin-client.js';
import { exactMoney } from '../parts/exact-money.js';

const words = texts({
  en: {
    title: 'Recomputation',
    text: 'Adds the whole ledger up again: every transaction to zero, every balance from its entries, one charge per request, and each charge from the usage at today’s prices.',
    run: 'Recompute',
    sound: 'Sound',
    wrong: (count: string) => `${count} problems`,
    counts: (transactions: string, entries: string, requests: string) =>
      `${transactions} transactions, ${entries} entries, ${requests} requests`,
    account: 'Account',
    requests: 'Requests',
    charged: 'Charged',
    recomputed: 'From usage',
    chargeDifference: 'Difference',
    balance: 'Balance',
    entries: 'From entries',
    balanceDifference: 'Difference',
    differing: (count: string) => `${count} requests were charged otherwise`,
    prices: 'Differences of charges are no fault where prices have changed since.',
  },
  zh: {
    title: '重新核算',
    text: '重新累加整个账本：每笔交易须平衡为零，余额须等于分录之和，每个请求恰有一笔扣费，且每笔扣费须与按当前价格计算的用量一致。',
    run: '开始核算',
    sound: '账目无误',
    wrong: (count: string) => `${count} 个问题`,
    counts: (transactions: string, entries: string, requests: string) =>
      `${transactions} 笔交易，${entries} 条分录，${requests} 个请求`,
    account: '账户',
    requests: '请求数',
    charged: '已扣费',
    recomputed: '按用量计算',
    chargeDifference: '差额',
    balance: '余额',
    entries: '分录之和',
    balanceDifference: '差额',
    differing: (count: string) => `${count} 个请求的扣费不一致`,
    prices: '若价格有过变动，扣费出现差额属正常。',
  },
});

interface Result {
  audit: AuditJson;
  accounts: RecomputedAccountJson[];
}

export function Recompute({ accounts }: { accounts: readonly AccountJson[] }) {
  const [result, setResult] = useState<Result>();
  const [failure, setFailure] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const t = words();
  const run = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      // One after the other: both hold the ledger's lock.
      const audit = await adminClient.audit();
      setResult({ audit, accounts: await adminClient.recomputed() });
    } catch (error) {
      setFailure(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <div class="console-bar">
        <h2 class="section-title">{t.title}</h2>
        <div class="console-bar-end">
          <Button icon={Calculator} busy={isBusy} onClick={() => void run()}>
            {t.run}
          </Button>
        </div>
      </div>
      <p class="soft small">{t.text}</p>
      {failure !== undefined && <Notice kind="bad">{failure}</Notice>}
      {result && <Outcome result={result} accounts={accounts} />}
    </>
  );
}

function Outcome({ result, accounts }: { result: Result; accounts: readonly AccountJson[] }) {
  const t = words();
  const { audit } = result;
  const names = new Map(accounts.map(({ id, name }) => [id, name]));
  const differs = result.accounts.some(({ differing_requests }) => differing_requests > 0);
  const isSound = audit.is_sound && !differs;
  return (
    <div class="card ledger-outcome" role="status">
      <div class="row wrap">
        <span class={`badge ${isSound ? 'good' : 'bad'}`}>
          <Icon node={isSound ? BadgeCheck : CircleAlert} />
          {audit.is_sound
            ? differs
              ? t.chargeDifference
              : t.sound
            : t.wrong(formatNumber(audit.problems.length))}
        </span>
        <span class="soft small">
          {t.counts(
            formatNumber(audit.transactions),
            formatNumber(audit.entries),
            formatNumber(audit.usage_records),
          )}
        </span>
      </div>
      {audit.problems.length > 0 && (
        <ul class="ledger-problems mono">
          {audit.problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
      {differs && <p class="soft small">{t.prices}</p>}
      <div class="table-scroll" tabIndex={0} role="region" aria-label={t.title}>
        <table class="table ledger-table">
          <thead>
            <tr>
              <th scope="col">{t.account}</th>
              {[t.requests, t.charged, t.recomputed, t.chargeDifference].map((label) => (
                <th key={label} scope="col" class="number">
                  {label}
                </th>
              ))}
              {[t.balance, t.entries, t.balanceDifference].map((label) => (
                <th key={`balance ${label}`} scope="col" class="number">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {result.accounts.map((row) => (
              <tr key={`${row.account} ${row.currency}`}>
                <th scope="row">
                  {names.get(row.account) ?? row.account}{' '}
                  {row.differing_requests > 0 && (
                    <span class="badge warn">
                      {t.differing(formatNumber(row.differing_requests))}
                    </span>
                  )}
                </th>
                <td class="number">{formatNumber(row.requests)}</td>
                <td class="number">{exactMoney(row.charged, row.currency)}</td>
                <td class="number">{exactMoney(row.recomputed, row.currency)}</td>
                <Difference amount={row.charge_difference} currency={row.currency} />
                <td class="number">{exactMoney(row.balance, row.currency)}</td>
                <td class="number">{exactMoney(row.entries, row.currency)}</td>
                <Difference amount={row.balance_difference} currency={row.currency} />
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function Difference({ amount, currency }: { amount: string; currency: string }) {
  const isZero = Number(amount) === 0;
  return (
    <td class="number">
      <span class={`badge ${isZero ? 'good' : 'bad'}`}>
        {isZero ? '0' : exactMoney(amount, currency)}
      </span>
    </td>
  );
}
