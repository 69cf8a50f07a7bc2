// A tool call from its first letter to its result: arguments, a person's decision, progress, result or
// error.

import { Calculator, ChevronRight, Clock, Code, Ruler, Wrench, type IconNode } from 'lucide';
import { useState } from 'preact/hooks';
import { wholeText } from '../../../src/web/growing-text.js';
import type { ToolBlock } from '../../../src/web/turn.js';
import type { Approval } from '../../../src/web/wire.js';
import { texts } from '../i18n/language.js';
import { argumentSummary } from '../lib/call-arguments.js';
import { toolTitle } from '../tools/tool-title.js';
import { Icon } from '../ui/icon.js';
import { ToolArguments, ToolOutput } from './tool-data.js';
import { ToolQuestion } from './tool-question.js';
import { ToolStatus } from './tool-status.js';
import { whenChanged } from './when-changed.js';

const words = texts({
  en: {
    running: 'running…',
    writes: 'writes',
    writesTitle: 'This tool can change things',
    unknown: 'The model called a tool that is not on offer.',
  },
  zh: {
    running: '运行中…',
    writes: '可写',
    writesTitle: '此工具会改动数据',
    unknown: '模型调用了一个未提供的工具。',
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
          <span class="tool-name">{tool ? toolTitle(tool) : name}</span>
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
              <ToolArguments text={text} isWriting={state === 'writing'} />
              {state === 'asking' && onDecide && (
                <ToolQuestion
                  name={tool ? toolTitle(tool) : name}
                  onDecide={(decision) => onDecide(block.callId, decision)}
                />
              )}
              {state === 'running' && <Progress block={block} version={version} />}
              {result && <ToolOutput result={result} failed={failed} />}
            </>
          )}
        </div>
      </div>
    </section>
  );
});

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
