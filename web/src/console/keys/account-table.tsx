// The accounts: unlimited or prepaid, what they have left, how many keys they hold.

import type { AccountJson, BalanceJson, KeyJson } from '../../../../src/server/admin/admin-json.js';
import { formatMoney, formatNumber, formatTime } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';
import { stateOf } from './key-table.js';

const words = texts({
  en: {
    accounts: 'Accounts',
    name: 'Name',
    kind: 'Pays',
    balance: 'Balance',
    keys: 'Active keys',
    created: 'Created',
    unlimited: 'unlimited',
    prepaid: 'prepaid',
    empty: 'used up',
    ledger: 'Ledger',
  },
  zh: {
    accounts: '账户',
    name: '名称',
    kind: '计费方式',
    balance: '余额',
    keys: '有效密钥',
    created: '创建时间',
    unlimited: '不限额',
    prepaid: '预付费',
    empty: '已用尽',
    ledger: '账本',
  },
});

export interface AccountTableProps {
  accounts: readonly AccountJson[];
  balances: readonly BalanceJson[];
  keys: readonly KeyJson[];
}

export function AccountTable({ accounts, balances, keys }: AccountTableProps) {
  const t = words();
  const now = Date.now();
  const byAccount = new Map(balances.map((balance) => [balance.account, balance]));
  return (
    <div class="card table-scroll" tabIndex={0} role="region" aria-label={t.accounts}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">{t.name}</th>
            <th scope="col">{t.kind}</th>
            <th scope="col" class="number">
              {t.balance}
            </th>
            <th scope="col" class="number">
              {t.keys}
            </th>
            <th scope="col">{t.created}</th>
            <th scope="col">
              <span class="visually-hidden">{t.ledger}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {accounts.map((account) => {
            const balance = byAccount.get(account.id);
            const own = keys.filter((key) => key.account === account.id);
            const active = own.filter((key) => stateOf(key, now) === 'active').length;
            return (
              <tr key={account.id}>
                <td title={account.id}>
                  <b>{account.name}</b>
                </td>
                <td>
                  <span class={`badge ${account.unlimited ? 'violet' : 'accent'}`}>
                    {account.unlimited ? t.unlimited : t.prepaid}
                  </span>{' '}
                  {balance?.is_available === false && <span class="badge bad">{t.empty}</span>}
                </td>
                <td class="number">
                  {account.unlimited
                    ? '–'
                    : balance?.balance_infos
                        .map((info) => formatMoney(info.total_balance, info.currency))
                        .join(' + ')}
                </td>
                <td class="number">{formatNumber(active)}</td>
                <td>{formatTime(account.created_at)}</td>
                <td class="number">
                  <a href={`/console/ledger?account=${encodeURIComponent(account.id)}`}>
                    {t.ledger}
                  </a>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
