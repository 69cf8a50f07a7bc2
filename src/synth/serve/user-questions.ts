// What the simulated user says to a question: about the things that are named and nothing else, each
// answer with the name of its thing, as the session stands now. Where it is not clear what is meant, the
// user asks back. Source: agents reference §7.2.

import type { Language, UserFact } from '../task-types.js';
import type { Session } from '../tools/session.js';
import { tokensIn, tokensOf, type Thing } from './user-words.js';

export interface Question {
  /** Plain, without the names of things and of tools. */
  readonly text: string;
  readonly named: readonly Thing[];
  readonly isQuestion: boolean;
}

/** Share of a topic's words, in percent, that must occur for it to be spoken of. */
const ASKED_PERCENT = 60;
const CHANGES =
  /\b(change|switch|turn|toggle|disable|enable|adjust)\b|更改|修改|改|切换|打开|关闭|关掉|调/;
const READS =
  /\b(what|which|reads?|shows?|tell|see|state|status|value)\b|什么|多少|告诉|显示|看到|读数/;

const WORDS = {
  en: {
    says: ({ name }: Thing, topic: string, value: string) => `${name}, ${topic}: ${value}`,
    whose: (topic: string) => `Which one do you mean? Ask for the ${topic} of each by its name.`,
    whichTopic: (topics: string) => `Say which you mean: ${topics}`,
    whatOf: (name: string, topics: string) => `What about ${name}? I can look at: ${topics}.`,
    runs: (tools: string) => `Say which tool I should run and for which one, by name: ${tools}.`,
  },
  zh: {
    says: ({ name }: Thing, topic: string, value: string) => `${name}的${topic}：${value}`,
    whose: (topic: string) => `您指的是哪一个？请按名称逐个询问其${topic}。`,
    whichTopic: (topics: string) => `请说明您指的是哪一项：${topics}`,
    whatOf: (name: string, topics: string) => `您想知道${name}的什么？我能看到：${topics}。`,
    runs: (tools: string) => `请说明要我对哪一个运行哪个工具（写出名称）：${tools}。`,
  },
} satisfies Record<Language, unknown>;

interface Heard {
  readonly fact: UserFact;
  readonly tokens: ReadonlySet<string>;
  readonly percent: number;
}

/** Lines to say; none where nothing is asked. `changers` are the user's tools that change a column. */
export function answersTo(
  question: Question,
  facts: readonly UserFact[],
  session: Session,
  language: Language,
  changers: (fact: UserFact) => readonly string[],
): string[] {
  const plainOnes = facts.filter(({ topic }) => topic === undefined);
  const said = aboutTopics(
    question,
    facts.filter(({ topic }) => topic !== undefined),
    session,
    language,
    changers,
  );
  return said.length > 0 ? said : aboutPlain(question, plainOnes, language);
}

function aboutTopics(
  { text, named, isQuestion }: Question,
  facts: readonly UserFact[],
  session: Session,
  language: Language,
  changers: (fact: UserFact) => readonly string[],
): string[] {
  const words = WORDS[language];
  const label = ({ topic }: UserFact): string => topic![language];
  const topics = best(facts.map((fact) => heard(text, fact)));
  if (topics.length === 0) {
    const own = facts.filter((fact) => named.some((thing) => isAbout(fact, thing)));
    if (!isQuestion || own.length === 0) return [];
    return [words.whatOf(named.map(({ name }) => name).join(', '), listed(own.map(label)))];
  }
  const labels = listed(topics.map(({ fact }) => label(fact)));
  const isWhole = topics.every(({ percent }) => percent === 100);
  if (!isWhole && new Set(topics.map(({ fact }) => label(fact))).size > 1) {
    return [words.whichTopic(labels)];
  }
  const about = topics.map(({ fact }) => fact);
  const lines: string[] = [];
  const wantsChange = CHANGES.test(text);
  if (wantsChange) {
    lines.push(...about.filter(({ row }) => !row).map(({ answer }) => answer));
    const tools = [...new Set(about.flatMap(changers))];
    if (tools.length > 0 && !READS.test(text)) lines.push(words.runs(tools.join(', ')));
    if (lines.length > 0 && !READS.test(text)) return lines;
  }
  const readings = about.filter(({ subject }) => subject !== undefined);
  const own = readings.filter((fact) => named.some((thing) => isAbout(fact, thing)));
  for (const fact of own) {
    const thing = named.find((one) => isAbout(fact, one))!;
    lines.push(words.says(thing, label(fact), presentAnswer(fact, session)));
  }
  if (own.length === 0 && readings.length > 0) lines.push(words.whose(labels));
  return lines;
}

/** Facts without a topic are known by the words of their question alone. */
function aboutPlain({ text, named }: Question, facts: readonly UserFact[], language: Language) {
  const whole = [text, ...named.map(({ name }) => name.toLowerCase())].join(' ');
  const found = best(
    facts.map((fact) => {
      const each = [fact.ask.en, fact.ask.zh].map((ask) => share(whole, ask, fact));
      return each[0]!.percent >= each[1]!.percent ? each[0]! : each[1]!;
    }),
    1,
  );
  const answers = [...new Set(found.map(({ fact }) => fact.answer))];
  if (answers.length <= 1) return answers;
  return [WORDS[language].whichTopic(listed(found.map(({ fact }) => fact.ask[language])))];
}

function heard(text: string, fact: UserFact): Heard {
  const { topic, row } = fact;
  const ways = [topic!.en, topic!.zh, ...(row ? [row.column] : [])];
  return ways
    .map((way) => share(text, way.replaceAll('_', ' '), fact))
    .reduce((a, b) => (b.percent > a.percent ? b : a));
}

function share(text: string, wanted: string, fact: UserFact): Heard {
  const all = tokensOf(wanted);
  const tokens = tokensIn(text, all);
  return { fact, tokens, percent: all.size === 0 ? 0 : Math.floor((tokens.size * 100) / all.size) };
}

/** What is asked: everything that is named in full, or else what is named best; at most one if `most` is 1. */
function best(all: readonly Heard[], most = Infinity): Heard[] {
  const asked = all.filter(({ percent }) => percent >= ASKED_PERCENT);
  const top = Math.max(0, ...asked.map(({ percent }) => percent));
  const first = asked.filter(({ percent }) => percent === top);
  const longest = Math.max(0, ...first.map(({ tokens }) => tokens.size));
  return first.filter(({ tokens }) =>
    most === 1
      ? tokens.size === longest
      : // "Network mode" is not also a question about the mode.
        !first.some((other) => isPartOf(tokens, other.tokens)),
  );
}

function isPartOf(some: ReadonlySet<string>, all: ReadonlySet<string>): boolean {
  return some.size < all.size && [...some].every((token) => all.has(token));
}

function isAbout({ subject, row }: UserFact, { name, table, key }: Thing): boolean {
  return row ? row.table === table && row.key === key : subject === name;
}

/** As it is now, where it is a column of a row. */
function presentAnswer({ answer, row }: UserFact, { db }: Session): string {
  const now = row ? db.get(row.table, row.key) : undefined;
  return now && row ? String(now[row.column] ?? null) : answer;
}

function listed(names: readonly string[]): string {
  return [...new Set(names)].join(', ');
}
