// What an answer took: tokens in (from the cache or not), thinking, out, times, money. One line; the
// requests it was made of unfold below.

import { ChevronRight } from 'lucide';
import { useState } from 'preact/hooks';
import type { RunUsage } from '../../../src/web/run-events.js';
import type { Turn } from '../../../src/web/turn.js';
import { formatDuration, formatMoney, formatNumber } from '../i18n/format.js';
import { language, texts } from '../i18n/language.js';
import { Icon } from '../ui/icon.js';
import { RequestTable } from './request-table.js';

const words = texts({
  en: {
    tokensIn: (count: string) => `${count} in`,
    cached: (count: string) => `${count} from cache`,
    thinking: (count: string) => `${count} thinking`,
    out: (count: string) => `${count} out`,
    first: (time: string) => `first token ${time}`,
    speed: (count: string) => `${count} tokens/s`,
    details: 'Usage and requests',
  },
  zh: {
    tokensIn: (count: string) => `输入 ${count}`,
    cached: (count: string) => `缓存命中 ${count}`,
    thinking: (count: string) => `思考 ${count}`,
    out: (count: string) => `输出 ${count}`,
    first: (time: string) => `首个词元 ${time}`,
    speed: (count: string) => `${count} 词元/秒`,
    details: '用量与请求',
  },
});

export function UsageLine({ turn, usage }: { turn: Turn; usage: RunUsage }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div class="usage">
      <button
        type="button"
        class="usage-line"
        aria-expanded={isOpen}
        title={words().details}
        onClick={() => setOpen(!isOpen)}
      >
        {figuresOf(usage).map((figure) => (
          <span key={figure}>{figure}</span>
        ))}
        <Icon node={ChevronRight} class="step-chevron" />
      </button>
      {isOpen && <RequestTable turn={turn} />}
    </div>
  );
}

function figuresOf(usage: RunUsage): string[] {
  const t = words();
  const { reasoning_tokens: reasoning, first_token_ms: firstMs } = usage;
  const speed = tokensPerSecond(usage);
  const cost = costOf(usage);
  return [
    t.tokensIn(formatNumber(usage.prompt_tokens)),
    ...(usage.cache_hit_tokens > 0 ? [t.cached(formatNumber(usage.cache_hit_tokens))] : []),
    ...(reasoning > 0 ? [t.thinking(formatNumber(reasoning))] : []),
    t.out(formatNumber(usage.completion_tokens - reasoning)),
    ...(firstMs !== null ? [t.first(formatDuration(firstMs))] : []),
    ...(speed !== undefined ? [t.speed(formatNumber(speed, speed < 10 ? 1 : 0))] : []),
    ...(cost !== undefined ? [cost] : []),
  ];
}

const SHORTEST_MS = 10;

/** undefined where too little came to tell: one token, or some that came in one piece. */
export function tokensPerSecond(usage: RunUsage): number | undefined {
  const { completion_tokens: tokens, generation_ms: ms } = usage;
  return tokens > 1 && ms >= SHORTEST_MS ? (tokens * 1000) / ms : undefined;
}

/** In the money of the reader's language, else in what there is. */
export function costOf({ cost }: RunUsage): string | undefined {
  const wanted = language.value === 'zh' ? 'CNY' : 'USD';
  const currency = wanted in cost ? wanted : Object.keys(cost)[0];
  return currency === undefined ? undefined : formatMoney(cost[currency]!, currency);
}
