// A tool call from its first letter to its result: arguments, a person's decision, progress, result or
// error, and how long it took. Arguments and results are of the model and of strangers: shown as text.

import {
  Ban,
  Calculator,
  Check,
  ChevronRight,
  Clock,
  Code,
  Ruler,
  ShieldQuestion,
  TriangleAlert,
  Wrench,
  type IconNode,
} from 'lucide';
import { useEffect, useRef, useState } from 'preact/hooks';
import { wholeText } from '../../../src/web/growing-text.js';
import type { ToolBlock } from '../../../src/web/turn.js';
import type { Approval } from '../../../src/web/wire.js';
import { formatDuration, formatNumber } from '../i18n/format.js';
import { texts } from '../i18n/language.js';
import {
  type ArgumentRow,
  argumentRows,
  argumentSummary,
  prettyJson,
} from '../lib/call-arguments.js';
import { Button } from '../ui/button.js';
import { CopyButton } from '../ui/copy-button.js';
import { Icon } from '../ui/icon.js';
import { useNow } from './use-now.js';
import { whenChanged } from './when-changed.js';

const words = texts({
  en: {
    writing: 'writing arguments…',
    called: 'waiting to run…',
    asking: 'waiting for you',
    running: 'running…',
    denied: 'not allowed',
    cut: 'not run',
    failed: 'failed',
    writes: 'writes',
    writesTitle: 'This tool can change things',
    unknown: 'The model called a tool that is not on offer.',
    question: (tool: string) => `Run ${tool} with these arguments?`,
    allow: 'Allow once',
    always: 'Always in this conversation',
    deny: 'Deny',
    arguments: 'Arguments',
    result: 'Result',
    error: 'Error',
    noArguments: 'No arguments',
    more: (count: string) => `Show all ${count} characters`,
    less: 'Show less',
    cutAt: (shown: string, full: string) => `The model was given ${shown} of ${full} characters.`,
  },
  zh: {
    writing: '正在写参数…',
    called: '等待运行…',
    asking: '等待你的决定',
    running: '运行中…',
    denied: '未获允许',
    cut: '未运行',
    failed: '失败',
    writes: '可写',
    writesTitle: '此工具会改动数据',
    unknown: '模型调用了一个未提供的工具。',
    question: (tool: string) => `用这些参数运行 ${tool}？`,
    allow: '允许一次',
    always: '本次对话始终允许',
    deny: '拒绝',
    arguments: '参数',
    result: '结果',
    error: '错误',
    noArguments: '无参数',
    more: (count: string) => `显示全部 ${count} 个字符`,
    less: '收起',
    cutAt: (shown: string, full: string) => `提供给模型的是 ${full} 个字符中的 ${shown} 个。`,
  },
});

export interface ToolCardProps {
  block: ToolBlock;
  version: number;
  onDecide: ((callId: string, decision: Approval['decision']) => void) | undefined;
}

const ICONS: Record<string, IconNode> = {
  'builtin:calculator': Calculator,
  'builtin:get_time': Clock,
  'builtin:convert_units': Ruler,
  'builtin:run_javascript': Code,
};

export const ToolCard = whenChanged(({ block, version, onDecide }: ToolCardProps) => {
  const [choice, setChoice] = useState<boolean | undefined>(undefined);
  const { tool, name, state, result } = block;
  const isOpen = choice ?? true;
  const text = wholeText(block.arguments);
  const failed = result?.isError === true && state !== 'denied';
  const bodyId = `tool-${block.key}`;
  const icon = (tool && ICONS[tool.id]) ?? Wrench;
  const t = words();
  return (
    <section class={`step tool ${state} ${failed ? 'failed' : ''}`}>
      <div class="tool-card">
        <button
          type="button"
          class="tool-head"
          aria-expanded={isOpen}
          aria-controls={bodyId}
          onClick={() => setChoice(!isOpen)}
        >
          <span class="step-icon">
            <Icon node={icon} />
          </span>
          <span class="tool-name">{tool?.title ?? name}</span>
          {tool?.server && <span class="badge">{tool.server}</span>}
          {tool?.writes && (
            <span class="badge warn" title={t.writesTitle}>
              {t.writes}
            </span>
          )}
          <span class="tool-summary truncate">{!isOpen && argumentSummary(text)}</span>
          <ToolStatus block={block} version={version} failed={failed} />
          <Icon node={ChevronRight} class="step-chevron" />
        </button>
        <div id={bodyId} class="tool-body" hidden={!isOpen}>
          {isOpen && (
            <>
              {!tool && state !== 'writing' && <p class="tool-note">{t.unknown}</p>}
              <Arguments text={text} isWriting={state === 'writing'} />
              {state === 'asking' && onDecide && (
                <Question
                  name={tool?.title ?? name}
                  onDecide={(decision) => onDecide(block.callId, decision)}
                />
              )}
              {state === 'running' && <Progress block={block} version={version} />}
              {result && <Result block={block} failed={failed} />}
            </>
          )}
        </div>
      </div>
    </section>
  );
});

interface ToolStatusProps extends Pick<ToolCardProps, 'block' | 'version'> {
  failed: boolean;
}

function ToolStatus({ block, failed }: ToolStatusProps) {
  const { state, result } = block;
  const since = useRef(performance.now());
  const runs = state === 'running';
  useEffect(() => {
    if (runs) since.current = performance.now();
  }, [runs]);
  const now = useNow(runs);
  const t = words();
  if (state === 'done') {
    return (
      <span class={`tool-status ${failed ? 'bad' : 'good'}`}>
        <Icon node={failed ? TriangleAlert : Check} />
        {failed && t.failed}
        <span class="numbers">{formatDuration(result!.durationMs)}</span>
      </span>
    );
  }
  if (state === 'asking') {
    return (
      <span class="tool-status warn">
        <Icon node={ShieldQuestion} />
        {t.asking}
      </span>
    );
  }
  if (state === 'denied' || state === 'cut') {
    return (
      <span class="tool-status">
        <Icon node={Ban} />
        {t[state]}
      </span>
    );
  }
  return (
    <span class="tool-status">
      <span class="spinner" />
      {t[state]}
      {runs && <span class="numbers">{formatDuration(Math.max(0, now - since.current))}</span>}
    </span>
  );
}

function Arguments({ text, isWriting }: { text: string; isWriting: boolean }) {
  const rows = isWriting ? undefined : argumentRows(text);
  const t = words();
  if (rows?.length === 0) return <p class="tool-note">{t.noArguments}</p>;
  if (rows) return <Rows label={t.arguments} rows={rows} />;
  return text === '' ? null : (
    <LongText label={t.arguments} text={isWriting ? text : prettyJson(text)} />
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

interface QuestionProps {
  name: string;
  onDecide: (decision: Approval['decision']) => void;
}

function Question({ name, onDecide }: QuestionProps) {
  const [isDecided, setDecided] = useState(false);
  const t = words();
  const decide = (decision: Approval['decision']) => {
    setDecided(true);
    onDecide(decision);
  };
  return (
    <div class="tool-question" role="group" aria-label={t.question(name)}>
      <p>{t.question(name)}</p>
      <div class="row wrap">
        <Button
          size="small"
          kind="primary"
          icon={Check}
          disabled={isDecided}
          onClick={() => decide('allow')}
        >
          {t.allow}
        </Button>
        <Button size="small" disabled={isDecided} onClick={() => decide('always')}>
          {t.always}
        </Button>
        <Button
          size="small"
          kind="danger"
          icon={Ban}
          disabled={isDecided}
          onClick={() => decide('deny')}
        >
          {t.deny}
        </Button>
      </div>
    </div>
  );
}

function Progress({ block }: Pick<ToolCardProps, 'block' | 'version'>) {
  const { progress } = block;
  if (!progress) return null;
  const { total, message } = progress;
  const share = total !== null && total > 0 ? Math.min(1, progress.progress / total) : undefined;
  return (
    <div class="tool-progress">
      {share !== undefined && (
        <div
          class="meter"
          role="progressbar"
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.round(share * 100)}
          aria-label={message ?? words().running}
        >
          <span style={{ width: `${share * 100}%` }} />
        </div>
      )}
      {message !== null && <p class="tool-note">{message}</p>}
    </div>
  );
}

function Result({ block, failed }: { block: ToolBlock; failed: boolean }) {
  const { content, fullLength } = block.result!;
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

/** More are shown as the JSON that they are. */
const MAX_RESULT_ROWS = 6;

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
