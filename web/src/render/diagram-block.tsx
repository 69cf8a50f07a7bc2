// A diagram in Mermaid's notation: its source, and on demand the drawing. It is drawn in a frame without
// origin (site/content-policy.ts): whatever the source does there, it reaches neither the page nor a
// server. The frame is told the source and the colours, and tells its height or what is wrong.

import { Code, Workflow } from 'lucide';
import { useEffect, useRef, useState } from 'preact/hooks';
import { texts } from '../i18n/language.js';
import { theme } from '../shell/theme.js';
import { Button } from '../ui/button.js';
import { Notice } from '../ui/feedback.js';
import { CodeBlock } from './code-block.js';
import type { DiagramAnswer, DiagramOrder } from './diagram-messages.js';
import './diagram-block.css';

const words = texts({
  en: { draw: 'Draw', source: 'Source', title: 'Diagram', failed: 'This diagram cannot be drawn:' },
  zh: { draw: '绘制', source: '源代码', title: '图表', failed: '无法绘制此图表：' },
});

const MIN_HEIGHT = 60;
const MAX_HEIGHT = 4000;

export interface DiagramBlockProps {
  source: string;
  isOpen: boolean;
}

export function DiagramBlock({ source, isOpen }: DiagramBlockProps) {
  const [isDrawn, setDrawn] = useState(false);
  const t = words();
  if (isDrawn && !isOpen) {
    return <Drawing source={source} onSource={() => setDrawn(false)} />;
  }
  const draw = (
    <Button
      size="small"
      kind="ghost"
      icon={Workflow}
      disabled={isOpen}
      onClick={() => setDrawn(true)}
    >
      {t.draw}
    </Button>
  );
  return <CodeBlock code={source} info="mermaid" isOpen={isOpen} actions={draw} />;
}

function Drawing({ source, onSource }: { source: string; onSource: () => void }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [height, setHeight] = useState<number>();
  const [problem, setProblem] = useState<string>();
  const isDark = useDark();
  const t = words();
  useEffect(() => {
    setProblem(undefined);
    const target = () => frame.current?.contentWindow;
    const order = () => {
      // The frame has no origin that could be named; it is ours by its address and its policy.
      target()?.postMessage({ type: 'draw', source, isDark } satisfies DiagramOrder, '*');
    };
    const listen = ({ source: from, data }: MessageEvent) => {
      if (from === null || from !== target()) return;
      const answer = answerOf(data);
      if (answer?.type === 'ready') order();
      if (answer?.type === 'drawn') {
        setHeight(Math.min(MAX_HEIGHT, Math.max(MIN_HEIGHT, answer.height)));
      }
      if (answer?.type === 'failed') setProblem(answer.message);
    };
    window.addEventListener('message', listen);
    if (height !== undefined) order();
    return () => window.removeEventListener('message', listen);
  }, [source, isDark]);
  return (
    <figure class="diagram-block">
      <figcaption>
        <span class="code-title">Mermaid</span>
        <Button size="small" kind="ghost" icon={Code} onClick={onSource}>
          {t.source}
        </Button>
      </figcaption>
      {problem === undefined ? (
        <iframe
          ref={frame}
          src="/diagram.html"
          sandbox="allow-scripts"
          referrerpolicy="no-referrer"
          title={t.title}
          style={{ height: `${height ?? 160}px` }}
          aria-busy={height === undefined}
        />
      ) : (
        <Notice kind="warn">
          <p>{t.failed}</p>
          <pre class="diagram-problem">{problem}</pre>
        </Notice>
      )}
    </figure>
  );
}

/** What came from the frame is a model's word: taken only in the shape that was agreed. */
function answerOf(data: unknown): DiagramAnswer | undefined {
  if (typeof data !== 'object' || data === null || !('type' in data)) return undefined;
  if (data.type === 'ready') return { type: 'ready' };
  if (data.type === 'drawn' && 'height' in data && Number.isFinite(data.height)) {
    return { type: 'drawn', height: data.height as number };
  }
  if (data.type === 'failed' && 'message' in data && typeof data.message === 'string') {
    return { type: 'failed', message: data.message.slice(0, 2000) };
  }
  return undefined;
}

function useDark(): boolean {
  const query = '(prefers-color-scheme: dark)';
  const [isSystemDark, setSystemDark] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const changed = () => setSystemDark(media.matches);
    media.addEventListener('change', changed);
    return () => media.removeEventListener('change', changed);
  }, []);
  return theme.value === 'auto' ? isSystemDark : theme.value === 'dark';
}
