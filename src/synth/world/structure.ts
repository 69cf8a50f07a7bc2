// What an environment is apart from its names: tools, rules and tables spelled by meaning. Two
// environments with equal spellings differ in words and rows only. Source: agents reference §6.5.

import { canonicalJson } from '../canonical.js';
import type { Environment, Expr, Json, JsonObject, RuleSpec, ToolImpl } from '../world-types.js';

export type Structured = Pick<Environment, 'tables' | 'tools' | 'rules'>;

/** Where an implementation names a table. */
export const TABLE_KEYS: ReadonlySet<string> = new Set([
  'table',
  'edgeTable',
  'resourceTable',
  'bookingTable',
  'targetTable',
  'testTable',
]);
/** What is said by position, or is no structure: names of arguments, page sizes, limits, values. */
const LEFT_OUT = new Set([
  'pageSize',
  'linesPerPage',
  'floor',
  'min',
  'max',
  'ok',
  'broken',
  'value',
  'about',
]);

/** Translates names to meanings. */
export class Meanings {
  readonly #tables: ReadonlyMap<string, string>;
  readonly #columns = new Map<string, string>();

  constructor(env: Structured) {
    this.#tables = new Map(
      env.tables.map(({ name, module, meaning }) => [name, `${module}.${meaning}`]),
    );
    for (const { columns } of env.tables) {
      for (const { name, meaning } of columns) this.#columns.set(name, meaning);
    }
  }

  table(name: string): string {
    return this.#tables.get(name) ?? name;
  }

  column(name: string): string {
    return this.#columns.get(name) ?? name;
  }

  isColumn(name: string): boolean {
    return this.#columns.has(name);
  }
}

/** An implementation by meaning: archetype, tables, columns that are arguments, columns returned. */
export function spellTool(impl: ToolImpl, meanings: Meanings): string {
  // States are values, not names, and some read like a column.
  const states = new Set(impl.archetype === 'transition' ? ['from', 'to'] : ['activeStates']);
  const spell = (value: Json, key: string): Json => {
    if (typeof value === 'string') {
      if (key === 'archetype' || key === 'op' || states.has(key)) return value;
      return TABLE_KEYS.has(key) ? meanings.table(value) : meanings.column(value);
    }
    if (Array.isArray(value)) {
      const items = value.map((item: Json) => spell(item, key));
      return items.toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1));
    }
    if (typeof value !== 'object' || value === null) return value;
    if (key === 'defaults' || key === 'resets') {
      return Object.keys(value)
        .map((name) => meanings.column(name))
        .toSorted();
    }
    if (key === 'works') return spellExpr(value as unknown as Expr, meanings);
    const fields = Object.entries(value as JsonObject).filter(
      ([name]) => !LEFT_OUT.has(name) && !/param$/i.test(name),
    );
    return Object.fromEntries(fields.map(([name, field]) => [name, spell(field, name)]));
  };
  return canonicalJson(spell(impl as unknown as Json, ''));
}

/** A rule by meaning: its expression without constants, and whether the tool enforces it. */
export function spellRule(rule: RuleSpec, meanings: Meanings): string {
  return `${rule.enforced ? 'enforced' : 'trusted'} ${spellExpr(rule.allows, meanings)}`;
}

function spellExpr(expr: Expr, meanings: Meanings): string {
  const spell = (value: Json, key: string): Json => {
    if (Array.isArray(value)) return value.map((item: Json) => spell(item, key));
    if (typeof value === 'object' && value !== null) {
      const object = value as JsonObject;
      if (object['op'] === 'const') return { op: 'const', type: typeof object['value'] };
      const fields = Object.entries(object).map(([name, field]) => [name, spell(field, name)]);
      return Object.fromEntries(fields) as JsonObject;
    }
    if (typeof value !== 'string') return value;
    if (key === 'table') return meanings.table(value);
    if (key === 'name') return argumentMeaning(value, meanings);
    return value;
  };
  return canonicalJson(spell(expr as unknown as Json, ''));
}

/** Arguments are named after tables (`vessel_id`, `from_vessel_id`) or columns. */
function argumentMeaning(name: string, meanings: Meanings): string {
  if (meanings.isColumn(name)) return meanings.column(name);
  const key = /^(from_|to_)?(.+)_id$/.exec(name);
  return key ? `${key[1] ?? ''}${meanings.table(key[2]!)}` : name;
}
