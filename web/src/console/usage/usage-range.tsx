// Which days: the last 7, 30 or 90, or two dates.

import { useState } from 'preact/hooks';
import { texts } from '../../i18n/language.js';
import { daysBack, dayOf } from '../../lib/usage-view.js';
import { Segmented } from '../../ui/fields.js';
import type { UsageRange } from './usage-source.js';

const words = texts({
  en: {
    range: 'Days',
    days: (count: number) => `${count} days`,
    custom: 'Custom',
    from: 'From',
    to: 'To',
    utc: 'Days are UTC',
  },
  zh: {
    range: '日期范围',
    days: (count: number) => `${count} 天`,
    custom: '自定义',
    from: '开始日期',
    to: '结束日期',
    utc: '按 UTC 划分日期',
  },
});

const PRESETS = ['7', '30', '90'] as const;
type Preset = (typeof PRESETS)[number] | 'custom';

export function lastDays(count: number, now: number): UsageRange {
  return { from: daysBack(count, now), to: dayOf(now) };
}

export interface UsageRangeFieldProps {
  value: UsageRange;
  onValue: (range: UsageRange) => void;
}

export function UsageRangeField({ value, onValue }: UsageRangeFieldProps) {
  const [preset, setPreset] = useState<Preset>('30');
  const t = words();
  const choose = (next: Preset) => {
    setPreset(next);
    if (next !== 'custom') onValue(lastDays(Number(next), Date.now()));
  };
  const change = (part: Partial<UsageRange>) => {
    const next = { ...value, ...part };
    if (next.from === '' || next.to === '') return; // a date that is being typed
    onValue(next.from <= next.to ? next : { from: next.to, to: next.from });
  };
  return (
    <>
      <Segmented
        label={t.range}
        value={preset}
        options={[
          ...PRESETS.map((count) => ({ value: count, label: t.days(Number(count)) })),
          { value: 'custom', label: t.custom },
        ]}
        onValue={choose}
      />
      {preset === 'custom' && (
        <div class="usage-dates">
          <input
            class="input"
            type="date"
            aria-label={t.from}
            value={value.from}
            max={dayOf(Date.now())}
            onChange={(event) => change({ from: event.currentTarget.value })}
          />
          <span aria-hidden="true">–</span>
          <input
            class="input"
            type="date"
            aria-label={t.to}
            value={value.to}
            max={dayOf(Date.now())}
            onChange={(event) => change({ to: event.currentTarget.value })}
          />
        </div>
      )}
      <span class="faint small">{t.utc}</span>
    </>
  );
}
