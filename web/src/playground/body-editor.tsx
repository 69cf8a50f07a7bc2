// The body as text, with numbered lines; the line that is no JSON is marked.

import { useId, useRef } from 'preact/hooks';
import { texts } from '../i18n/language.js';
import type { JsonProblem } from '../lib/json-problem.js';

const words = texts({
  en: {
    label: 'Request body (JSON)',
    problem: (message: string) => `Not JSON: ${message}`,
    at: (line: string, message: string) => `Line ${line}: ${message}`,
    sent: 'It can be sent all the same, to see the error.',
  },
  zh: {
    label: '请求体 (JSON)',
    problem: (message: string) => `不是合法的 JSON：${message}`,
    at: (line: string, message: string) => `第 ${line} 行：${message}`,
    sent: '仍可发送，以查看错误响应。',
  },
});

export interface BodyEditorProps {
  text: string;
  problem: JsonProblem | undefined;
  onText: (text: string) => void;
  onSend: () => void;
}

const MIN_LINES = 8;

export function BodyEditor({ text, problem, onText, onSend }: BodyEditorProps) {
  const gutter = useRef<HTMLDivElement>(null);
  const id = useId();
  const t = words();
  const count = Math.max(MIN_LINES, text.split('\n').length);
  return (
    <div class="play-editor-field">
      <div class={`play-editor ${problem ? 'wrong' : ''}`}>
        <div class="play-gutter" ref={gutter} aria-hidden="true">
          {Array.from({ length: count }, (_, index) => (
            <span key={index} class={problem?.line === index + 1 ? 'wrong' : ''}>
              {index + 1}
            </span>
          ))}
        </div>
        <textarea
          class="mono"
          aria-label={t.label}
          aria-invalid={problem !== undefined}
          aria-describedby={problem && id}
          spellcheck={false}
          autocapitalize="off"
          wrap="off"
          rows={Math.min(30, count)}
          value={text}
          onInput={(event) => onText(event.currentTarget.value)}
          onScroll={(event) => {
            if (gutter.current) gutter.current.scrollTop = event.currentTarget.scrollTop;
          }}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
            event.preventDefault();
            onSend();
          }}
        />
      </div>
      {problem && (
        <p id={id} class="play-problem small" role="alert">
          {problem.line === undefined
            ? t.problem(problem.message)
            : t.at(String(problem.line), problem.message)}{' '}
          <span class="soft">{t.sent}</span>
        </p>
      )}
    </div>
  );
}
