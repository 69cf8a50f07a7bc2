// Writes a reference solution by carrying it out: every call goes through the tools as an agent's
// would, and every value remembers where it came from (a literal of the request, a place in an earlier
// result, or worked out from named steps). Reading is by need: asked for rows of a table, it picks the
// tools that show them and turns every page. Source: agents reference §5, G2.

import type { PlanStep, PlanValue, SolutionPlan } from './task-types.js';
import { callTool } from './tools/call-tool.js';
import { PAGE_PARAM } from './tools/parameters.js';
import type { LoadedEnvironment, Session, ToolResult } from './tools/session.js';
import type { Filter, Json, JsonObject, ToolImpl, ToolSpec } from './world-types.js';

/** The plan cannot be made with the tools of this environment: the candidate is dropped. */
export class PlanError extends Error {
  override name = 'PlanError';
}

/** A value and where an agent would have it from. */
export interface Traced {
  readonly value: Json;
  readonly source: PlanValue;
}

/** A row as far as tools have shown it. */
export interface TracedRow {
  readonly table: string;
  readonly key: Traced;
  readonly fields: Map<string, Traced>;
}

/** A value that the request, the policy or a tool's schema spells out. */
export function literal(value: Json): Traced {
  return { value, source: { literal: value } };
}

/** A value worked out from others. */
export function derived(value: Json, from: readonly Traced[]): Traced {
  const using = new Set<string>();
  for (const { source } of from) {
    if ('from' in source) using.add(source.from);
    if ('using' in source) for (const step of source.using) using.add(step);
  }
  return { value, source: { derived: value, using: [...using] } };
}

type FindImpl = Extract<ToolImpl, { archetype: 'find' }>;
type Conditions = Readonly<Record<string, Traced>>;

/** What reads of an untouched environment show: many plans ask the same. */
const firstReads = new WeakMap<LoadedEnvironment, Map<string, ToolResult>>();

export class PlanRecorder {
  readonly #steps: PlanStep[] = [];
  /** Known answers; undefined as soon as the state may differ from the environment's own. */
  #reads: Map<string, ToolResult> | undefined;
  readonly #agentTools: readonly ToolSpec[];

  constructor(readonly session: Session) {
    const { environment, env, db } = session;
    this.#agentTools = env.tools.filter(({ side }) => side === 'agent');
    if (db.diff().length > 0) return;
    this.#reads = firstReads.get(environment) ?? new Map<string, ToolResult>();
    firstReads.set(environment, this.#reads);
  }

  /** The tools used so far, in order. */
  get steps(): readonly PlanStep[] {
    return this.#steps;
  }

  plan(end: Pick<SolutionPlan, 'submission' | 'message'> = {}): SolutionPlan {
    return { steps: [...this.#steps], ...end };
  }

  /** Runs a tool. @throws PlanError if it fails */
  call(
    tool: string,
    args: Readonly<Record<string, Traced>>,
    side: ToolSpec['side'] = 'agent',
  ): Traced {
    const values = Object.fromEntries(Object.entries(args).map(([name, one]) => [name, one.value]));
    const result = this.#perform(tool, values, side);
    if (!result.ok) throw new PlanError(`${tool}: ${result.code}: ${result.message}`);
    const bind = `r${this.#steps.length + 1}`;
    const sources = Object.entries(args).map(([name, one]) => [name, one.source] as const);
    this.#steps.push({ tool, arguments: Object.fromEntries(sources), bind });
    return { value: result.value, source: { from: bind, path: [] } };
  }

  #perform(tool: string, args: JsonObject, side: ToolSpec['side']): ToolResult {
    const { session } = this;
    const spec = session.environment.tools.get(tool);
    if (spec?.effect === 'write') this.#reads = undefined;
    if (!this.#reads || spec?.effect !== 'read' || spec.side !== side) {
      return callTool(session, tool, args, side);
    }
    const asked = `${tool} ${JSON.stringify(args)}`;
    const known = this.#reads.get(asked);
    if (known && session.calls.length < session.env.limits.maxToolCalls) {
      session.calls.push({ tool, arguments: args, result: known });
      return known;
    }
    const result = callTool(session, tool, args, side);
    if (result.ok) this.#reads.set(asked, result);
    return result;
  }

  /** A part of a result. @throws PlanError if it is not there */
  at(result: Traced, ...path: readonly (string | number)[]): Traced {
    let value: Json = result.value;
    for (const step of path) {
      const inside = value as JsonObject | readonly Json[] | null;
      const next = (inside as Record<string | number, Json> | null)?.[step];
      if (next === undefined) throw new PlanError(`a result has no ${path.join('.')}`);
      value = next;
    }
    const { source } = result;
    if (!('from' in source)) return { value, source: { derived: value, using: [] } };
    return { value, source: { from: source.from, path: [...source.path, ...path] } };
  }

  /**
   * All rows of a table with these values, with at least these columns, in the order of the tool.
   * @throws PlanError if no tool of the agent shows them
   */
  rows(table: string, where: Conditions, columns: readonly string[]): TracedRow[] {
    const listed = this.#list(table, where);
    const matching = listed.filter((row) => {
      this.complete(row, Object.keys(where));
      return Object.entries(where).every(
        ([name, { value }]) => row.fields.get(name)?.value === value,
      );
    });
    for (const row of matching) this.complete(row, columns);
    return matching;
  }

  /** One row by its key. @throws PlanError if no tool shows these columns */
  row(table: string, key: Traced, columns: readonly string[]): TracedRow {
    const row: TracedRow = { table, key, fields: new Map([[this.#keyOf(table), key]]) };
    this.complete(row, columns);
    return row;
  }

  /** Fetches what the row lacks of these columns. @throws PlanError if no tool shows them */
  complete(row: TracedRow, columns: readonly string[]): void {
    for (const column of columns) {
      if (row.fields.has(column)) continue;
      const tool = this.#agentTools.find(({ impl }) => showsOne(impl, row.table, column));
      if (!tool) throw new PlanError(`no tool shows ${row.table}.${column} of one row`);
      const { impl } = tool;
      if (impl.archetype === 'compare') {
        // Its argument is a list: worked out, not copied.
        const list = derived([row.key.value], [row.key]);
        this.#keep(row, this.at(this.call(tool.name, { [impl.param]: list }), 'items', 0));
      } else {
        const { param } = impl as Extract<ToolImpl, { archetype: 'get' }>;
        this.#keep(row, this.call(tool.name, { [param]: row.key }));
      }
    }
  }

  /** The narrowest listing that the conditions allow, all pages. */
  #list(table: string, where: Conditions): TracedRow[] {
    const key = where[this.#keyOf(table)];
    if (key) return [this.row(table, key, [])];
    const options = this.#agentTools.flatMap((tool) => {
      const args = listingArguments(tool.impl, table, where);
      return args === null ? [] : [{ tool, args }];
    });
    const best = options.toSorted(
      (a, b) => Object.keys(b.args).length - Object.keys(a.args).length,
    )[0];
    if (!best) {
      const given = Object.keys(where).join(', ') || 'no condition';
      throw new PlanError(`no tool lists ${table} by ${given}`);
    }
    return this.#pages(table, best.tool, best.args);
  }

  #pages(table: string, tool: ToolSpec, args: Record<string, Traced>): TracedRow[] {
    if (tool.impl.archetype === 'get-by') return [this.#rowOf(table, this.call(tool.name, args))];
    const rows: TracedRow[] = [];
    for (let page = 1; ; page++) {
      const turned = page === 1 ? args : { ...args, [PAGE_PARAM]: derived(page, []) };
      const result = this.call(tool.name, turned);
      const { items, pages = 1 } = result.value as { items: readonly Json[]; pages?: number };
      items.forEach((_, i) => rows.push(this.#rowOf(table, this.at(result, 'items', i))));
      if (page >= pages) return rows;
    }
  }

  #rowOf(table: string, shown: Traced): TracedRow {
    const fields = new Map<string, Traced>();
    for (const name of Object.keys(shown.value as JsonObject))
      fields.set(name, this.at(shown, name));
    const key = fields.get(this.#keyOf(table));
    if (!key) throw new PlanError(`a tool shows ${table} without its key`);
    return { table, key, fields };
  }

  #keep(row: TracedRow, shown: Traced): void {
    for (const name of Object.keys(shown.value as JsonObject)) {
      if (!row.fields.has(name)) row.fields.set(name, this.at(shown, name));
    }
  }

  #keyOf(table: string): string {
    return this.session.db.spec(table).key;
  }
}

function showsOne(impl: ToolImpl, table: string, column: string): boolean {
  switch (impl.archetype) {
    case 'get':
      return impl.table === table && impl.returns.includes(column);
    case 'read-field':
    case 'read-setting':
      return impl.table === table && impl.column === column;
    case 'compare':
      return impl.table === table && impl.columns.includes(column);
    default:
      return false;
  }
}

/** Arguments with which a tool lists rows that include all that meet the conditions; null if it cannot. */
function listingArguments(
  impl: ToolImpl,
  table: string,
  where: Conditions,
): Record<string, Traced> | null {
  switch (impl.archetype) {
    case 'find':
      return impl.table === table ? filterArguments(impl, where) : null;
    case 'children': {
      const parent = impl.table === table ? where[impl.parentColumn] : undefined;
      return parent ? { [impl.param]: parent } : null;
    }
    case 'get-by': {
      const value = impl.table === table ? where[impl.filter.column] : undefined;
      return value ? { [impl.filter.param]: value } : null;
    }
    case 'neighbours': {
      const from = impl.edgeTable === table ? where[impl.from] : undefined;
      return from ? { [impl.param]: from } : null;
    }
    default:
      return null;
  }
}

function filterArguments({ filters }: FindImpl, where: Conditions): Record<string, Traced> | null {
  const args: Record<string, Traced> = {};
  for (const filter of filters) {
    const value = valueFor(filter, where);
    if (value) args[filter.param] = value;
    else if (filter.required) return null;
  }
  return args;
}

function valueFor({ op, column }: Filter, where: Conditions): Traced | undefined {
  return op === 'eq' ? where[column] : undefined;
}
