// A look into a file as the model will get it: a table of the first rows, or the text; JSON is checked.

import { useMemo } from 'preact/hooks';
import { growingText } from '../../../src/web/growing-text.js';
import type { NewFile } from '../../../src/web/wire.js';
import { formatNumber } from '../i18n/format.js';
import { texts } from '../i18n/language.js';
import { csvRows } from '../lib/csv-rows.js';
import { LongText } from '../render/long-text.js';
import { Dialog } from '../ui/dialog.js';
import { Notice } from '../ui/feedback.js';

const words = texts({
  en: {
    text: 'Text of the file',
    rows: (count: string) => `The first ${count} rows`,
    json: 'This is not valid JSON; the model gets it as it is.',
  },
  zh: {
    text: '文件内容',
    rows: (count: string) => `前 ${count} 行`,
    json: '这不是有效的 JSON，模型将按原样收到它。',
  },
});

const MAX_ROWS = 50;
const MAX_CELLS = 30;

export function FilePreview({ file, onClose }: { file: NewFile; onClose: () => void }) {
  const { name, text, media_type } = file;
  const isTable = /\.(csv|tsv)$/i.test(name) || media_type === 'text/csv';
  const isJson = /\.json$/i.test(name) || media_type === 'application/json';
  const problem = useMemo(() => (isJson ? jsonProblem(text) : undefined), [text]);
  const whole = useMemo(() => growingText(text), [text]);
  const t = words();
  return (
    <Dialog title={name} wide onClose={onClose}>
      <div class="file-preview stack">
        {problem !== undefined && (
          <Notice kind="warn">
            <p>{t.json}</p>
            <p class="mono">{problem}</p>
          </Notice>
        )}
        {isTable && <Rows text={text} />}
        <LongText text={whole} version={0} isLive={false} label={t.text} mono />
      </div>
    </Dialog>
  );
}

function Rows({ text }: { text: string }) {
  const [head = [], ...rows] = useMemo(() => csvRows(text, MAX_ROWS + 1), [text]);
  return (
    <figure>
      <figcaption class="small soft">{words().rows(formatNumber(rows.length))}</figcaption>
      <div class="table-scroll file-rows" tabIndex={0}>
        <table class="table">
          <thead>
            <tr>
              {head.slice(0, MAX_CELLS).map((cell, index) => (
                <th key={index}>{cell}</th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row, line) => (
              <tr key={line}>
                {row.slice(0, MAX_CELLS).map((cell, index) => (
                  <td key={index}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as SyntaxError).message;
  }
}
