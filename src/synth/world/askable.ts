// What can be asked in an environment, told from its affordances before it exists: the composer keeps
// those that tasks of different kinds rest on. It names no family; a test holds it against them.
// Source: agents reference §6.4.

import type { Affordance, TableSpec } from '../world-types.js';

/** Kinds of requests; `choice` and `change` are what three families each are about. */
export type Ask =
  | 'choice'
  | 'ruled-choice'
  | 'change'
  | 'aggregate'
  | 'search'
  | 'repair'
  | 'schedule'
  | 'route'
  | 'diagnosis'
  | 'program';

/** Families that draw on a kind, where it is more than one. */
const FAMILIES: Readonly<Partial<Record<Ask, number>>> = { choice: 3, change: 3 };

const CHANGEABLE = new Set(['int', 'money', 'enum', 'bool']);

/** The kinds of requests that these affordances allow. */
export function asksOf(
  affordances: readonly Affordance[],
  tables: readonly TableSpec[],
): ReadonlySet<Ask> {
  const specs = new Map(tables.map((table) => [table.name, table]));
  const found = new Set<Ask>();
  if (tables.length >= 2) found.add('search');
  for (const one of affordances) {
    const ask = askOf(one, specs);
    if (ask !== undefined) found.add(ask);
    if (one.kind === 'booking' && one.capacity === null && isNamed(specs.get(one.resourceTable))) {
      found.add('repair');
    }
  }
  const ruled = affordances.some(({ kind }) => kind === 'documents');
  if (ruled && found.has('choice')) found.add('ruled-choice');
  return found;
}

/** How many families of tasks the affordances are enough for. */
export function numFamilies(
  affordances: readonly Affordance[],
  tables: readonly TableSpec[],
): number {
  return [...asksOf(affordances, tables)].reduce((sum, ask) => sum + (FAMILIES[ask] ?? 1), 0);
}

function askOf(one: Affordance, specs: ReadonlyMap<string, TableSpec>): Ask | undefined {
  const named = (...tables: readonly string[]): boolean =>
    tables.every((table) => isNamed(specs.get(table)));
  const typeOf = (table: string, column: string): string =>
    specs.get(table)?.columns.find(({ name }) => name === column)?.type ?? '';
  switch (one.kind) {
    case 'selectable':
      return typeOf(one.table, one.cost) === 'money' ? 'choice' : undefined;
    case 'workflow':
      return named(one.table) ? 'change' : undefined;
    case 'editable': {
      const changes = one.columns.some((column) => CHANGEABLE.has(typeOf(one.table, column)));
      return changes && named(one.table) ? 'change' : undefined;
    }
    case 'measure':
      return 'aggregate';
    case 'total':
      return named(one.parentTable) ? 'repair' : undefined;
    case 'assignment':
      return named(one.jobTable, one.workerTable) ? 'schedule' : undefined;
    case 'booking': {
      const owners = specs
        .get(one.bookingTable)
        ?.columns.find(({ name }) => name === one.owner)?.references;
      return named(one.resourceTable, owners ?? '') ? 'schedule' : undefined;
    }
    case 'graph':
      return named(one.nodeTable) ? 'route' : undefined;
    case 'device':
      return named(one.table) ? 'diagnosis' : undefined;
    case 'programs':
      return 'program';
    case 'balance':
    case 'stock':
    case 'permission':
    case 'documents':
      return undefined;
  }
}

/** Whether a text that nothing hides tells the rows apart, so that requests can name them. */
function isNamed(table: TableSpec | undefined): boolean {
  return (table?.columns ?? []).some(
    ({ type, unique, hidden }) => type === 'text' && unique === true && hidden !== true,
  );
}
