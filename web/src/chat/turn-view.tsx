// A turn as it happens and as it was: thoughts, tools and texts in their order, the wait before the
// first of them, and how it ended. While it is being made it is drawn once per frame; blocks that did
// not change are not drawn again.

import { Hourglass, OctagonPause } from 'lucide';
import { useRef } from 'preact/hooks';
import { wholeText } from '../../../src/web/growing-text.js';
import type { Block, Round, Turn } from '../../../src/web/turn.js';
import type { Approval } from '../../../src/web/wire.js';
import { texts } from '../i18n/language.js';
import { Notice } from '../ui/feedback.js';
import { Icon } from '../ui/icon.js';
import type { LiveRun } from './live-run.js';
import { AnswerText } from './texts-of-blocks.js';
import { ThinkingBlock } from './thinking-block.js';
import { ToolCard } from './tool-card.js';
import { whenChanged } from './when-changed.js';
import './turn.css';

const words = texts({
  en: {
    reading: 'Reading the prompt…',
    queued: (position: number) =>
      position === 1 ? 'Next in the queue…' : `Number ${position} in the queue…`,
    stopped: 'Stopped',
    length: 'The answer reached the limit of its length.',
    filtered: 'The answer was held back by the content filter.',
    busy: 'The server had no room to finish the answer.',
    failed: 'The answer failed.',
    trace: (id: string) => `Trace ${id}`,
  },
  zh: {
    reading: '正在读取提示…',
    queued: (position: number) =>
      position === 1 ? '排队中，下一个就是你…' : `排队中，第 ${position} 位…`,
    stopped: '已停止',
    length: '回答达到了长度上限。',
    filtered: '回答被内容过滤拦下。',
    busy: '服务器资源不足，未能完成回答。',
    failed: '回答失败。',
    trace: (id: string) => `追踪 ${id}`,
  },
});

export interface TurnViewProps {
  turn: Turn;
  /** Makes it; null when it is over and not followed. */
  run: LiveRun | null;
  /** The same functions at every drawing. */
  onAnswerNow: () => void;
  onDecide: (callId: string, decision: Approval['decision']) => void;
}

export function TurnView({ turn, run, onAnswerNow, onDecide }: TurnViewProps) {
  const seen = useRef(new WeakMap<Block, number>()).current;
  // Turns change in place: the number tells this view and those below that there is more to draw.
  const version = run?.version.value ?? 0;
  const isLive = run !== null && turn.status === 'running';
  return (
    <>
      {turn.rounds.flatMap((round) =>
        round.blocks.map((block) => {
          if (!seen.has(block)) seen.set(block, begunAt(block, turn, run));
          return (
            <BlockView
              key={block.key}
              block={block}
              version={block.version}
              startedAt={seen.get(block)!}
              onAnswerNow={isLive ? onAnswerNow : undefined}
              onDecide={isLive ? onDecide : undefined}
            />
          );
        }),
      )}
      {turn.status === 'running' ? (
        <Waiting turn={turn} version={version} />
      ) : (
        <Ending turn={turn} />
      )}
    </>
  );
}

/**
 * When a block began, on the page's clock: now; but the first one of a run that was found running began
 * with the run.
 */
function begunAt(block: Block, turn: Turn, run: LiveRun | null): number {
  const now = performance.now();
  if (block !== turn.rounds[0]?.blocks[0] || run?.startedAt === undefined) return now;
  return now - Math.max(0, Date.now() - run.startedAt);
}

interface BlockViewProps {
  block: Block;
  version: number;
  startedAt: number;
  onAnswerNow: (() => void) | undefined;
  onDecide: TurnViewProps['onDecide'] | undefined;
}

const BlockView = whenChanged((props: BlockViewProps) => {
  const { block, version, startedAt, onAnswerNow, onDecide } = props;
  if (block.type === 'reasoning') {
    return (
      <ThinkingBlock
        block={block}
        version={version}
        startedAt={startedAt}
        onAnswerNow={block.isOpen ? onAnswerNow : undefined}
      />
    );
  }
  if (block.type === 'tool') {
    return <ToolCard block={block} version={version} onDecide={onDecide} />;
  }
  return <AnswerText text={block.text} version={version} isOpen={block.isOpen} />;
});

/** Something is to be seen before the first block of a request comes. */
function Waiting({ turn }: { turn: Turn; version: number }) {
  const round = turn.rounds.at(-1);
  if (round && round.blocks.length > 0) return null;
  const t = words();
  const queued = round?.queued ?? null;
  return (
    <p class="answer-waiting" role="status">
      {queued === null ? (
        <span class="answer-dots" aria-hidden="true" />
      ) : (
        <Icon node={Hourglass} />
      )}
      {queued === null ? t.reading : t.queued(queued)}
    </p>
  );
}

function Ending({ turn }: { turn: Turn }) {
  const { status, error } = turn;
  const t = words();
  if (status === 'failed') {
    return (
      <Notice kind="bad">
        <p>{error?.message ?? t.failed}</p>
        {error?.trace_id && <p class="small soft mono">{t.trace(error.trace_id)}</p>}
      </Notice>
    );
  }
  if (status === 'stopped') {
    return (
      <p class="answer-stopped">
        <Icon node={OctagonPause} />
        {t.stopped}
      </p>
    );
  }
  const note = noteOf(turn.rounds.at(-1));
  return note === undefined ? null : <Notice kind="warn">{note}</Notice>;
}

/** Ends that are not the model's own. */
function noteOf(round: Round | undefined): string | undefined {
  const t = words();
  const notes = new Map([
    ['length', t.length],
    ['content_filter', t.filtered],
    ['insufficient_system_resource', t.busy],
  ]);
  return notes.get(round?.finishReason ?? '');
}

/** The answer without its thoughts, as the model wrote it. */
export function markdownOf({ rounds }: Turn): string {
  return rounds
    .flatMap(({ blocks }) => blocks)
    .flatMap((block) => (block.type === 'content' ? [wholeText(block.text).trim()] : []))
    .join('\n\n');
}
