// One line of the request log; the whole row leads to its trace.

import type { RequestRow as Row } from '../../../../src/web/requests-wire.js';
import { formatDuration, formatNumber } from '../../i18n/format.js';
import { locale } from '../../i18n/language.js';
import { requestWords } from './request-words.js';
import { StatusBadge } from './status-badge.js';

export function RequestTableRow({ row, showsKey }: { row: Row; showsKey: boolean }) {
  const { doors, noKey } = requestWords();
  const door = doors[row.door as keyof typeof doors] ?? '–';
  return (
    <tr>
      <td class="numbers">
        <a href={`/console/requests/${row.trace_id}`}>{clock(row.started_at)}</a>
      </td>
      <td>
        <StatusBadge {...row} />
      </td>
      <td>{row.model ?? <span class="faint mono">{row.route}</span>}</td>
      <td class="soft">{door}</td>
      {showsKey && <td class="truncate request-key">{row.key?.name ?? row.key?.id ?? noKey}</td>}
      <td class="number">{count(row.prompt_tokens)}</td>
      <td class="number">{hitShare(row)}</td>
      <td class="number">{count(row.completion_tokens)}</td>
      <td class="number">{duration(row.first_token_ms)}</td>
      <td class="number">{duration(row.duration_ms)}</td>
      <td class="number">{rate(row.tokens_per_second)}</td>
    </tr>
  );
}

export function clock(iso: string): string {
  return new Intl.DateTimeFormat(locale(), {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  }).format(new Date(iso));
}

export function count(value: number | null): string {
  return value === null ? '–' : formatNumber(value);
}

export function duration(ms: number | null): string {
  return ms === null ? '–' : formatDuration(ms);
}

export function rate(tokensPerSecond: number | null): string {
  if (tokensPerSecond === null) return '–';
  return formatNumber(tokensPerSecond, tokensPerSecond < 10 ? 1 : 0);
}

function hitShare({ prompt_tokens: prompt, cache_hit_tokens: hit }: Row): string {
  return prompt === null || hit === null || prompt === 0
    ? '–'
    : `${Math.round((hit / prompt) * 100)} %`;
}
