// An agent with few calls and no idea: best-first search over tool calls. It knows the request's values and
// the forms of the tools, learns ids and texts from results, and each time makes the call that uses most of
// what the request says and least of what was tried. It cannot tell when it is done: what it has left and
// seen when the calls are used up is what it has. Source: agents reference §6.6 (A5).

import { leavesOf } from '../replay.js';
import { callTool } from '../tools/call-tool.js';
import { PAGE_PARAM } from '../tools/parameters.js';
import type { LoadedEnvironment, Session } from '../tools/session.js';
import type { Json, JsonObject, ToolSpec } from '../world-types.js';
import { keysOf, tableNamedIn } from './plan-variants.js';

/** Of one argument, tried with one another. */
const MAX_CHOICES = 3;
const MAX_CALLS_PER_TOOL = 9;

interface Choice {
  readonly value: Json;
  readonly isOfRequest: boolean;
}

interface Call {
  readonly tool: ToolSpec;
  readonly args: Readonly<Record<string, Json>>;
  /** Higher is better. */
  readonly score: number;
}

/** Makes the calls. @returns everything that was seen */
export function searchWithBudget(
  session: Session,
  request: readonly Json[],
  calls: number,
): Json[] {
  const search = new BudgetedSearch(session, request);
  for (let i = 0; i < calls && search.step(); i++);
  return search.seen;
}

class BudgetedSearch {
  readonly #tools: readonly ToolSpec[];
  readonly #tables: ReadonlyMap<string, string>;
  /** By table, the newest first. */
  readonly #ids = new Map<string, string[]>();
  readonly #leaves = new Set<string>();
  readonly #made = new Set<string>();
  readonly #uses = new Map<string, number>();

  constructor(
    readonly session: Session,
    readonly request: readonly Json[],
  ) {
    this.#tools = session.env.tools.filter(({ side }) => side === 'agent');
    this.#tables = tableOfKeys(session.environment);
  }

  get seen(): Json[] {
    return [...this.#leaves].map((leaf) => JSON.parse(leaf) as Json);
  }

  /** One call, the best that was not made yet; false = there is none. */
  step(): boolean {
    let best: Call | undefined;
    for (const tool of this.#tools) {
      for (const call of this.#callsOf(tool)) {
        if (best && call.score <= best.score) continue;
        if (!this.#made.has(spelled(call))) best = call;
      }
    }
    if (!best) return false;
    const { tool, args } = best;
    this.#made.add(spelled(best));
    this.#uses.set(tool.name, (this.#uses.get(tool.name) ?? 0) + 1);
    const result = callTool(this.session, tool.name, args);
    if (!result.ok) return true;
    for (const leaf of leavesOf(result.value)) {
      this.#leaves.add(leaf);
      const value = JSON.parse(leaf) as Json;
      const table = typeof value === 'string' ? this.#tables.get(value) : undefined;
      if (table !== undefined) this.#learn(table, value as string);
    }
    return true;
  }

  #learn(table: string, key: string): void {
    const known = this.#ids.get(table) ?? [];
    if (!known.includes(key)) this.#ids.set(table, [key, ...known]);
  }

  #callsOf(tool: ToolSpec): Call[] {
    const properties = tool.parameters['properties'] as Readonly<Record<string, JsonObject>>;
    const required = tool.parameters['required'] as readonly string[];
    const used = this.#uses.get(tool.name) ?? 0;
    const base = (tool.effect === 'read' ? 3 : 0) - 2 * used;
    let calls: Call[] = [{ tool, args: {}, score: base }];
    for (const [name, schema] of Object.entries(properties)) {
      if (name === PAGE_PARAM) continue;
      const all = this.#choices(schema);
      const choices = required.includes(name) ? all : all.filter((one) => one.isOfRequest);
      if (choices.length === 0) {
        if (required.includes(name)) return [];
        continue;
      }
      calls = calls
        .flatMap(({ args, score }) =>
          choices.map(({ value, isOfRequest }): Call => {
            return { tool, args: { ...args, [name]: value }, score: score + (isOfRequest ? 4 : 1) };
          }),
        )
        .slice(0, MAX_CALLS_PER_TOOL);
    }
    return calls;
  }

  /** What could stand for an argument, the likeliest first. */
  #choices(schema: JsonObject): Choice[] {
    const table = tableNamedIn(schema);
    if (table !== undefined) {
      const ids = (this.#ids.get(table) ?? []).slice(0, MAX_CHOICES);
      if (schema['type'] !== 'array') return ids.map((value) => ({ value, isOfRequest: false }));
      return ids.length === 0 ? [] : [{ value: ids, isOfRequest: false }];
    }
    const said = (fits: (value: Json) => boolean): Choice[] =>
      this.request
        .filter(fits)
        .slice(0, MAX_CHOICES)
        .map((value) => ({ value, isOfRequest: true }));
    switch (schema['type']) {
      case 'boolean':
        return [true, false].map((value) => ({ value, isOfRequest: false }));
      case 'integer':
        return said((value) => typeof value === 'number');
      case 'string': {
        const { enum: allowed, pattern } = schema as { enum?: readonly string[]; pattern?: string };
        if (pattern !== undefined) {
          const form = new RegExp(pattern);
          return said((value) => typeof value === 'string' && form.test(value));
        }
        if (!allowed) return said((value) => typeof value === 'string');
        const named = said((value) => allowed.includes(value as string));
        return named.length > 0 ? named : [{ value: allowed[0]!, isOfRequest: false }];
      }
      default:
        return [];
    }
  }
}

const spelled = ({ tool, args }: Call): string => `${tool.name} ${JSON.stringify(args)}`;

const tables = new WeakMap<LoadedEnvironment, ReadonlyMap<string, string>>();

function tableOfKeys(loaded: LoadedEnvironment): ReadonlyMap<string, string> {
  let found = tables.get(loaded);
  if (!found) {
    const pairs = [...keysOf(loaded)].flatMap(([table, keys]) =>
      keys.map((key) => [key, table] as const),
    );
    tables.set(loaded, (found = new Map(pairs)));
  }
  return found;
}
