// Orders to the simulated user to run one of its own tools. A tool is run only when the message asks for
// it and says for which thing, by name or key or as JSON arguments; what is missing or could be meant in
// more than one way is asked back. Source: agents reference §7.2.

import type { Language } from '../task-types.js';
import { callTool } from '../tools/call-tool.js';
import { checkArguments } from '../tools/parameters.js';
import type { Session, ToolResult } from '../tools/session.js';
import type { Json, JsonObject, ToolSpec } from '../world-types.js';
import { clausesOf, plain, thingsIn, type Thing } from './user-words.js';

export interface UserCall {
  readonly tool: string;
  readonly arguments: JsonObject;
}

export interface Carried {
  readonly calls: readonly UserCall[];
  readonly lines: readonly string[];
  /** The message without the orders. */
  readonly rest: string;
}

const ORDER =
  /\b(run|rerun|use|call|execute|perform|invoke|apply|try|please|now|then|again)\b|请|运行|执行|使用|调用|用|再/i;
const NO_ORDER =
  /\b(did|not|never|without|ran|what does|what is)\b|n['’]t\b|不要|不用|勿|别|是否|什么意思|没有/i;
/** What stands between a tool's name and its arguments as JSON. */
const BEFORE_JSON = /^[\s:：(（`"'“”]{0,8}(?:with|for|arguments|参数)?[\s:：]{0,8}(\{[^{}]*\})/;

const WORDS = {
  en: {
    needs: (tool: string, problem: string) =>
      `I have not run ${tool}: ${problem}. Say for which one, by its name.`,
    shall: (tool: string) => `Shall I run ${tool}? Then say: run ${tool} for ..., with the name.`,
    pairs: (tools: string) => `Which of ${tools} for which one? Tell me one at a time.`,
    cannot: (tool: string) => `I cannot run ${tool} here.`,
  },
  zh: {
    needs: (tool: string, problem: string) => `没有运行 ${tool}：${problem}。请写明名称。`,
    shall: (tool: string) => `要我运行 ${tool} 吗？请说：请对某某运行 ${tool}，并写明名称。`,
    pairs: (tools: string) => `${tools} 分别用于哪一个？请逐个告诉我。`,
    cannot: (tool: string) => `我在这里不能运行 ${tool}。`,
  },
} satisfies Record<Language, unknown>;

/** Carries out what `message` asks for with the tools named `allowed`. */
export function carryOut(
  message: string,
  session: Session,
  allowed: readonly string[],
  things: readonly Thing[],
  language: Language,
): Carried {
  const words = WORDS[language];
  const own = [...session.environment.tools.values()].filter(({ side }) => side === 'user');
  const tools = own.filter(({ name }) => allowed.includes(name));
  const calls: UserCall[] = [];
  const lines: string[] = [];
  const run = (tool: ToolSpec, args: JsonObject, label?: string): void => {
    // Recorded calls are memory, as with the agent's.
    if (session.calls.length >= session.env.limits.maxToolCalls) return;
    const problem = checkArguments(tool.parameters, args);
    if (problem !== null) {
      lines.push(words.needs(tool.name, problem));
      return;
    }
    calls.push({ tool: tool.name, arguments: args });
    lines.push(report(tool.name, label, callTool(session, tool.name, args, 'user')));
  };

  let rest = message;
  for (const tool of tools) {
    for (let at = find(rest, tool.name); at !== -1; at = find(rest, tool.name, at + 1)) {
      const [before, behind] = [rest.slice(0, at), rest.slice(at + tool.name.length)];
      const [matched, json] = BEFORE_JSON.exec(behind) ?? [];
      const args = json === undefined ? undefined : parsed(json);
      if (matched === undefined || !args) continue;
      if (NO_ORDER.test(clausesOf(before).at(-1) ?? '')) continue;
      const [resolved, label] = withKeys(tool, args, things);
      run(tool, resolved, label);
      rest = `${before} ${behind.slice(matched.length)}`;
    }
  }
  const wholly = thingsOf(rest, things, session, tools);
  for (const clause of clausesOf(rest)) {
    for (const { name } of own) {
      if (!allowed.includes(name) && find(clause, name) !== -1) lines.push(words.cannot(name));
    }
    const named = tools.filter(({ name }) => find(clause, name) !== -1);
    if (named.length === 0) continue;
    const list = named.map(({ name }) => name).join(', ');
    const here = thingsOf(clause, things, session, tools);
    const about = here.length > 0 ? here : wholly.length === 1 ? wholly : [];
    if (NO_ORDER.test(clause) || !isOrder(clause, named)) lines.push(words.shall(list));
    else if (named.length > 1 && about.length > 1) lines.push(words.pairs(list));
    else {
      const { rest: left } = thingsIn(plain(clause), here);
      for (const tool of named) {
        const { impl } = tool;
        const fitting = about.filter(({ table }) => 'table' in impl && impl.table === table);
        const others = valuesIn(left, tool);
        if (fitting.length === 0) run(tool, others);
        for (const { name, key } of fitting) {
          run(tool, 'param' in impl ? { [impl.param]: key, ...others } : others, name);
        }
      }
    }
  }
  return { calls, lines, rest: withoutNames(rest, own) };
}

function report(tool: string, label: string | undefined, result: ToolResult): string {
  const head = label === undefined ? tool : `${tool} (${label})`;
  return result.ok
    ? `${head}: ${JSON.stringify(result.value)}`
    : `${head}: ${result.code}: ${result.message}`;
}

function withoutNames(text: string, tools: readonly ToolSpec[]): string {
  return tools
    .map(({ name }) => name)
    .toSorted((a, b) => b.length - a.length)
    .reduce((left, name) => left.replaceAll(name, ' '), text);
}

/** With a verb, or the tool's name with its arguments right behind it. */
function isOrder(clause: string, named: readonly ToolSpec[]): boolean {
  return (
    ORDER.test(clause) ||
    named.some(({ name }) =>
      /^[`"'”]?\s*[:：(（]/.test(clause.slice(find(clause, name) + name.length)),
    )
  );
}

/** Known things, and rows that are named by their keys. */
function thingsOf(
  text: string,
  things: readonly Thing[],
  { db }: Session,
  tools: readonly ToolSpec[],
): Thing[] {
  const { named, rest } = thingsIn(plain(text), things);
  const tables = new Set(tools.flatMap(({ impl }) => ('table' in impl ? [impl.table] : [])));
  const keys = new Set(rest.match(/[\p{L}\p{N}_-]+/gu));
  const others = [...tables].flatMap((table) =>
    [...keys].flatMap((key) => (db.get(table, key) ? [{ name: key, table, key }] : [])),
  );
  return [...named, ...others];
}

/** Where a name is given for a key, the key. */
function withKeys(
  { impl }: ToolSpec,
  args: JsonObject,
  things: readonly Thing[],
): [JsonObject, string | undefined] {
  if (!('param' in impl) || !('table' in impl)) return [args, undefined];
  const { param, table } = impl;
  const given = Object.hasOwn(args, param) ? args[param] : undefined;
  if (typeof given !== 'string') return [args, undefined];
  const thing = things.find(
    (one) => one.table === table && (one.key === given || plain(one.name) === plain(given)),
  );
  return thing ? [{ ...args, [param]: thing.key }, thing.name] : [args, given];
}

/** Values in the words that fit the arguments: of an enum, true or false, whole numbers. */
function valuesIn(text: string, { parameters }: ToolSpec): JsonObject {
  const words = text.match(/[\p{L}\p{N}_-]+/gu) ?? [];
  const properties = parameters['properties'] as Readonly<Record<string, JsonObject>>;
  const values: Record<string, Json> = {};
  for (const [name, schema] of Object.entries(properties)) {
    const { enum: allowed, type } = schema as { enum?: readonly string[]; type?: string };
    const fits = (word: string): boolean =>
      allowed
        ? allowed.some((one) => one.toLowerCase() === word)
        : type === 'boolean'
          ? word === 'true' || word === 'false'
          : type === 'integer' && /^-?\d{1,15}$/.test(word);
    const word = words.find(fits);
    if (word === undefined) continue;
    if (allowed) values[name] = allowed.find((one) => one.toLowerCase() === word)!;
    else values[name] = type === 'boolean' ? word === 'true' : Number(word);
  }
  return values;
}

function parsed(text: string): JsonObject | undefined {
  try {
    return JSON.parse(text) as JsonObject;
  } catch {
    return undefined;
  }
}

/** Where a tool is named as a word of its own; -1 = nowhere. */
function find(message: string, tool: string, from = 0): number {
  const isWordPart = (text: string | undefined): boolean => /^\w$/.test(text ?? '');
  for (let at = message.indexOf(tool, from); at !== -1; at = message.indexOf(tool, at + 1)) {
    if (!isWordPart(message[at - 1]) && !isWordPart(message[at + tool.length])) return at;
  }
  return -1;
}
