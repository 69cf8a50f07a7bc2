// Finds through the tools what a plan needs: rows by their names, the facts that rules ask about, free
// times. Whatever was shown is remembered by its value, so that calls take their keys from where they
// were seen. Source: agents reference §5, G2.

import {
  derived,
  literal,
  PlanError,
  type PlanRecorder,
  type Traced,
  type TracedRow,
} from '../../plan-recorder.js';
import { PAGE_PARAM } from '../../tools/parameters.js';
import type { Environment, Expr, Json, JsonObject, Row, ToolSpec } from '../../world-types.js';
import { Reading } from '../reading.js';
import { argumentName, partsOf } from './expr-parts.js';
import { implOf, nameColumn, type Call } from './operation.js';

type Sources = Readonly<Record<string, Traced>>;

export class Reader {
  readonly #rows = new Map<string, TracedRow>();
  readonly #keys = new Map<string, Traced>();
  readonly #seen: Traced[] = [];
  readonly #reading: Reading;

  constructor(readonly recorder: PlanRecorder) {
    this.#reading = new Reading(recorder);
  }

  get env(): Environment {
    return this.recorder.session.env;
  }

  /** What was read, for values worked out from all of it. */
  get evidence(): readonly Traced[] {
    return this.#seen;
  }

  /** The row of this name. @throws PlanError if no tool finds it */
  named(table: string, name: string, columns: readonly string[] = []): TracedRow {
    const column = nameColumn(this.env, table) ?? '';
    const known = [...this.#rows.values()].find(
      (row) => row.table === table && row.fields.get(column)?.value === name,
    );
    const row = known ?? this.#look(table, column, name);
    this.recorder.complete(row, columns);
    return row;
  }

  /** Rows with these values; each is kept. @throws PlanError if no tool lists them */
  list(table: string, where: Sources, columns: readonly string[]): TracedRow[] {
    return this.#reading.rowsWhere(table, where, columns).map((row) => this.#keep(row));
  }

  /** A row by a key that was shown. @throws PlanError if no tool shows these columns */
  row(table: string, key: Traced, columns: readonly string[]): TracedRow {
    const known = this.#rows.get(`${table} ${String(key.value)}`);
    const row = known ?? this.#keep(this.recorder.row(table, key, []));
    this.recorder.complete(row, columns);
    return row;
  }

  /**
   * Reads what the rules of the tool ask about. A rule that the tool enforces need not be readable
   * where the call is allowed: trying does no harm.
   * @throws PlanError if an agent could not know whether the call is allowed
   */
  consult({ tool, args }: Call, allowed: boolean): void {
    const sources = this.#sources(args);
    for (const rule of this.env.rules.filter(({ tools }) => tools.includes(tool))) {
      try {
        this.#facts(rule.allows, sources);
      } catch (error) {
        if (!(error instanceof PlanError) || !rule.enforced || !allowed) throw error;
      }
    }
    const moves = implOf(this.env, tool, 'transition');
    if (moves) this.row(moves.table, sources[moves.param]!, [moves.column]);
  }

  /** Looks whether the resource of a booking is free in the span that the request names. @throws PlanError */
  checkFree({ tool, args }: Call): void {
    if (implOf(this.env, tool, 'book')) this.times(tool, this.#sources(args));
  }

  /** Bookings of the resource in the span that the arguments name. @throws PlanError */
  times(bookTool: string, args: Sources): Traced {
    const book = implOf(this.env, bookTool, 'book')!;
    for (const { name, impl } of this.env.tools) {
      if (impl.archetype !== 'availability' || impl.bookingTable !== book.bookingTable) continue;
      const asked = [impl.resourceColumn, impl.startColumn, impl.endColumn];
      const result = this.recorder.call(
        name,
        Object.fromEntries(asked.map((column) => [column, args[column]!])),
      );
      this.#seen.push(result);
      return result;
    }
    throw new PlanError('no tool shows when a resource is taken');
  }

  /** Makes a call whose keys were shown; other values are the request's, or as given. @throws PlanError */
  run({ tool, args }: Call, known: Sources = {}): Traced {
    const side = this.env.tools.find(({ name }) => name === tool)?.side ?? 'agent';
    return this.recorder.call(tool, { ...this.#sources(args), ...known }, side);
  }

  /** Something shown by a call that rows are not made of. */
  note(shown: Traced): void {
    this.#seen.push(shown);
  }

  #sources(args: Row): Sources {
    const entries = Object.entries(args).map(
      ([name, value]) => [name, this.#keys.get(String(value)) ?? literal(value)] as const,
    );
    return Object.fromEntries(entries);
  }

  #keep(row: TracedRow): TracedRow {
    const id = `${row.table} ${String(row.key.value)}`;
    const known = this.#rows.get(id);
    if (known) {
      for (const [name, field] of row.fields) known.fields.set(name, field);
      return known;
    }
    this.#rows.set(id, row);
    this.#keys.set(String(row.key.value), row.key);
    this.#seen.push(row.key);
    return row;
  }

  #look(table: string, column: string, name: string): TracedRow {
    const lookups = this.env.tools.flatMap((tool) => {
      const found = lookupBy(tool, table, column);
      return found === null ? [] : [{ tool: tool.name, ...found }];
    });
    const [best] = lookups.toSorted((a, b) => a.rank - b.rank);
    const rows = best
      ? this.#pages(table, best.tool, { [best.param]: literal(name) })
      : this.#reading.rowsWhere(table, {}, []);
    // All of them are kept: what a page showed once need not be listed again.
    for (const row of rows.map((one) => this.#keep(one))) {
      this.recorder.complete(row, [column]);
      if (row.fields.get(column)?.value === name) return row;
    }
    throw new PlanError(`no tool finds ${table} ${name}`);
  }

  #pages(table: string, tool: string, args: Sources): TracedRow[] {
    const { key } = this.recorder.session.db.spec(table);
    const rows: TracedRow[] = [];
    for (let page = 1; ; page++) {
      const turned = page === 1 ? args : { ...args, [PAGE_PARAM]: derived(page, []) };
      const result = this.recorder.call(tool, turned);
      const { items, pages = 1 } = result.value as { items?: readonly Json[]; pages?: number };
      const shown = items ? items.map((_, i) => this.recorder.at(result, 'items', i)) : [result];
      for (const one of shown) {
        const names = Object.keys(one.value as JsonObject);
        const fields = new Map(names.map((name) => [name, this.recorder.at(one, name)]));
        const found = fields.get(key);
        if (!found) throw new PlanError(`${tool} shows ${table} without its key`);
        rows.push({ table, key: found, fields });
      }
      if (page >= pages) return rows;
    }
  }

  /** Reads the rows and fields that an expression mentions, where their keys are known. */
  #facts(expr: Expr, args: Sources): void {
    if (expr.op === 'field' && expr.of.op === 'row') {
      this.#cell(expr, args);
      return;
    }
    if (expr.op === 'where' && expr.of.op === 'rows') {
      const where = this.#conditions(expr.check, expr.as, args);
      this.list(expr.of.table, where, columnsOf(expr.check, expr.as));
    }
    for (const part of partsOf(expr)) this.#facts(part, args);
  }

  #cell(expr: Extract<Expr, { op: 'field' }>, args: Sources): Traced | undefined {
    if (expr.of.op !== 'row') return undefined;
    const { table, key } = expr.of;
    const param = argumentName(key);
    const traced =
      param !== null ? args[param] : key.op === 'field' ? this.#cell(key, args) : undefined;
    if (typeof traced?.value !== 'string') return undefined;
    return this.row(table, traced, [expr.name]).fields.get(expr.name);
  }

  #conditions(check: Expr, as: string, args: Sources): Record<string, Traced> {
    const found: Record<string, Traced> = {};
    for (const part of check.op === 'and' ? check.of : [check]) {
      if (part.op !== '=' || part.left.op !== 'field' || part.left.of.op !== 'var') continue;
      const param = argumentName(part.right);
      const value = param === null ? undefined : args[param];
      if (part.left.of.name === as && value) found[part.left.name] = value;
    }
    return found;
  }
}

function columnsOf(expr: Expr, as: string): string[] {
  const own = expr.op === 'field' && expr.of.op === 'var' && expr.of.name === as ? [expr.name] : [];
  return [...new Set([...own, ...partsOf(expr).flatMap((part) => columnsOf(part, as))])];
}

/** How a tool finds rows by a text of theirs; the lowest rank is the most exact. */
function lookupBy(
  { impl, side }: ToolSpec,
  table: string,
  column: string,
): { readonly rank: number; readonly param: string } | null {
  if (side !== 'agent') return null;
  switch (impl.archetype) {
    case 'get-by':
      return impl.table === table && impl.filter.column === column
        ? { rank: 0, param: impl.filter.param }
        : null;
    case 'find': {
      const filter = impl.filters.find(
        (one) => one.column === column && (one.op === 'eq' || one.op === 'contains'),
      );
      const others = impl.filters.some((one) => one !== filter && one.required);
      return impl.table === table && filter && !others
        ? { rank: filter.op === 'eq' ? 1 : 2, param: filter.param }
        : null;
    }
    case 'search-text':
      return impl.table === table && impl.textColumns.includes(column)
        ? { rank: 3, param: impl.param }
        : null;
    default:
      return null;
  }
}
