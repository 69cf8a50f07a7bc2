// The simulated user of a task: a finite automaton. Told to use one of its own tools for something, it
// does and reports; asked for something it knows, it says how that is now; asked unclearly, it asks
// back. No model, so the same words in the same state get the same answer. Source: agents reference §7.2.

import type { Language, UserFact, UserScript } from '../task-types.js';
import type { Session } from '../tools/session.js';
import { carryOut, type UserCall } from './user-orders.js';
import { answersTo } from './user-questions.js';
import { MAX_MESSAGE, plain, thingsIn, type Thing } from './user-words.js';

export interface UserReply {
  readonly message: string;
  /** False = the user had nothing to say to it: nothing was asked, and no tool was named. */
  readonly answers: boolean;
  /** What the user did, for the record of the rollout. */
  readonly calls: readonly UserCall[];
}

const NOTHING: Readonly<Record<Language, string>> = {
  en: 'I have nothing to say to that. Ask me for something in particular.',
  zh: '这个我说不上来，请问得具体一些。',
};

export function answerAsUser(
  session: Session,
  { facts, tools }: UserScript,
  language: Language,
  said: string,
): UserReply {
  const message = said.slice(0, MAX_MESSAGE);
  const nothing: UserReply = { message: NOTHING[language], answers: false, calls: [] };
  // A result in JSON is handed in, not asked.
  if (/^\s*[{[]/.test(message)) return nothing;
  const things = thingsKnown(facts);
  const { calls, lines, rest } = carryOut(message, session, tools, things, language);
  const { named, rest: text } = thingsIn(plain(rest), things);
  // What the user was told to do is done already: no need to say how to ask for it.
  const changers = (fact: UserFact): string[] =>
    lines.length > 0 ? [] : changersOf(fact, session, tools);
  const question = { text, named, isQuestion: /[?？]/.test(rest) };
  const answers =
    lines.length > 0 && named.length === 0
      ? []
      : answersTo(question, facts, session, language, changers);
  const all = [...lines, ...answers];
  return all.length === 0 ? nothing : { message: all.join('\n'), answers: true, calls };
}

function thingsKnown(facts: readonly UserFact[]): Thing[] {
  const things = new Map<string, Thing>();
  for (const { subject, row } of facts) {
    if (subject === undefined) continue;
    const [table, key] = row ? [row.table, row.key] : ['', subject];
    things.set(`${table} ${key}`, { name: subject, table, key });
  }
  return [...things.values()];
}

/** Tools of the user that change what a fact tells. */
function changersOf({ row }: UserFact, session: Session, tools: readonly string[]): string[] {
  if (!row) return [];
  return tools.filter((name) => {
    const tool = session.environment.tools.get(name);
    if (!tool || tool.effect !== 'write') return false;
    const { impl } = tool;
    return (
      'table' in impl && impl.table === row.table && 'column' in impl && impl.column === row.column
    );
  });
}
