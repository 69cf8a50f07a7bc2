// The solver's world: plain tables, the rules of the policy and what each kind of tool does to rows, all
// on its own path. It never runs a tool and never evaluates a verifier. Counts what it looks at.

import { byCodeUnit, canonicalJson, contentHash } from '../../canonical.js';
import type { RowChange } from '../../task-types.js';
import type { LoadedEnvironment } from '../../tools/session.js';
import type { Environment, Json, Row, ToolImpl, Value } from '../../world-types.js';
import { callFor, nameColumn, type Call, type Lookup, type Operation } from './operation.js';
import { compared, meaningOf, type World } from './rule-reader.js';

type Start = ReadonlyMap<string, ReadonlyMap<string, Row>>;

/** Tables as environments begin: each table is copied only where a patch or a change touches it. */
const starts = new WeakMap<Environment, Start>();

function startOf(env: Environment): Start {
  let start = starts.get(env);
  if (!start) {
    const byKey = env.tables.map(({ name, key }) => {
      const rows = (env.rows[name] ?? []).map((row) => [String(row[key]), row] as const);
      return [name, new Map(rows)] as const;
    });
    starts.set(env, (start = new Map(byKey)));
  }
  return start;
}

export class Simulation implements Lookup, World {
  /** Rows and rules looked at. */
  nodes = 0;
  /** Tables that differ, or once did, from the start. */
  readonly #changed = new Map<string, Map<string, Row>>();
  readonly #start: Start;
  readonly #keys: ReadonlyMap<string, string>;

  constructor(
    readonly loaded: LoadedEnvironment,
    patch: readonly RowChange[],
  ) {
    this.#keys = new Map(loaded.env.tables.map(({ name, key }) => [name, key]));
    const start = new Map(startOf(loaded.env));
    const patched = new Map<string, Map<string, Row>>();
    for (const { table, key, after } of patch) {
      const rows = patched.get(table) ?? new Map(start.get(table)!);
      if (after) rows.set(key, after);
      else rows.delete(key);
      patched.set(table, rows);
    }
    for (const [table, rows] of patched) start.set(table, rows);
    this.#start = start;
  }

  get env(): Environment {
    return this.loaded.env;
  }

  row(table: string, key: string): Row | undefined {
    return this.#table(table)?.get(key);
  }

  #table(name: string): ReadonlyMap<string, Row> | undefined {
    return this.#changed.get(name) ?? this.#start.get(name);
  }

  #put(table: string, key: string, row: Row): void {
    let rows = this.#changed.get(table);
    if (!rows) this.#changed.set(table, (rows = new Map(this.#start.get(table)!)));
    rows.set(key, row);
  }

  rows(table: string): readonly Row[] {
    const found = [...(this.#table(table)?.values() ?? [])];
    this.nodes += found.length;
    return found;
  }

  key(table: string, row: Row): string {
    return String(row[this.#keys.get(table)!]);
  }

  byName(table: string, name: string): string | undefined {
    const column = nameColumn(this.env, table);
    return column === null ? undefined : this.by(table, { [column]: name });
  }

  by(table: string, values: Row): string | undefined {
    const wanted = Object.entries(values);
    const row = this.rows(table).find((one) =>
      wanted.every(([name, value]) => one[name] === value),
    );
    return row && this.key(table, row);
  }

  nameOf(table: string, key: string): string {
    return String(this.row(table, key)?.[nameColumn(this.env, table) ?? '']);
  }

  /** Does what is asked if policy and facts allow it. */
  do(op: Operation): boolean {
    const call = callFor(this.env, op, this);
    return call !== null && this.perform(call);
  }

  /** Carries the call out if policy and facts allow it. */
  perform({ tool, args }: Call): boolean {
    const spec = this.loaded.tools.get(tool);
    if (!spec) return false;
    const bound = { args: args as Json, clock: this.env.clock };
    for (const rule of this.env.rules) {
      this.nodes++;
      if (rule.tools.includes(tool) && meaningOf(rule.allows, this, bound) !== true) return false;
    }
    return this.#apply(spec.impl, args);
  }

  /** What differs from the start, by table and key. */
  changes(): RowChange[] {
    const found: RowChange[] = [];
    for (const name of [...this.#changed.keys()].toSorted(byCodeUnit)) {
      const [start, now] = [this.#start.get(name)!, this.#changed.get(name)!];
      for (const key of [...new Set([...start.keys(), ...now.keys()])].toSorted(byCodeUnit)) {
        const [before, after] = [start.get(key) ?? null, now.get(key) ?? null];
        if (before === after) continue;
        if (before && after && canonicalJson(before) === canonicalJson(after)) continue;
        found.push({ table: name, key, before, after });
      }
    }
    return found;
  }

  set(table: string, key: string, values: Row): boolean {
    const row = this.row(table, key);
    if (!row) return false;
    this.#put(table, key, { ...row, ...values });
    return true;
  }

  /** Bookings in these states that overlap the span. */
  overlaps(
    impl: Extract<ToolImpl, { archetype: 'book' }>,
    resource: string,
    start: string,
    end: string,
  ): Row[] {
    return this.rows(impl.bookingTable).filter(
      (row) =>
        row[impl.resourceColumn] === resource &&
        impl.activeStates.includes(String(row[impl.statusColumn])) &&
        compared('<', row[impl.startColumn]!, end) &&
        compared('<', start, row[impl.endColumn]!),
    );
  }

  #apply(impl: ToolImpl, args: Row): boolean {
    const text = (name: string): string => String(args[name]);
    switch (impl.archetype) {
      case 'transition': {
        const row = this.row(impl.table, text(impl.param));
        if (!row || !impl.from.includes(String(row[impl.column]))) return false;
        const stamp = impl.stampColumn === null ? {} : { [impl.stampColumn]: this.env.clock };
        return this.set(impl.table, text(impl.param), { [impl.column]: impl.to, ...stamp });
      }
      case 'update': {
        const given = impl.params.filter(({ param }) => args[param] !== undefined);
        const values = given.map(({ param, column }) => [column, args[param]!] as const);
        return this.set(impl.table, text(impl.param), Object.fromEntries(values));
      }
      case 'adjust': {
        const row = this.row(impl.table, text(impl.param));
        const value = Number(row?.[impl.column]) + Number(args[impl.amountParam]);
        if (!(value >= impl.min && value <= impl.max)) return false;
        return this.set(impl.table, text(impl.param), { [impl.column]: value });
      }
      case 'transfer':
        return this.#move(impl, args, impl.floor) && this.#log(impl, args);
      case 'move-quantity':
        return this.#move(impl, args, 0);
      case 'book':
        return this.#book(impl, args);
      case 'assign':
        return this.set(impl.table, text(impl.param), { [impl.column]: text(impl.targetParam) });
      case 'set-setting':
        return this.set(impl.table, text(impl.param), { [impl.column]: args[impl.valueParam]! });
      case 'toggle-setting': {
        const row = this.row(impl.table, text(impl.param));
        return this.set(impl.table, text(impl.param), {
          [impl.column]: row?.[impl.column] !== true,
        });
      }
      default:
        throw new RangeError(`the solver knows no ${impl.archetype}`);
    }
  }

  #move(
    impl: {
      table: string;
      fromParam: string;
      toParam: string;
      amountParam: string;
      column: string;
    },
    args: Row,
    floor: number,
  ): boolean {
    const [from, to] = [String(args[impl.fromParam]), String(args[impl.toParam])];
    const [source, sink] = [this.row(impl.table, from), this.row(impl.table, to)];
    const amount = Number(args[impl.amountParam]);
    if (!source || !sink || from === to) return false;
    const left = Number(source[impl.column]) - amount;
    if (left < floor) return false;
    this.set(impl.table, from, { [impl.column]: left });
    return this.set(impl.table, to, { [impl.column]: Number(sink[impl.column]) + amount });
  }

  #log(impl: Extract<ToolImpl, { archetype: 'transfer' }>, args: Row): boolean {
    if (!impl.log) return true;
    const { table, from, to, amount, time } = impl.log;
    return this.insert(table, {
      [from]: args[impl.fromParam]!,
      [to]: args[impl.toParam]!,
      [amount]: args[impl.amountParam]!,
      [time]: this.env.clock,
    });
  }

  #book(impl: Extract<ToolImpl, { archetype: 'book' }>, args: Row): boolean {
    const value = (column: string): string => String(args[column]);
    const resource = this.row(impl.resourceTable, value(impl.resourceColumn));
    const [start, end] = [value(impl.startColumn), value(impl.endColumn)];
    if (!resource || !(byCodeUnit(start, end) < 0)) return false;
    const places = impl.capacityColumn === null ? 1 : Number(resource[impl.capacityColumn]);
    const taken = this.overlaps(impl, value(impl.resourceColumn), start, end).length;
    if (taken >= places) return false;
    const own = [impl.resourceColumn, impl.ownerColumn, impl.startColumn, impl.endColumn];
    const values = own.map((column): [string, Value] => [column, value(column)]);
    return this.insert(impl.bookingTable, { ...impl.defaults, ...Object.fromEntries(values) });
  }

  /** New rows have keys made from their content, as everywhere in a session. */
  insert(table: string, row: Row): boolean {
    for (let copy = 0; ; copy++) {
      const digest = contentHash([table, canonicalJson(row), copy]);
      const key = `${table.slice(0, 2)}-${digest.slice(0, 10)}`;
      if (this.row(table, key)) continue;
      this.#put(table, key, { [this.#keys.get(table)!]: key, ...row });
      return true;
    }
  }
}
