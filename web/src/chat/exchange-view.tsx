// A question and its answer.

import { AnswerView } from './answer-view.js';
import type { Chat } from './chat.js';
import type { Exchange } from './exchanges.js';
import { QuestionView } from './question-view.js';

export interface ExchangeViewProps {
  chat: Chat;
  exchange: Exchange;
  isLast: boolean;
}

export function ExchangeView({ chat, exchange, isLast }: ExchangeViewProps) {
  const { question, questionIds } = exchange;
  return (
    <div class={`exchange ${isLast ? 'last' : ''}`}>
      {question && <QuestionView chat={chat} question={question} questionIds={questionIds} />}
      <AnswerView chat={chat} exchange={exchange} isLast={isLast} />
    </div>
  );
}
