// The branch as it is shown: each question with its answer, and the run in the place of the answer that
// it is making.

import type { Turn } from '../../../src/web/turn.js';
import { exchangesOf } from '../../../src/web/turn.js';
import type { StoredMessage, StoredUserMessage } from '../../../src/web/wire.js';
import { type MessageTree, siblingsOf } from '../lib/branches.js';
import type { LiveRun } from './live-run.js';

export interface Exchange {
  /** Stable: the question's id. */
  key: string;
  question: StoredUserMessage | null;
  /** The question and those in its place on other branches. */
  questionIds: readonly string[];
  /** First message of the answer; null while there is none. */
  answerId: string | null;
  /** The answers to this question. */
  answerIds: readonly string[];
  /** null = nobody has answered. */
  turn: Turn | null;
  /** Makes the answer now. */
  run: LiveRun | null;
}

export interface ShownBranch {
  tree: MessageTree;
  branch: readonly StoredMessage[];
  run: LiveRun | null;
  /** The question that the run answers. */
  answered: string | null;
  turnOf: (answer: readonly StoredMessage[]) => Turn;
}

export function exchangesToShow(shown: ShownBranch): Exchange[] {
  const { tree, branch, run, answered, turnOf } = shown;
  return exchangesOf(branch).map(({ question, answer }, index) => {
    const isAnswered = run !== null && question?.id === answered;
    // Rows of the run that are stored already are in its events too.
    const rows = isAnswered ? [] : answer;
    const first = rows[0];
    const siblings = first
      ? siblingsOf(tree, first)
      : (tree.children.get(question?.id ?? null) ?? []);
    return {
      key: question?.id ?? `start-${index}`,
      question,
      questionIds: question ? idsOf(siblingsOf(tree, question)) : [],
      answerId: first?.id ?? null,
      answerIds: idsOf(siblings),
      turn: isAnswered ? run.turn : rows.length > 0 ? turnOf(rows) : null,
      run: isAnswered ? run : null,
    };
  });
}

function idsOf(messages: readonly StoredMessage[]): string[] {
  return messages.map(({ id }) => id);
}
