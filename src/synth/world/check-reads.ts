// Whether reads say what the tables say: all pages of a listing together are the rows that meet the filter,
// worked out here from the rows alone; counts and extremes agree with them; and no result has more columns
// than the tool declares. Source: agents reference §8.1.

import { byCodeUnit } from '../canonical.js';
import type { Random } from '../random.js';
import { callTool } from '../tools/call-tool.js';
import { PAGE_PARAM } from '../tools/parameters.js';
import { Session, type LoadedEnvironment } from '../tools/session.js';
import type { Filter, JsonObject, Row, ToolImpl, ToolSpec, Value } from '../world-types.js';

type Args = Record<string, Value>;
/** Arguments, and the rows that they ask for. */
interface Asked {
  readonly args: Args;
  readonly rows: readonly Row[];
}

/** What is wrong, in words; empty = nothing was found. */
export function readProblems(loaded: LoadedEnvironment, random: Random): string[] {
  return loaded.env.tools.flatMap((tool) => {
    if (tool.effect !== 'read') return [];
    const session = new Session(loaded);
    return askings(tool.impl, session, random).flatMap((asked) => {
      const problem = answerProblem(tool, asked, session);
      return problem === null ? [] : [`${tool.name} ${problem}`];
    });
  });
}

/** What to ask: the whole table, group by group where one must be named, and rows like one that exists. */
function askings(impl: ToolImpl, session: Session, random: Random): Asked[] {
  switch (impl.archetype) {
    case 'find': {
      const rows = session.db.rows(impl.table);
      return rows.length === 0
        ? []
        : [...wholes(impl, session), likeOne(impl.filters, rows, random)];
    }
    case 'count':
    case 'extreme': {
      const rows = session.db.rows(impl.table);
      return rows.length === 0 ? [] : [likeOne(impl.filters, rows, random)];
    }
    case 'children':
    case 'history': {
      const rows = session.db.rows(impl.table).filter((row) => row[impl.parentColumn] !== null);
      if (rows.length === 0) return [];
      const parent = random.pick(rows)[impl.parentColumn]!;
      const own = rows.filter((row) => row[impl.parentColumn] === parent);
      return [{ args: { [impl.param]: parent }, rows: own }];
    }
    case 'search-text': {
      const rows = session.db.rows(impl.table);
      if (rows.length === 0) return [];
      const textOf = (row: Row): string =>
        impl.textColumns
          .map((name) => row[name] ?? '')
          .join('\n')
          .toLowerCase();
      const word = random.pick(textOf(random.pick(rows)).split(/\s+/).filter(Boolean));
      const own = rows.filter((row) => textOf(row).includes(word));
      return [{ args: { [impl.param]: word }, rows: own }];
    }
    default:
      return [];
  }
}

/** Askings that together are the whole table. */
function wholes(impl: Extract<ToolImpl, { archetype: 'find' }>, session: Session): Asked[] {
  const rows = session.db.rows(impl.table);
  const demanded = impl.filters.find(({ required }) => required);
  if (!demanded) return [{ args: {}, rows }];
  const values = new Set(rows.map((row) => row[demanded.column]!));
  return [...values].map((value) => ({
    args: { [demanded.param]: value },
    rows: rows.filter((row) => row[demanded.column] === value),
  }));
}

/** Filters that a row meets, at its very values, and all rows that meet them. */
function likeOne(filters: readonly Filter[], rows: readonly Row[], random: Random): Asked {
  const one = random.pick(rows);
  const used = filters.filter(
    ({ required, column }) => required || (one[column] !== null && random.chance(50)),
  );
  const args: Args = {};
  for (const { param, column, op } of used) {
    const value = one[column]!;
    args[param] = op === 'contains' ? String(value).slice(0, 3) : value;
  }
  return { args, rows: rows.filter((row) => used.every((filter) => meets(row, filter, args))) };
}

function meets(row: Row, { column, op, param }: Filter, args: Args): boolean {
  const [value, wanted] = [row[column] ?? null, args[param]!];
  if (value === null || wanted === null) return false;
  switch (op) {
    case 'eq':
      return value === wanted;
    case 'ge':
      return value >= wanted;
    case 'le':
      return value <= wanted;
    case 'contains':
      return String(value).toLowerCase().includes(String(wanted).toLowerCase());
  }
}

function answerProblem(tool: ToolSpec, { args, rows }: Asked, session: Session): string | null {
  const { impl } = tool;
  switch (impl.archetype) {
    case 'count': {
      const result = callTool(session, tool.name, args, tool.side);
      const count = result.ok ? (result.value as JsonObject)['count'] : result.code;
      return count === rows.length ? null : `counts ${String(count)} of ${rows.length} rows`;
    }
    case 'extreme': {
      const result = callTool(session, tool.name, args, tool.side);
      const values = rows.map((row) => Number(row[impl.column]));
      const best = impl.order === 'min' ? Math.min(...values) : Math.max(...values);
      const shown = result.ok ? (result.value as JsonObject)[impl.column] : result.code;
      return shown === best ? null : `shows ${String(shown)}; the ${impl.order} is ${best}`;
    }
    default:
      return pagesProblem(tool, args, rows, session);
  }
}

function pagesProblem(
  { name, impl, side }: ToolSpec,
  args: Args,
  rows: readonly Row[],
  session: Session,
): string | null {
  if (!('returns' in impl && 'table' in impl)) return null;
  const { key } = session.db.spec(impl.table);
  const seen: string[] = [];
  for (let page = 1, pages = 1; page <= pages; page++) {
    const result = callTool(session, name, { ...args, [PAGE_PARAM]: page }, side);
    if (!result.ok) return `answers ${result.code} for page ${page} of ${pages}`;
    const shown = result.value as unknown as { items: JsonObject[]; pages: number };
    pages = shown.pages;
    for (const item of shown.items) {
      seen.push(String(item[key]));
      const extra = Object.keys(item).find((column) => !impl.returns.includes(column));
      if (extra !== undefined) return `shows ${extra} unasked`;
    }
  }
  const wanted = rows.map((row) => String(row[key])).toSorted(byCodeUnit);
  const same = seen.toSorted(byCodeUnit).join() === wanted.join();
  return same ? null : `shows ${seen.length} of ${rows.length} rows`;
}
