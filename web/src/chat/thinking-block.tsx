// A thought: while it goes on with time, tokens and a way to end it, afterwards one line that unfolds.

import { Brain, ChevronRight, FastForward } from 'lucide';
import { useRef, useState } from 'preact/hooks';
import type { ReasoningBlock } from '../../../src/web/turn.js';
import { formatDuration, formatNumber } from '../i18n/format.js';
import { texts } from '../i18n/language.js';
import { Button } from '../ui/button.js';
import { Icon } from '../ui/icon.js';
import { ThoughtText } from './texts-of-blocks.js';
import { useNow } from './use-now.js';
import { whenChanged } from './when-changed.js';

const words = texts({
  en: {
    thinking: 'Thinking…',
    thought: 'Thought',
    thoughtFor: (time: string) => `Thought for ${time}`,
    tokens: (count: string) => `${count} tokens`,
    forced: 'ended by you',
    answerNow: 'Answer now',
    answerNowTitle: 'End the thinking and write the answer',
  },
  zh: {
    thinking: '思考中…',
    thought: '已思考',
    thoughtFor: (time: string) => `思考了 ${time}`,
    tokens: (count: string) => `${count} 个词元`,
    forced: '由你结束',
    answerNow: '立即回答',
    answerNowTitle: '结束思考，直接写出回答',
  },
});

export interface ThinkingBlockProps {
  block: ReasoningBlock;
  /** Of the block: another number, another picture. */
  version: number;
  /** performance.now() of its begin; only of one that goes on. */
  startedAt: number;
  /** undefined = it cannot be ended early. */
  onAnswerNow: (() => void) | undefined;
}

export const ThinkingBlock = whenChanged(
  ({ block, version, startedAt, onAnswerNow }: ThinkingBlockProps) => {
    // Open while it goes on, folded when it is done, until the reader has said otherwise.
    const [choice, setChoice] = useState<boolean | undefined>(undefined);
    const isOpen = choice ?? block.isOpen;
    const body = useRef<HTMLDivElement>(null);
    const t = words();
    const bodyId = `thought-${block.key}`;
    return (
      <section class={`step thought ${block.isOpen ? 'live' : ''}`}>
        <div class="step-head">
          <button
            type="button"
            class="step-toggle"
            aria-expanded={isOpen}
            aria-controls={bodyId}
            onClick={() => setChoice(!isOpen)}
          >
            <span class="step-icon">
              <Icon node={Brain} />
            </span>
            <Meter block={block} version={version} startedAt={startedAt} />
            <Icon node={ChevronRight} class="step-chevron" />
          </button>
          {block.isOpen && onAnswerNow && (
            <Button
              size="small"
              kind="ghost"
              icon={FastForward}
              title={t.answerNowTitle}
              onClick={onAnswerNow}
            >
              {t.answerNow}
            </Button>
          )}
        </div>
        <div class="step-body" id={bodyId} ref={body} hidden={!isOpen}>
          {isOpen && <ThoughtText text={block.text} version={version} isOpen={block.isOpen} />}
        </div>
      </section>
    );
  },
);

function Meter({ block, startedAt }: Pick<ThinkingBlockProps, 'block' | 'version' | 'startedAt'>) {
  const now = useNow(block.isOpen);
  const t = words();
  const tokens = block.tokens > 0 ? t.tokens(formatNumber(block.tokens)) : undefined;
  if (block.isOpen) {
    return (
      <span class="step-title">
        {t.thinking}
        <span class="step-figures">
          {formatDuration(Math.max(0, now - startedAt))}
          {tokens !== undefined && ` · ${tokens}`}
        </span>
      </span>
    );
  }
  const { durationMs } = block;
  return (
    <span class="step-title">
      {durationMs === null ? t.thought : t.thoughtFor(formatDuration(durationMs))}
      <span class="step-figures">
        {tokens !== undefined && ` · ${tokens}`}
        {block.isForced && ` · ${t.forced}`}
      </span>
    </span>
  );
}
