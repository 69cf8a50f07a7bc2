// Money: what an account has, what came and went, and whether it all adds up.

import { Gift, Plus } from 'lucide';
import { useLocation } from 'preact-iso';
import { useState } from 'preact/hooks';
import type { AccountJson, BalanceJson } from '../../../../src/server/admin/admin-json.js';
import { formatMoney } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';
import { Button } from '../../ui/button.js';
import { Failure, Loading, Notice } from '../../ui/feedback.js';
import { adminClient } from '../admin-client.js';
import { Figure } from '../parts/figure.js';
import { useLoad } from '../use-load.js';
import { LedgerLines } from './ledger-lines.js';
import { MoneyDialog } from './money-dialog.js';
import { Prices } from './prices.js';
import { Recompute } from './recompute.js';
import './ledger.css';

const words = texts({
  en: {
    account: 'Account',
    topUp: 'Top up',
    grant: 'Grant',
    total: (currency: string) => `Balance in ${currency}`,
    parts: (granted: string, toppedUp: string) => `${granted} granted, ${toppedUp} topped up`,
    unlimited:
      'This account never runs out: what it uses is charged to credit of its own, below zero.',
    empty: 'Used up: requests of this account are refused with 402.',
    none: 'There is no account yet. Create one on the page of keys.',
  },
  zh: {
    account: '账户',
    topUp: '充值',
    grant: '赠送',
    total: (currency: string) => `余额（${currency}）`,
    parts: (granted: string, toppedUp: string) => `赠送 ${granted}，充值 ${toppedUp}`,
    unlimited: '此账户不限额：其用量记入自己的信用账户，余额显示为负数。',
    empty: '余额已用尽：此账户的请求将返回 402。',
    none: '还没有账户，请先在密钥页面创建。',
  },
});

export function LedgerPage() {
  const t = words();
  const { query, route } = useLocation();
  const [version, setVersion] = useState(0);
  const [dialog, setDialog] = useState<'top-up' | 'grant'>();
  const { value, problem, reload } = useLoad(
    async (signal) => {
      const [accounts, balances] = await Promise.all([
        adminClient.accounts(signal),
        adminClient.balances(signal),
      ]);
      return { accounts, balances };
    },
    [version],
  );
  if (!value) return problem ? <Failure message={problem} onRetry={reload} /> : <Loading />;
  const { accounts, balances } = value;
  const wanted = query['account'];
  const account = accounts.find(({ id, name }) => [id, name].includes(wanted ?? '')) ?? accounts[0];
  if (!account) return <Notice>{t.none}</Notice>;
  return (
    <>
      <section class="console-section">
        {problem !== undefined && <Notice kind="bad">{problem}</Notice>}
        <div class="console-bar">
          <select
            class="input ledger-account"
            aria-label={t.account}
            value={account.id}
            onChange={(event) =>
              route(`/console/ledger?account=${encodeURIComponent(event.currentTarget.value)}`)
            }
          >
            {accounts.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
          <div class="console-bar-end">
            <Button icon={Gift} onClick={() => setDialog('grant')}>
              {t.grant}
            </Button>
            <Button kind="primary" icon={Plus} onClick={() => setDialog('top-up')}>
              {t.topUp}
            </Button>
          </div>
        </div>
        <Balance account={account} balance={balances.find((each) => each.account === account.id)} />
      </section>
      <section class="console-section">
        <LedgerLines account={account} version={version} />
      </section>
      <section class="console-section">
        <Recompute accounts={accounts} />
      </section>
      <section class="console-section">
        <Prices />
      </section>
      {dialog && (
        <MoneyDialog
          account={account}
          kind={dialog}
          onDone={() => setVersion((count) => count + 1)}
          onClose={() => setDialog(undefined)}
        />
      )}
    </>
  );
}

function Balance({ account, balance }: { account: AccountJson; balance: BalanceJson | undefined }) {
  const t = words();
  if (account.unlimited) return <Notice>{t.unlimited}</Notice>;
  return (
    <>
      {balance?.is_available === false && <Notice kind="warn">{t.empty}</Notice>}
      <dl class="figures">
        {balance?.balance_infos.map(({ currency, ...info }) => (
          <Figure
            key={currency}
            label={t.total(currency)}
            value={formatMoney(info.total_balance, currency)}
            more={t.parts(
              formatMoney(info.granted_balance, currency),
              formatMoney(info.topped_up_balance, currency),
            )}
          />
        ))}
      </dl>
    </>
  );
}
