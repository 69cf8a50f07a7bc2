// The cache explainer's report: a bar of what was found, the cause in words, and both sides of the
// first difference with the place marked.

import type { CacheDifference, CacheReport } from '../../../src/web/requests-wire.js';
import { formatMoney, formatNumber, formatPercent } from '../i18n/format.js';
import { language, texts } from '../i18n/language.js';
import { differingHeads } from '../lib/text-difference.js';
import { causeWords } from './cause-words.js';

const words = texts({
  en: {
    found: (hit: string, all: string, share: string) =>
      `${hit} of ${all} prompt tokens from the cache (${share})`,
    lost: (tokens: string, money: string) =>
      `${tokens} tokens more would have been found: ${money} at list price`,
    added: (names: string) => `Added: ${names}`,
    removed: (names: string) => `Removed: ${names}`,
    changed: (names: string) => `Changed: ${names}`,
    where: (part: string, question: number, block: string, token: string) =>
      `First difference: ${part}${question > 0 ? ` of question ${question}` : ''}, token ${token} in block ${block}`,
    earlier: 'Earlier prompt',
    current: 'This prompt',
    ended: 'It ended here.',
    hidden: 'Written with another key of this account; its text is not shown.',
    caption: 'Both prompts around the first difference',
  },
  zh: {
    found: (hit: string, all: string, share: string) =>
      `提示的 ${all} 个词元中有 ${hit} 个来自缓存（${share}）`,
    lost: (tokens: string, money: string) => `本可多命中 ${tokens} 个词元：按标价计 ${money}`,
    added: (names: string) => `新增：${names}`,
    removed: (names: string) => `移除：${names}`,
    changed: (names: string) => `改动：${names}`,
    where: (part: string, question: number, block: string, token: string) =>
      `首处不同：${question > 0 ? `第 ${question} 个问题的` : ''}${part}，第 ${block} 块第 ${token} 个词元`,
    earlier: '之前的提示',
    current: '本次提示',
    ended: '到此结束。',
    hidden: '由此账户的另一个密钥写成，不显示其文本。',
    caption: '首处不同前后的两段提示',
  },
});

export function CacheReportView({ report }: { report: CacheReport }) {
  const t = words();
  const { prompt_tokens: all, hit_tokens: hit, tools, difference, cause, lost } = report;
  const share = all > 0 ? hit / all : 0;
  const { title, text } = causeWords().causes[cause];
  return (
    <div class="stack">
      <div class="stack cache-found">
        <span class="small numbers">
          {t.found(formatNumber(hit), formatNumber(all), formatPercent(share))}
        </span>
        <div class="meter" aria-hidden="true">
          <span style={{ width: `${share * 100}%` }} />
        </div>
      </div>
      <div>
        <p>
          <strong>{title}</strong>
        </p>
        <p class="soft small">{text}</p>
        {tools && <ToolNames tools={tools} />}
        {lost.tokens > 0 && (
          <p class="small cache-lost">{t.lost(formatNumber(lost.tokens), moneyText(lost.money))}</p>
        )}
      </div>
      {difference && <Difference difference={difference} />}
    </div>
  );
}

function ToolNames({ tools }: { tools: NonNullable<CacheReport['tools']> }) {
  const t = words();
  const { added, removed, changed } = tools;
  return (
    <ul class="small soft cache-tools">
      {added.length > 0 && <li>{t.added(added.join(', '))}</li>}
      {removed.length > 0 && <li>{t.removed(removed.join(', '))}</li>}
      {changed.length > 0 && <li>{t.changed(changed.join(', '))}</li>}
    </ul>
  );
}

function Difference({ difference }: { difference: CacheDifference }) {
  const t = words();
  const { before, current, earlier, part, question, block, token } = difference;
  const { parts } = causeWords();
  const differs =
    earlier === null ? ([0, current.length] as const) : differingHeads(earlier, current);
  return (
    <figure class="cache-difference" aria-label={t.caption}>
      <figcaption class="small soft">
        {t.where(parts[part], question, formatNumber(block + 1), formatNumber((token % 64) + 1))}
      </figcaption>
      <div class="cache-sides">
        <div>
          <h4 class="small soft">{t.earlier}</h4>
          {earlier === null ? (
            <p class="small soft">{t.hidden}</p>
          ) : (
            <Side before={before} rest={earlier} differs={differs[0]} mark="earlier" />
          )}
        </div>
        <div>
          <h4 class="small soft">{t.current}</h4>
          <Side before={before} rest={current} differs={differs[1]} mark="current" />
        </div>
      </div>
    </figure>
  );
}

interface SideProps {
  before: string;
  rest: string;
  /** Characters of `rest` until both sides are the same again. */
  differs: number;
  mark: 'earlier' | 'current';
}

function Side({ before, rest, differs, mark }: SideProps) {
  return (
    <pre tabIndex={0}>
      <span class="faint">{before}</span>
      <mark class={mark}>{rest.slice(0, differs)}</mark>
      {rest.slice(differs)}
      {rest === '' && <em class="faint"> {words().ended}</em>}
    </pre>
  );
}

/** In the money of the reader's language, else in what there is. */
function moneyText(money: Record<string, string>): string {
  const wanted = language.value === 'zh' ? 'CNY' : 'USD';
  const currency = wanted in money ? wanted : Object.keys(money)[0];
  return currency === undefined ? '' : formatMoney(money[currency]!, currency);
}
