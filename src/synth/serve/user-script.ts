// The simulated user of a task: a finite automaton. Asked for something it knows, it says so; told to
// use one of its own tools, it does and reports what it saw. No model, so the same words always get
// the same answer. Source: agents reference §7.2.

import type { Language, UserScript } from '../task-types.js';
import { callTool } from '../tools/call-tool.js';
import type { Session, ToolResult } from '../tools/session.js';
import type { Json, JsonObject, ToolSpec } from '../world-types.js';

export interface UserReply {
  readonly message: string;
  /** False = the user had nothing to say to it: nothing was asked, and no tool was named. */
  readonly answers: boolean;
  /** What the user did, for the record of the rollout. */
  readonly calls: readonly { readonly tool: string; readonly arguments: JsonObject }[];
}

/** Share of a question's words, in percent, that must occur for the question to have been asked. */
const ASKED_PERCENT = 60;
/** Words of a question that say nothing about what is asked. */
const EMPTY_WORDS = new Set(
  'the and for you your are was what which who how can could please tell does did has have with that this when where is it of to in on a an me my i do'.split(
    ' ',
  ),
);
const NOTHING: Readonly<Record<Language, string>> = {
  en: 'I have nothing to say to that. Ask me for something in particular.',
  zh: '这个我说不上来，请问得具体一些。',
};

export function answerAsUser(
  session: Session,
  { facts, tools }: UserScript,
  language: Language,
  message: string,
): UserReply {
  const asked = facts.filter(
    ({ ask }) => isAsked(message, ask.en, wordsOf) || isAsked(message, ask.zh, pairsOf),
  );
  const calls: { tool: string; arguments: JsonObject }[] = [];
  const reports: string[] = [];
  for (const name of tools.filter((one) => names(message, one))) {
    const tool = session.environment.tools.get(name);
    // Recorded calls are memory, as with the agent's.
    if (!tool || session.calls.length >= session.env.limits.maxToolCalls) continue;
    const args = argumentsIn(message, tool, session);
    calls.push({ tool: name, arguments: args });
    reports.push(report(name, callTool(session, name, args, 'user')));
  }
  const lines = [...asked.map(({ answer }) => answer), ...reports];
  const answers = lines.length > 0;
  return { message: answers ? lines.join('\n') : NOTHING[language], answers, calls };
}

function report(name: string, result: ToolResult): string {
  return result.ok
    ? `${name}: ${JSON.stringify(result.value)}`
    : `${name}: ${result.code}: ${result.message}`;
}

function isAsked(message: string, ask: string, split: (text: string) => Set<string>): boolean {
  const wanted = split(ask);
  if (wanted.size === 0) return false;
  const given = split(message);
  const found = [...wanted].filter((word) => given.has(word)).length;
  return found * 100 >= wanted.size * ASKED_PERCENT;
}

function wordsOf(text: string): Set<string> {
  const words = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return new Set(words.filter((word) => !EMPTY_WORDS.has(word)));
}

/** Chinese has no spaces: neighbouring characters stand for words. */
function pairsOf(text: string): Set<string> {
  const pairs = new Set<string>();
  for (const [run] of text.matchAll(/\p{Script=Han}+/gu)) {
    for (let i = 0; i + 1 < run.length; i++) pairs.add(run.slice(i, i + 2));
  }
  return pairs;
}

function names(message: string, tool: string): boolean {
  const at = message.indexOf(tool);
  if (at === -1) return false;
  const isWordPart = (text: string | undefined): boolean => /^\w$/.test(text ?? '');
  return !isWordPart(message[at - 1]) && !isWordPart(message[at + tool.length]);
}

/** A JSON object behind the tool's name, or what the message has that fits: ids of rows, enum values. */
function argumentsIn(message: string, tool: ToolSpec, session: Session): JsonObject {
  const behind = message.slice(message.indexOf(tool.name) + tool.name.length);
  const [written] = /^[\s:(]*(\{[^{}]*\})/.exec(behind)?.slice(1) ?? [];
  if (written !== undefined) {
    try {
      return JSON.parse(written) as JsonObject;
    } catch {
      // Not JSON after all: what fits is looked for below.
    }
  }
  const words = message.match(/[\p{L}\p{N}_-]+/gu) ?? [];
  const properties = tool.parameters['properties'] as Readonly<Record<string, JsonObject>>;
  const args: Record<string, Json> = {};
  for (const [name, schema] of Object.entries(properties)) {
    const value = valueIn(words, name, schema, tool, session);
    if (value !== undefined) args[name] = value;
  }
  return args;
}

function valueIn(
  words: readonly string[],
  name: string,
  schema: JsonObject,
  { impl }: ToolSpec,
  session: Session,
): Json | undefined {
  const { enum: allowed, type } = schema as { enum?: readonly string[]; type?: string };
  if (allowed) return words.find((word) => allowed.includes(word));
  if (type === 'boolean') {
    const word = words.find((one) => one === 'true' || one === 'false');
    return word === undefined ? undefined : word === 'true';
  }
  if (type === 'integer') {
    const word = words.find((one) => /^-?\d{1,15}$/.test(one));
    return word === undefined ? undefined : Number(word);
  }
  if ('param' in impl && impl.param === name && 'table' in impl) {
    const { table } = impl;
    return words.find((word) => session.db.get(table, word) !== undefined);
  }
  return undefined;
}
