// What the two answers took, figure by figure, when there is something to compare.

import type { RunUsage } from '../../../src/web/run-events.js';
import { sideName } from './side-name.js';
import { costOf, tokensPerSecond } from '../chat/usage-line.js';
import { formatDuration, formatNumber } from '../i18n/format.js';
import { texts } from '../i18n/language.js';
import { comparison, type Side } from './comparison.js';

const words = texts({
  en: {
    label: 'Comparison',
    side: 'Side',
    hit: 'In, cached',
    miss: 'In, new',
    thinking: 'Thinking',
    out: 'Answer',
    first: 'First token',
    total: 'Total time',
    speed: 'Tokens/s',
    cost: 'Cost',
  },
  zh: {
    label: '对比结果',
    side: '一侧',
    hit: '输入（缓存）',
    miss: '输入（新）',
    thinking: '思考',
    out: '回答',
    first: '首个词元',
    total: '总时间',
    speed: '词元/秒',
    cost: '费用',
  },
});

export function ResultTable() {
  const { left, right } = comparison.value;
  const rows = [left, right].flatMap((side) => {
    const usage = usageOf(side);
    return usage ? [{ side, usage }] : [];
  });
  if (rows.length === 0) return null;
  const t = words();
  return (
    <div class="card table-scroll compare-results" role="region" aria-label={t.label} tabIndex={0}>
      <table class="table" aria-label={t.label}>
        <thead>
          <tr>
            <th>{t.side}</th>
            {[t.hit, t.miss, t.thinking, t.out, t.first, t.total, t.speed, t.cost].map((name) => (
              <th key={name} class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ side, usage }, index) => (
            <tr key={index}>
              <th scope="row">{sideName(side.asked!.settings)}</th>
              {figuresOf(usage).map((figure, at) => (
                <td key={at} class="number">
                  {figure}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function usageOf({ run }: Side): RunUsage | null {
  const { value } = run;
  return value?.isDrawnToEnd.value ? value.turn.usage : null;
}

function figuresOf(usage: RunUsage): string[] {
  const speed = tokensPerSecond(usage);
  return [
    formatNumber(usage.cache_hit_tokens),
    formatNumber(usage.cache_miss_tokens),
    formatNumber(usage.reasoning_tokens),
    formatNumber(usage.completion_tokens - usage.reasoning_tokens),
    usage.first_token_ms === null ? '–' : formatDuration(usage.first_token_ms),
    formatDuration(usage.duration_ms),
    speed === undefined ? '–' : formatNumber(speed, speed < 10 ? 1 : 0),
    costOf(usage) ?? '–',
  ];
}
