// An answer: thoughts, tools and texts in the order in which they happened, what went wrong, what it
// took, and what can be done with it. While it is being made it is drawn once per frame; blocks that
// did not change are not drawn again.

import { Hourglass, OctagonPause, RotateCcw, StepForward } from 'lucide';
import { useRef } from 'preact/hooks';
import { wholeText } from '../../../src/web/growing-text.js';
import type { Block, Round, Turn } from '../../../src/web/turn.js';
import { texts } from '../i18n/language.js';
import { Button, IconButton } from '../ui/button.js';
import { CopyButton } from '../ui/copy-button.js';
import { Notice } from '../ui/feedback.js';
import { Icon } from '../ui/icon.js';
import { BranchSwitch } from './branch-switch.js';
import type { Chat } from './chat.js';
import type { Exchange } from './exchanges.js';
import type { LiveRun } from './live-run.js';
import { AnswerText } from './texts-of-blocks.js';
import { ThinkingBlock } from './thinking-block.js';
import { ToolCard } from './tool-card.js';
import { UsageLine } from './usage-line.js';
import { whenChanged } from './when-changed.js';

const words = texts({
  en: {
    answer: 'Answer',
    reading: 'Reading the prompt…',
    queued: (position: number) =>
      position === 1 ? 'Next in the queue…' : `Number ${position} in the queue…`,
    stopped: 'Stopped',
    length: 'The answer reached the limit of its length.',
    filtered: 'The answer was held back by the content filter.',
    busy: 'The server had no room to finish the answer.',
    rounds: 'The model called tools more often than one answer may.',
    retry: 'Answer again',
    continue: 'Continue',
    continuePrompt: 'Continue.',
    copy: 'Copy as Markdown',
    none: 'The question has no answer yet.',
  },
  zh: {
    answer: '回答',
    reading: '正在读取提示…',
    queued: (position: number) =>
      position === 1 ? '排队中，下一个就是你…' : `排队中，第 ${position} 位…`,
    stopped: '已停止',
    length: '回答达到了长度上限。',
    filtered: '回答被内容过滤拦下。',
    busy: '服务器资源不足，未能完成回答。',
    rounds: '模型调用工具的次数超过了一次回答的上限。',
    retry: '重新回答',
    continue: '继续',
    continuePrompt: '请继续。',
    copy: '复制为 Markdown',
    none: '此提问还没有回答。',
  },
});

export interface AnswerViewProps {
  chat: Chat;
  exchange: Exchange;
  isLast: boolean;
}

export function AnswerView({ chat, exchange, isLast }: AnswerViewProps) {
  const { turn, run, question } = exchange;
  // Turns change in place: the number tells this view and those below that there is more to draw.
  const version = run?.version.value ?? 0;
  const isBusy = chat.run.value !== null || chat.isSending.value;
  const t = words();
  if (!turn) {
    return question === null || isBusy ? null : (
      <section class="answer unanswered" aria-label={t.answer}>
        <span class="soft small">{t.none}</span>
        <Button size="small" icon={RotateCcw} onClick={() => void chat.retry(question.id)}>
          {t.retry}
        </Button>
      </section>
    );
  }
  const isOver = turn.status !== 'running';
  return (
    <section class="answer" aria-label={t.answer} aria-busy={!isOver}>
      <Blocks turn={turn} run={run} chat={chat} />
      {!isOver && <Waiting turn={turn} version={version} />}
      {isOver && <Ending turn={turn} />}
      {isOver && (
        <div class="turn-actions">
          <BranchSwitch
            ids={exchange.answerIds}
            shown={exchange.answerId}
            disabled={isBusy}
            onShow={(id) => void chat.show(id)}
          />
          <CopyButton label={t.copy} text={() => markdownOf(turn)} />
          {question && (
            <IconButton
              icon={RotateCcw}
              label={t.retry}
              size="small"
              disabled={isBusy}
              onClick={() => void chat.retry(question.id)}
            />
          )}
          {isLast && isUnfinished(turn) && (
            <Button
              size="small"
              kind="ghost"
              icon={StepForward}
              disabled={isBusy}
              onClick={() => void chat.ask(t.continuePrompt, [])}
            >
              {t.continue}
            </Button>
          )}
          {turn.usage && <UsageLine turn={turn} usage={turn.usage} />}
        </div>
      )}
    </section>
  );
}

function Blocks({ turn, run, chat }: { turn: Turn; run: LiveRun | null; chat: Chat }) {
  const seen = useRef(new WeakMap<Block, number>()).current;
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
              chat={chat}
              isLive={isLive}
            />
          );
        }),
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
  chat: Chat;
  isLive: boolean;
}

const BlockView = whenChanged(({ block, version, startedAt, chat, isLive }: BlockViewProps) => {
  if (block.type === 'reasoning') {
    const canEnd = isLive && block.isOpen;
    return (
      <ThinkingBlock
        block={block}
        version={version}
        startedAt={startedAt}
        onAnswerNow={canEnd ? chat.answerNow : undefined}
      />
    );
  }
  if (block.type === 'tool') {
    return <ToolCard block={block} version={version} onDecide={isLive ? chat.decide : undefined} />;
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
  const t = words();
  if (turn.status === 'failed') return <Notice kind="bad">{turn.error?.message ?? t.busy}</Notice>;
  if (turn.status === 'stopped') {
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
  const notes: Record<string, string> = {
    length: t.length,
    content_filter: t.filtered,
    insufficient_system_resource: t.busy,
    tool_rounds: t.rounds,
  };
  return notes[round?.finishReason ?? ''];
}

function isUnfinished(turn: Turn): boolean {
  return turn.status === 'stopped' || turn.rounds.at(-1)?.finishReason === 'length';
}

/** The answer without its thoughts, as the model wrote it. */
function markdownOf({ rounds }: Turn): string {
  return rounds
    .flatMap(({ blocks }) => blocks)
    .flatMap((block) => (block.type === 'content' ? [wholeText(block.text).trim()] : []))
    .join('\n\n');
}
