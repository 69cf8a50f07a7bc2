// Reads what a family needs through the tools, whatever tools the environment has: a table at once where
// a tool lists it, else by the values of an enum, else by the rows that it refers to. Every row is read
// once; what was read is kept, so that an answer can name the calls it rests on.

import { canonicalJson } from '../canonical.js';
import type { PlanRecorder, Traced, TracedRow } from '../plan-recorder.js';
import { derived, literal, PlanError } from '../plan-recorder.js';
import type { SolutionPlan } from '../task-types.js';
import type { Json, TableSpec } from '../world-types.js';

/** Listings within listings that are tried. */
const MAX_DEPTH = 2;

export class Reading {
  readonly #seen: TracedRow[] = [];
  readonly #byKey = new Map<string, TracedRow>();
  readonly #lists = new Map<string, TracedRow[]>();

  constructor(readonly recorder: PlanRecorder) {}

  /** A value of every call that has shown rows so far, for what is worked out from all of it. */
  get evidence(): Traced[] {
    const byCall = new Map<string, Traced>();
    for (const { fields } of this.#seen) {
      for (const field of fields.values()) {
        const { source } = field;
        if ('from' in source && !byCall.has(source.from)) byCall.set(source.from, field);
      }
    }
    return [...byCall.values()];
  }

  /**
   * Rows of a table with these values, with at least these columns.
   * @throws PlanError if no tools show them
   */
  rows(
    table: string,
    where: Readonly<Record<string, Json>>,
    columns: readonly string[],
  ): TracedRow[] {
    const id = canonicalJson([table, where]);
    let rows = this.#lists.get(id);
    if (!rows) {
      const known = Object.entries(where).map(([name, value]) => [name, literal(value)] as const);
      rows = this.#keep(this.#list(table, Object.fromEntries(known), columns, 0));
      this.#lists.set(id, rows);
    }
    for (const row of rows) this.recorder.complete(row, columns);
    return rows;
  }

  /** Rows whose column has a value that an earlier call showed. @throws PlanError */
  rowsBy(table: string, column: string, value: Traced, columns: readonly string[]): TracedRow[] {
    return this.#keep(this.recorder.rows(table, { [column]: value }, columns));
  }

  /** Rows with values that earlier calls showed, by whatever leads to them. @throws PlanError */
  rowsWhere(
    table: string,
    where: Readonly<Record<string, Traced>>,
    columns: readonly string[],
  ): TracedRow[] {
    const { key } = this.recorder.session.db.spec(table);
    if (where[key] || this.#canList(table, Object.keys(where))) {
      return this.#keep(this.recorder.rows(table, where, columns));
    }
    // Everything is read once; what fits is looked for among it.
    const fitting = this.rows(table, {}, Object.keys(where)).filter(({ fields }) =>
      Object.entries(where).every(([name, { value }]) => fields.get(name)?.value === value),
    );
    for (const row of fitting) this.recorder.complete(row, columns);
    return fitting;
  }

  /** Whether a tool lists the whole table. */
  canList(table: string): boolean {
    return this.#canList(table, []);
  }

  /** One row by a key that an earlier call showed. @throws PlanError */
  row(table: string, key: Traced, columns: readonly string[]): TracedRow {
    const id = `${table} ${String(key.value)}`;
    const known = this.#byKey.get(id);
    if (known) {
      this.recorder.complete(known, columns);
      return known;
    }
    const [row] = this.#keep([this.recorder.row(table, key, columns)]);
    return row!;
  }

  /** A column of a row, fetched if no call has shown it yet. @throws PlanError */
  field(row: TracedRow, column: string): Traced {
    this.recorder.complete(row, [column]);
    return row.fields.get(column)!;
  }

  #keep(rows: readonly TracedRow[]): TracedRow[] {
    return rows.map((row) => {
      const id = `${row.table} ${String(row.key.value)}`;
      const known = this.#byKey.get(id);
      if (known) {
        for (const [name, field] of row.fields) {
          if (!known.fields.has(name)) known.fields.set(name, field);
        }
        return known;
      }
      this.#byKey.set(id, row);
      this.#seen.push(row);
      return row;
    });
  }

  #list(
    table: string,
    where: Readonly<Record<string, Traced>>,
    columns: readonly string[],
    depth: number,
  ): TracedRow[] {
    if (this.#canList(table, Object.keys(where))) return this.recorder.rows(table, where, columns);
    const spec = this.recorder.session.db.spec(table);
    for (const column of spec.columns) {
      if (column.type !== 'enum' || where[column.name]) continue;
      if (!this.#canList(table, [...Object.keys(where), column.name])) continue;
      return (column.values ?? []).flatMap((value) =>
        this.recorder.rows(table, { ...where, [column.name]: literal(value) }, columns),
      );
    }
    const parents = depth < MAX_DEPTH ? this.#parentListing(spec) : undefined;
    if (!parents) throw new PlanError(`no tools list ${table}`);
    const rows = this.#list(parents.table, {}, [], depth + 1);
    this.#keep(rows);
    return rows.flatMap(({ key }) =>
      this.recorder.rows(table, { ...where, [parents.column]: key }, columns),
    );
  }

  #parentListing(spec: TableSpec): { table: string; column: string } | undefined {
    const column = spec.columns.find(
      ({ references, name }) =>
        references !== undefined && references !== spec.name && this.#canList(spec.name, [name]),
    );
    return column && { table: column.references!, column: column.name };
  }

  /** Whether some tool lists the table when these columns are known. */
  #canList(table: string, known: readonly string[]): boolean {
    return this.recorder.session.env.tools.some(({ impl, side }) => {
      if (side !== 'agent') return false;
      switch (impl.archetype) {
        case 'find':
          return (
            impl.table === table &&
            impl.filters.every(
              ({ required, op, column }) => !required || (op === 'eq' && known.includes(column)),
            )
          );
        case 'children':
          return impl.table === table && known.includes(impl.parentColumn);
        case 'get-by':
          return impl.table === table && known.includes(impl.filter.column);
        case 'neighbours':
          return impl.edgeTable === table && known.includes(impl.from);
        default:
          return false;
      }
    });
  }
}

/** Ends a plan with its submission: by the tool that is there for it, or as the plan's own. */
export function submitted(
  recorder: PlanRecorder,
  answer: Json,
  evidence: readonly Traced[],
): SolutionPlan {
  const tool = recorder.session.env.tools.find(({ impl }) => impl.archetype === 'submit');
  if (tool?.impl.archetype !== 'submit') return recorder.plan({ submission: answer });
  recorder.call(tool.name, { [tool.impl.schemaParam]: derived(answer, evidence) });
  return recorder.plan();
}

/** A plan that only hands something in. */
export function onlySubmits(answer: Json): SolutionPlan {
  return { steps: [], submission: answer };
}
