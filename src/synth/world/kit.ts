// What a module builds with: it takes tables, rows, tools, rules and affordances written by meaning and
// keeps them under the environment's names. It knows no module; tool-makers.ts has the tools themselves.

import type {
  ModuleContext,
  ModuleInstance,
  Offer,
  ToolDraft,
  ToolFreedom,
} from '../module-types.js';
import type { Random } from '../random.js';
import type {
  Affordance,
  Bilingual,
  Column,
  Expr,
  Row,
  RuleSpec,
  TableSpec,
  ToolImpl,
  ToolSpec,
  Value,
} from '../world-types.js';
import type { ColumnDraft } from './columns.js';
import { TableHandle } from './table-handle.js';
import type { ThemeWord } from './themes.js';
import { effectOf, errorCodesOf } from './tool-facts.js';
import { valueLabel } from './words.js';

export interface ToolOptions {
  /** The environment can do without it. */
  readonly extra?: boolean;
  /** Meanings of columns that the result may lack. */
  readonly hide?: readonly string[];
  /** Meanings of columns that the result never has. */
  readonly omit?: readonly string[];
  readonly side?: ToolSpec['side'];
}

export interface RuleDraft {
  readonly code: string;
  readonly tools: readonly string[];
  readonly allows: Expr;
  readonly text: Bilingual;
  /** It is always there and the tool always refuses; otherwise the composer chooses. */
  readonly fixed?: boolean;
}

export class Kit {
  readonly #tables: TableHandle[] = [];
  readonly #joined = new Map<Offer, TableHandle>();
  readonly #rows = new Map<string, Row[]>();
  readonly #tools: ToolDraft[] = [];
  readonly #rules: RuleSpec[] = [];
  readonly #freeRules: string[] = [];
  readonly #invariants: ModuleInstance['invariants'][number][] = [];
  readonly #affordances: Affordance[] = [];
  readonly #freedom: Record<string, ToolFreedom> = {};
  readonly #unlike = new Set<string>();

  constructor(
    readonly module: string,
    readonly context: ModuleContext,
  ) {}

  get random(): Random {
    return this.context.random;
  }

  get clock(): string {
    return this.context.clock;
  }

  /** Whether the environment has this variant of the axis. */
  is(axis: string, variant: string): boolean {
    return this.context.variant[axis] === variant;
  }

  /** A new table; its key comes first by itself. */
  table(meaning: string, drafts: readonly ColumnDraft[], word?: ThemeWord): TableHandle {
    const name = this.context.tableName(meaning, word);
    const columns = [{ type: 'id', meaning: 'id', unique: true } as const, ...drafts].map((draft) =>
      this.#column(draft),
    );
    const label = this.context.label(name);
    const key = columns[0]!.name;
    const spec: TableSpec = {
      name,
      meaning,
      module: this.module,
      label,
      key,
      columns,
      visible: true,
    };
    const rows: Row[] = [];
    const handle = new TableHandle(spec, rows);
    this.#tables.push(handle);
    this.#rows.set(name, rows);
    return handle;
  }

  /** The table with one more column, as for one that refers to the table itself. Before it has rows. */
  extend(table: TableHandle, draft: ColumnDraft): TableHandle {
    const spec = { ...table.spec, columns: [...table.spec.columns, this.#column(draft)] };
    const handle = new TableHandle(spec, table.rows);
    this.#tables[this.#tables.indexOf(table)] = handle;
    return handle;
  }

  /** A new row from values by meaning; columns that may be null and are not given are null. */
  add(table: TableHandle, values: Readonly<Record<string, Value>>): Row {
    const row: Record<string, Value> = {};
    for (const column of table.spec.columns) {
      if (column.type === 'id') row[column.name] = this.context.id(table.name.slice(0, 3));
      else if (column.meaning in values) row[column.name] = values[column.meaning]!;
      else if (column.nullable === true) row[column.name] = null;
      else throw new RangeError(`a row of ${table.spec.meaning} lacks ${column.meaning}`);
    }
    this.#rows.get(table.name)!.push(row);
    return row;
  }

  /** Replaces a value while rows are being made. */
  set(table: TableHandle, row: Row, meaning: string, value: Value): void {
    (row as Record<string, Value>)[table.col(meaning)] = value;
  }

  /** The table that this environment offers for a need, if any. */
  join(need: Offer): TableHandle | undefined {
    const known = this.#joined.get(need);
    if (known) return known;
    const joined = this.context.joined(need);
    if (!joined) return undefined;
    const handle = new TableHandle(joined.table, joined.rows);
    this.#joined.set(need, handle);
    return handle;
  }

  /** What is made, until it is nothing that was made for this module before: never a running number. */
  unlike(make: () => string): string {
    for (;;) {
      const made = make();
      if (this.#unlike.has(made)) continue;
      this.#unlike.add(made);
      return made;
    }
  }

  /** Name of the proper name's kind in the language of the data. */
  name(kind: Parameters<ModuleContext['properName']>[0]): string {
    return this.context.properName(kind)[this.context.dataLanguage];
  }

  tool(verb: string, words: readonly string[], impl: ToolImpl, options: ToolOptions = {}): string {
    const name = this.context.toolName(verb, ...words);
    this.#tools.push({
      name,
      effect: effectOf(impl),
      impl,
      errorCodes: errorCodesOf(impl),
      side: options.side ?? 'agent',
    });
    this.#freedom[name] = { leaveOut: options.extra ?? false, hide: options.hide ?? [] };
    return name;
  }

  /** Name of the first tool of this module whose implementation passes. @throws RangeError if none does */
  toolNamed(check: (impl: ToolImpl) => boolean): string {
    const tool = this.#tools.find(({ impl }) => check(impl));
    if (!tool) throw new RangeError(`${this.module} has no such tool`);
    return tool.name;
  }

  rule({ code, tools, allows, text: words, fixed = false }: RuleDraft): string {
    const id = `${this.module}.${code}`;
    const rule = { id, module: this.module, allows, tools, enforced: true, errorCode: code };
    this.#rules.push({ ...rule, text: words });
    if (!fixed) this.#freeRules.push(id);
    return id;
  }

  invariant(id: string, check: Expr, kept: boolean): void {
    this.#invariants.push({ id: `${this.module}.${id}`, check, kept });
  }

  affords(affordance: Affordance): void {
    this.#affordances.push(affordance);
  }

  finish(): ModuleInstance {
    return {
      tables: this.#tables.map(({ spec }) => spec),
      rows: Object.fromEntries(this.#rows),
      tools: this.#tools,
      rules: this.#rules,
      invariants: this.#invariants,
      affordances: this.#affordances,
      freedom: this.#freedom,
      freeRules: this.#freeRules,
    };
  }

  #column(draft: ColumnDraft): Column {
    const label = this.context.columnLabel(draft.meaning);
    const column = { ...draft, name: this.context.columnName(draft.meaning), label };
    if (!draft.values) return column;
    const labels = draft.values.map((value) => [value, valueLabel(value)] as const);
    return { ...column, valueLabels: Object.fromEntries(labels) };
  }
}
