// How much of the model's window the next request takes.

import type { CountResult } from '../../../src/web/wire.js';
import { formatNumber } from '../i18n/format.js';
import { texts } from '../i18n/language.js';

const words = texts({
  en: {
    count: (tokens: string, of: string) => `${tokens} of ${of} tokens`,
  },
  zh: {
    count: (tokens: string, of: string) => `${tokens} / ${of} 词元`,
  },
});

export function CountLabel({ count }: { count: CountResult }) {
  const share = Math.min(1, count.tokens / Math.max(1, count.context_length));
  const label = words().count(formatNumber(count.tokens), formatNumber(count.context_length));
  return (
    <span class={`composer-count ${count.fits ? '' : 'over'}`} title={label}>
      <span class="composer-ring" aria-hidden="true" style={{ '--share': `${share * 360}deg` }} />
      <span class="visually-hidden">{label}</span>
      <span class="numbers" aria-hidden="true">
        {formatNumber(count.tokens)}
      </span>
    </span>
  );
}
