// A table that scrolls sideways by itself, and copies as CSV or as it was written.

import { Copy } from 'lucide';
import type { ComponentChildren } from 'preact';
import { texts } from '../i18n/language.js';
import { tableAsCsv } from '../lib/table-text.js';
import { Button } from '../ui/button.js';
import { toast } from '../ui/toasts.js';
import './table-block.css';

const words = texts({
  en: {
    table: 'Table',
    csv: 'CSV',
    markdown: 'Markdown',
    copyCsv: 'Copy table as CSV',
    copyMarkdown: 'Copy table as Markdown',
    copied: 'Table copied',
    failed: 'The browser did not allow copying',
  },
  zh: {
    table: '表格',
    csv: 'CSV',
    markdown: 'Markdown',
    copyCsv: '复制为 CSV',
    copyMarkdown: '复制为 Markdown',
    copied: '表格已复制',
    failed: '浏览器不允许复制',
  },
});

export interface TableBlockProps {
  /** Cells as plain text, the head first. */
  rows: readonly (readonly string[])[];
  /** As the cells were written. */
  markdownRows: readonly (readonly string[])[];
  children: ComponentChildren;
}

export function TableBlock({ rows, markdownRows, children }: TableBlockProps) {
  const t = words();
  const copy = (text: string) => {
    navigator.clipboard.writeText(text).then(
      () => toast(t.copied),
      () => toast(t.failed),
    );
  };
  return (
    <div class="table-block">
      <div class="table-block-scroll" role="region" aria-label={t.table} tabIndex={0}>
        <table>{children}</table>
      </div>
      <div class="table-block-actions">
        <Button
          size="small"
          kind="ghost"
          icon={Copy}
          aria-label={t.copyCsv}
          onClick={() => copy(tableAsCsv(rows))}
        >
          {t.csv}
        </Button>
        <Button
          size="small"
          kind="ghost"
          icon={Copy}
          aria-label={t.copyMarkdown}
          onClick={() => copy(asMarkdown(markdownRows))}
        >
          {t.markdown}
        </Button>
      </div>
    </div>
  );
}

function asMarkdown(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const lines = [head, head.map(() => '---'), ...body];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}
