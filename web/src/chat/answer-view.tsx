// An answer in a conversation: its turn, what can be done with it, and what it took.

import { RotateCcw, StepForward } from 'lucide';
import type { Turn } from '../../../src/web/turn.js';
import { texts } from '../i18n/language.js';
import { Button, IconButton } from '../ui/button.js';
import { CopyButton } from '../ui/copy-button.js';
import { BranchSwitch } from './branch-switch.js';
import type { Chat } from './chat.js';
import type { Exchange } from './exchanges.js';
import { markdownOf, TurnView } from './turn-view.js';
import { UsageLine } from './usage-line.js';

const words = texts({
  en: {
    answer: 'Answer',
    retry: 'Answer again',
    tryAgain: 'Try again',
    continue: 'Continue',
    continuePrompt: 'Continue.',
    copy: 'Copy as Markdown',
    none: 'The question has no answer yet.',
  },
  zh: {
    answer: '回答',
    retry: '重新回答',
    tryAgain: '重试',
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
  const isOver = run === null || run.isDrawnToEnd.value;
  return (
    <section class="answer" aria-label={t.answer} aria-busy={!isOver}>
      <TurnView turn={turn} run={run} onAnswerNow={chat.answerNow} onDecide={chat.decide} />
      {isOver && <AnswerFoot chat={chat} exchange={exchange} turn={turn} isLast={isLast} />}
    </section>
  );
}

function AnswerFoot({ chat, exchange, turn, isLast }: AnswerViewProps & { turn: Turn }) {
  const { question, answerIds, answerId } = exchange;
  const isBusy = chat.run.value !== null || chat.isSending.value;
  const t = words();
  return (
    <div class="turn-actions">
      <BranchSwitch
        ids={answerIds}
        shown={answerId}
        disabled={isBusy}
        onShow={(id) => void chat.show(id)}
      />
      {hasContent(turn) && <CopyButton label={t.copy} text={() => markdownOf(turn)} />}
      {question && turn.status === 'failed' && (
        <Button
          size="small"
          icon={RotateCcw}
          disabled={isBusy}
          onClick={() => void chat.retry(question.id)}
        >
          {t.tryAgain}
        </Button>
      )}
      {question && turn.status !== 'failed' && (
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
      {turn.usage && turn.usage.prompt_tokens > 0 && <UsageLine turn={turn} usage={turn.usage} />}
    </div>
  );
}

function hasContent({ rounds }: Turn): boolean {
  return rounds.some(({ blocks }) => blocks.some(({ type }) => type === 'content'));
}

function isUnfinished(turn: Turn): boolean {
  return turn.status === 'stopped' || turn.rounds.at(-1)?.finishReason === 'length';
}
