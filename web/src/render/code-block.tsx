// Code: its language, copying, wrapping, and colours once it is complete. Drawn in groups of lines, so
// that a long listing that still grows costs what its last lines cost.

import { WrapText } from 'lucide';
import { Component, type ComponentChildren } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { texts } from '../i18n/language.js';
import { codeLanguage } from '../lib/code-languages.js';
import { lineGroups } from '../lib/line-groups.js';
import { IconButton } from '../ui/button.js';
import { CopyButton } from '../ui/copy-button.js';
import { highlight } from './highlight.js';
import './code-block.css';

const words = texts({
  en: { code: 'Code', wrap: 'Wrap lines', copy: 'Copy code' },
  zh: { code: '代码', wrap: '自动换行', copy: '复制代码' },
});

/** Groups that get their colours in one frame. */
const GROUPS_PER_FRAME = 4;

export interface CodeBlockProps {
  code: string;
  /** What stands behind the fence. */
  info: string;
  /** Still being written. */
  isOpen?: boolean;
  /** More buttons for the head. */
  actions?: ComponentChildren;
}

export function CodeBlock({ code, info, isOpen = false, actions }: CodeBlockProps) {
  const [isWrapped, setWrapped] = useState(false);
  const { grammar, title } = codeLanguage(info);
  const groups = useMemo(() => lineGroups(code), [code]);
  const runs = useColours(code, isOpen ? null : grammar);
  const t = words();
  return (
    <figure class="code-block">
      <figcaption>
        <span class="code-title">{title || t.code}</span>
        {actions}
        <IconButton
          icon={WrapText}
          label={t.wrap}
          size="small"
          aria-pressed={isWrapped}
          onClick={() => setWrapped(!isWrapped)}
        />
        <CopyButton text={() => code} label={t.copy} />
      </figcaption>
      <pre class={isWrapped ? 'wrapped' : ''} tabIndex={0} aria-label={title || t.code}>
        <code>
          {groups.map((text, index) => (
            <Lines key={index} text={text} runs={runs?.[index]} isLong={groups.length > 4} />
          ))}
        </code>
      </pre>
    </figure>
  );
}

/** Colours of the groups, a few more in each frame. */
function useColours(code: string, grammar: string | null): string[][] | undefined {
  const [runs, setRuns] = useState<string[][]>();
  useEffect(() => {
    setRuns(undefined);
    if (grammar === null || code === '') return undefined;
    let isGone = false;
    let frame = 0;
    void highlight(grammar, code).then((all) => {
      if (isGone || !all) return;
      const show = (count: number) => {
        setRuns(all.slice(0, count));
        if (count >= all.length) return;
        frame = requestAnimationFrame(() => show(count + GROUPS_PER_FRAME));
      };
      show(GROUPS_PER_FRAME);
    });
    return () => {
      isGone = true;
      cancelAnimationFrame(frame);
    };
  }, [code, grammar]);
  return runs;
}

interface LinesProps {
  text: string;
  runs: readonly string[] | undefined;
  /** Of a long listing: drawn by the browser when it is near. */
  isLong: boolean;
}

class Lines extends Component<LinesProps> {
  override shouldComponentUpdate(next: LinesProps): boolean {
    const { text, runs, isLong } = this.props;
    return next.text !== text || next.runs !== runs || next.isLong !== isLong;
  }

  override render({ text, runs, isLong }: LinesProps) {
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
    return (
      <span
        class={`code-lines ${isLong ? 'long' : ''}`}
        style={isLong ? { containIntrinsicBlockSize: `${lines * 1.6}em` } : undefined}
      >
        {runs ? colouredRuns(runs) : text}
      </span>
    );
  }
}

function colouredRuns(runs: readonly string[]): ComponentChildren[] {
  const children: ComponentChildren[] = [];
  for (let at = 0; at < runs.length; at += 2) {
    const scope = runs[at]!;
    const text = runs[at + 1]!;
    children.push(scope === '' ? text : <span class={`hl-${scope}`}>{text}</span>);
  }
  return children;
}
