// The five figures of a selection.

import type { SelectionSummary } from '../../../src/web/models-wire.js';
import { formatNumber, formatPercent } from '../i18n/format.js';
import { selectionWords } from './selection-words.js';

export function SelectionFigures({ summary, topk }: { summary: SelectionSummary; topk: string }) {
  const t = selectionWords();
  const figures: [name: string, value: string, note: string][] = [
    [t.recall, formatPercent(summary.recall, 1), t.recallNote],
    [t.best, formatPercent(summary.best_recall, 1), t.bestNote(topk)],
    [t.window, formatPercent(summary.window_recall, 1), t.windowNote(topk)],
    [t.overlap, formatPercent(summary.overlap, 1), t.overlapNote],
    [t.never, formatNumber(summary.never_kept), t.neverNote(formatNumber(summary.seen))],
  ];
  return (
    <dl class="figures">
      {figures.map(([name, value, note]) => (
        <div class="figure" key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
          <dd class="more">{note}</dd>
        </div>
      ))}
    </dl>
  );
}
