// The visitor's own key: its limits, its account's money, and what today has cost.

import type { OwnAccount, OwnUsage } from '../../../../src/web/account/account-wire.js';
import { call } from '../../api/http.js';
import {
  formatCompact,
  formatMoney,
  formatNumber,
  formatPercent,
  formatTime,
} from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';
import { dayOf, hitShare, sumCells } from '../../lib/usage-view.js';
import { Failure, Loading, Notice } from '../../ui/feedback.js';
import { Figure } from '../parts/figure.js';
import { useLoad } from '../use-load.js';
import { moneyText } from '../usage/usage-table.js';

const words = texts({
  en: {
    title: 'Your key',
    key: 'API key',
    balance: 'Balance',
    unlimited: 'Unlimited',
    unlimitedMore: (account: string) => `account ${account}`,
    parts: (granted: string, toppedUp: string) => `${granted} granted, ${toppedUp} topped up`,
    tokens: 'Tokens today (UTC)',
    tokensMore: (requests: string, share: string) => `${requests} requests, ${share} cache hits`,
    cost: 'Cost today (UTC)',
    costMore: 'see usage',
    expires: (time: string) => `expires ${time}`,
    profile: (name: string) => `profile ${name}`,
    empty: 'The balance is used up: requests are refused with 402.',
  },
  zh: {
    title: '您的密钥',
    key: 'API 密钥',
    balance: '余额',
    unlimited: '不限额',
    unlimitedMore: (account: string) => `账户 ${account}`,
    parts: (granted: string, toppedUp: string) => `赠送 ${granted}，充值 ${toppedUp}`,
    tokens: '今日词元 (UTC)',
    tokensMore: (requests: string, share: string) => `${requests} 次请求，缓存命中 ${share}`,
    cost: '今日费用 (UTC)',
    costMore: '查看用量',
    expires: (time: string) => `${time} 过期`,
    profile: (name: string) => `契约档案 ${name}`,
    empty: '余额已用尽：请求将返回 402。',
  },
});

export function OwnAccountPart() {
  const t = words();
  const { value, problem, reload } = useLoad(async (signal) => {
    const today = dayOf(Date.now());
    const query = new URLSearchParams({ from: today, to: today });
    const [own, usage] = await Promise.all([
      call<OwnAccount>('/web/v1/account', { signal }),
      call<OwnUsage>(`/web/v1/account/usage?${query.toString()}`, { signal }),
    ]);
    return { own, sums: sumCells(usage.data) };
  });
  return (
    <section class="console-section">
      <h2>{t.title}</h2>
      {!value ? (
        problem ? (
          <Failure message={problem} onRetry={reload} />
        ) : (
          <Loading />
        )
      ) : (
        <>
          {!value.own.is_available && <Notice kind="warn">{t.empty}</Notice>}
          <dl class="figures">
            <Figure
              label={t.key}
              value={<span class="overview-key">{value.own.key.name || value.own.key.tail}</span>}
              more={keyMore(value.own)}
            />
            {value.own.account.unlimited ? (
              <Figure
                label={t.balance}
                value={t.unlimited}
                more={t.unlimitedMore(value.own.account.name)}
              />
            ) : (
              value.own.balance_infos.map(({ currency, ...info }) => (
                <Figure
                  key={currency}
                  label={`${t.balance} ${currency}`}
                  value={formatMoney(info.total_balance, currency)}
                  more={t.parts(
                    formatMoney(info.granted_balance, currency),
                    formatMoney(info.topped_up_balance, currency),
                  )}
                />
              ))
            )}
            <Figure
              label={t.tokens}
              value={formatCompact(value.sums.hit + value.sums.miss + value.sums.output)}
              more={t.tokensMore(
                formatNumber(value.sums.requests),
                formatPercent(hitShare(value.sums) ?? 0),
              )}
            />
            <Figure
              label={t.cost}
              value={moneyText(value.sums.cost)}
              more={<a href="/console/usage">{t.costMore}</a>}
            />
          </dl>
        </>
      )}
    </section>
  );
}

function keyMore({ key }: OwnAccount): string {
  const t = words();
  const parts = [
    key.name === '' ? '' : key.tail,
    key.profile === null ? '' : t.profile(key.profile),
    key.expires_at === null ? '' : t.expires(formatTime(key.expires_at)),
  ];
  return parts.filter(Boolean).join(' · ');
}
