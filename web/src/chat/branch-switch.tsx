// ‹ 2/3 ›: where a question was edited or answered more than once.

import { ChevronLeft, ChevronRight } from 'lucide';
import { texts } from '../i18n/language.js';
import { IconButton } from '../ui/button.js';

const words = texts({
  en: {
    label: (at: number, of: number) => `Version ${at} of ${of}`,
    previous: 'Previous version',
    next: 'Next version',
  },
  zh: {
    label: (at: number, of: number) => `第 ${at} 个版本，共 ${of} 个`,
    previous: '上一个版本',
    next: '下一个版本',
  },
});

export interface BranchSwitchProps {
  /** Of the messages that stand in this place. */
  ids: readonly string[];
  shown: string | null;
  onShow: (id: string) => void;
  disabled: boolean;
}

export function BranchSwitch({ ids, shown, onShow, disabled }: BranchSwitchProps) {
  const at = shown === null ? ids.length : ids.indexOf(shown);
  const count = Math.max(ids.length, at + 1);
  if (count < 2) return null;
  const t = words();
  return (
    <span class="branch-switch" role="group" aria-label={t.label(at + 1, count)}>
      <IconButton
        icon={ChevronLeft}
        label={t.previous}
        size="small"
        disabled={disabled || at <= 0}
        onClick={() => onShow(ids[at - 1]!)}
      />
      <span class="numbers" aria-hidden="true">
        {at + 1}/{count}
      </span>
      <IconButton
        icon={ChevronRight}
        label={t.next}
        size="small"
        disabled={disabled || at >= ids.length - 1}
        onClick={() => onShow(ids[at + 1]!)}
      />
    </span>
  );
}
