// What if another number of positions were kept.

import { useState } from 'preact/hooks';
import type { SelectionReport } from '../../../src/web/models-wire.js';
import { formatNumber } from '../i18n/format.js';
import { Button } from '../ui/button.js';
import { TextField } from '../ui/fields.js';
import { selectionWords } from './selection-words.js';

export interface TopkFormProps {
  report: SelectionReport;
  onTopk: (k: number | undefined) => void;
}

/** Fewer than there are, so that something is left out. */
function suggestion({ tokens, top_k: k }: SelectionReport): number {
  return Math.max(1, Math.min(k, Math.round(tokens.length / 4)));
}

export function TopkForm({ report, onTopk }: TopkFormProps) {
  const t = selectionWords();
  const isDense = report.summary === null;
  const [text, setText] = useState(String(isDense ? suggestion(report) : report.top_k));
  const k = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  return (
    <form
      class="topk-form"
      onSubmit={(event) => {
        event.preventDefault();
        onTopk(k === report.model.top_k ? undefined : k);
      }}
    >
      <TextField
        label={t.positionsKept}
        type="number"
        min={1}
        inputMode="numeric"
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <Button type="submit" disabled={k < 1 || k === report.top_k}>
        {t.show}
      </Button>
      {report.what_if && (
        <Button kind="ghost" onClick={() => onTopk(undefined)}>
          {t.ownNumber(formatNumber(report.model.top_k))}
        </Button>
      )}
    </form>
  );
}
