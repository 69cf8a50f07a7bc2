// What a tool was given and what it gave: rows where it is a few values, text folded where it is long.
// Both are of the model and of strangers: shown as text.

import { useState } from 'preact/hooks';
import type { ToolResult } from '../../../src/web/turn.js';
import { formatNumber } from '../i18n/format.js';
import { texts } from '../i18n/language.js';
import { type ArgumentRow, argumentRows, prettyJson } from '../lib/call-arguments.js';
import { Button } from '../ui/button.js';
import { CopyButton } from '../ui/copy-button.js';

const words = texts({
  en: {
    arguments: 'Arguments',
    noArguments: 'No arguments',
    result: 'Result',
    error: 'Error',
    more: (count: string) => `Show all ${count} characters`,
    less: 'Show less',
    cutAt: (shown: string, full: string) => `The model was given ${shown} of ${full} characters.`,
  },
  zh: {
    arguments: '参数',
    noArguments: '无参数',
    result: '结果',
    error: '错误',
    more: (count: string) => `显示全部 ${count} 个字符`,
    less: '收起',
    cutAt: (shown: string, full: string) => `提供给模型的是 ${full} 个字符中的 ${shown} 个。`,
  },
});

/** More are shown as the JSON that they are. */
const MAX_RESULT_ROWS = 6;

export function ToolArguments({ text, isWriting }: { text: string; isWriting: boolean }) {
  const rows = isWriting ? undefined : argumentRows(text);
  const t = words();
  if (rows?.length === 0) return <p class="tool-note">{t.noArguments}</p>;
  if (rows) return <Rows label={t.arguments} rows={rows} />;
  return text === '' ? null : (
    <LongText label={t.arguments} text={isWriting ? text : prettyJson(text)} />
  );
}

export function ToolOutput({ result, failed }: { result: ToolResult; failed: boolean }) {
  const { content, fullLength } = result;
  const rows = argumentRows(content);
  const t = words();
  if (rows && rows.length > 0 && rows.length <= MAX_RESULT_ROWS) {
    return (
      <Rows
        label={failed ? t.error : t.result}
        rows={rows}
        class={`tool-result ${failed ? 'bad' : ''}`}
      />
    );
  }
  return (
    <>
      <LongText
        label={failed ? t.error : t.result}
        text={prettyJson(content)}
        class={failed ? 'bad' : ''}
      />
      {fullLength !== null && (
        <p class="tool-note">{t.cutAt(formatNumber(content.length), formatNumber(fullLength))}</p>
      )}
    </>
  );
}

interface RowsProps {
  label: string;
  rows: readonly ArgumentRow[];
  class?: string;
}

function Rows({ label, rows, class: className = '' }: RowsProps) {
  return (
    <dl class={`tool-rows ${className}`} aria-label={label}>
      {rows.map(({ name, value }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const FOLDED_CHARACTERS = 600;
const FOLDED_LINES = 10;

interface LongTextProps {
  label: string;
  text: string;
  class?: string;
}

/** Folded where it is long; there may be megabytes of it. */
function LongText({ label, text, class: className = '' }: LongTextProps) {
  const [isWhole, setWhole] = useState(false);
  const short = shortened(text);
  const t = words();
  return (
    <figure class={`tool-text ${className}`}>
      <figcaption>
        <span>{label}</span>
        <CopyButton text={() => text} />
      </figcaption>
      <pre tabIndex={0} aria-label={label}>
        {isWhole ? text : short}
      </pre>
      {short !== text && (
        <Button size="small" kind="ghost" onClick={() => setWhole(!isWhole)}>
          {isWhole ? t.less : t.more(formatNumber(text.length))}
        </Button>
      )}
    </figure>
  );
}

function shortened(text: string): string {
  const lines = text.slice(0, FOLDED_CHARACTERS).split('\n', FOLDED_LINES + 1);
  if (lines.length <= FOLDED_LINES && text.length <= FOLDED_CHARACTERS) return text;
  return `${lines.slice(0, FOLDED_LINES).join('\n').trimEnd()} …`;
}
