// Narrows what tools show and take: hides columns from listings where another tool shows them, drops
// filters, demands that the kind is named, sets page sizes (agents reference §6.3).

import type { ModuleInstance, ToolDraft } from '../module-types.js';
import type { Random } from '../random.js';
import type { TableSpec, ToolImpl } from '../world-types.js';

const HIDE = 15;
/** Listings of things to choose from may demand that the group is named. */
const REQUIRE_GROUP = 20;
const DROP_FILTER = 20;

/** The tools that stay, as this environment has them. */
export function narrowed(
  instances: readonly ModuleInstance[],
  tools: readonly ToolDraft[],
  random: Random,
): ToolDraft[] {
  const tables = new Map(
    instances.flatMap((one) => one.tables).map((table) => [table.name, table] as const),
  );
  const freedom = new Map(instances.flatMap((one) => Object.entries(one.freedom)));
  const groups = new Set(
    instances
      .flatMap(({ affordances }) => affordances)
      .flatMap((one) => (one.kind === 'selectable' ? [`${one.table}.${one.group}`] : [])),
  );
  return tools.map((tool) => {
    const hidden = (freedom.get(tool.name)?.hide ?? []).filter(() => random.chance(HIDE));
    const demand = random.chance(REQUIRE_GROUP);
    if (tool.impl.archetype !== 'find') return tool;
    const spec = tables.get(tool.impl.table)!;
    const impl = narrow(tool.impl, spec, hidden, tools, random);
    return { ...tool, impl: demand ? demandGroup(impl, spec, groups) : impl };
  });
}

type Find = Extract<ToolImpl, { archetype: 'find' }>;

function narrow(
  impl: Find,
  spec: TableSpec,
  hidden: readonly string[],
  tools: readonly ToolDraft[],
  random: Random,
): Find {
  const hide = spec.columns
    .filter(({ meaning }) => hidden.includes(meaning))
    .map(({ name }) => name)
    .filter((name) => name !== impl.sort)
    .filter((name) => tools.some((tool) => showsOne(tool, impl.table, name)));
  // The first filter stays: a listing without any would only be paged through.
  const filters = impl.filters.filter((_, i) => i === 0 || !random.chance(DROP_FILTER));
  return { ...impl, filters, returns: impl.returns.filter((name) => !hide.includes(name)) };
}

/** Of things to choose from: the kind must be named, so that the whole is read kind by kind. */
function demandGroup(impl: Find, { columns }: TableSpec, groups: ReadonlySet<string>): Find {
  const isGroup = (column: string): boolean =>
    groups.has(`${impl.table}.${column}`) &&
    columns.some(({ name, type }) => name === column && type === 'enum');
  const filters = impl.filters.map((filter) => ({
    ...filter,
    required: filter.op === 'eq' && isGroup(filter.column),
  }));
  return { ...impl, filters };
}

function showsOne({ impl }: ToolDraft, table: string, column: string): boolean {
  return impl.archetype === 'get' && impl.table === table && impl.returns.includes(column);
}

/** Pages of a listing of the whole table: fewer are no work, more are nothing but work. */
const FEWEST_PAGES = 8;
const MOST_PAGES = 14;
const PAGE_SIZES = [4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40];

/** Page sizes follow the number of rows; they are no part of the structure. */
export function sized(impl: ToolImpl, rows: number, random: Random): ToolImpl {
  if (!('pageSize' in impl)) return impl;
  const whole = impl.archetype === 'find' && rows > 30;
  const [least, most] = whole
    ? [Math.ceil(rows / MOST_PAGES), Math.ceil(rows / FEWEST_PAGES)]
    : [4, 10];
  const sizes = PAGE_SIZES.filter((size) => size >= least && size <= most);
  return { ...impl, pageSize: sizes.length > 0 ? random.pick(sizes) : least };
}
