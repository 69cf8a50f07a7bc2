// What affordances rest on: the tools that they name, and the columns that a family reads of each table.
// The composer keeps the tools; tests prove that the columns can be read through what is left.

import type { Affordance } from '../world-types.js';

/** Tools that the affordance names; without one of them it does not exist. */
export function toolsOf(
  affordance: Affordance,
  ruleTools: (rule: string) => readonly string[],
): string[] {
  switch (affordance.kind) {
    case 'selectable':
    case 'measure':
      return [];
    case 'workflow':
      return affordance.moves.map(({ tool }) => tool);
    case 'editable':
    case 'balance':
    case 'stock':
    case 'assignment':
    case 'graph':
      return [affordance.tool];
    case 'booking':
      return [affordance.bookTool, affordance.cancelTool, affordance.availabilityTool];
    case 'documents':
      return [affordance.searchTool, affordance.readTool];
    case 'total':
      return [affordance.fixTool];
    case 'device':
      return [affordance.probeTool, ...affordance.settings.map(({ fixTool }) => fixTool)];
    case 'programs': {
      const { findTool, readTool, replaceTool, testTool } = affordance;
      return [findTool, readTool, replaceTool, testTool];
    }
    case 'permission':
      return [...ruleTools(affordance.rule)];
  }
}

/** Columns of one table that a family reads. */
export interface Reading {
  readonly table: string;
  readonly columns: readonly string[];
}

const some = (...names: readonly (string | null)[]): string[] =>
  names.filter((name) => name !== null);

/** Settings on the user's side are read by the user and are left out. */
export function readingsOf(affordance: Affordance): Reading[] {
  switch (affordance.kind) {
    case 'selectable': {
      const { table, name, cost, group, attributes } = affordance;
      return [{ table, columns: some(name, cost, group, ...attributes) }];
    }
    case 'workflow':
    case 'balance':
      return [{ table: affordance.table, columns: [affordance.column] }];
    case 'editable':
      return [{ table: affordance.table, columns: affordance.columns }];
    case 'stock': {
      const { table, item, place, quantity } = affordance;
      return [{ table, columns: [item, place, quantity] }];
    }
    case 'booking': {
      const { resource, owner, start, end, status } = affordance;
      return [
        { table: affordance.resourceTable, columns: some(affordance.capacity) },
        { table: affordance.bookingTable, columns: [resource, owner, start, end, status] },
      ];
    }
    case 'assignment':
      return [
        { table: affordance.jobTable, columns: Object.values(affordance.job) },
        { table: affordance.workerTable, columns: Object.values(affordance.worker) },
      ];
    case 'graph': {
      const { nodeTable, nodeName, edgeTable, from, to, cost } = affordance;
      return [
        { table: nodeTable, columns: [nodeName] },
        { table: edgeTable, columns: [from, to, cost] },
      ];
    }
    case 'documents': {
      const { table, title, body, issued, supersedes } = affordance;
      return [
        { table, columns: [title, body, issued, supersedes] },
        { table: affordance.clauseTable, columns: [] },
      ];
    }
    case 'measure': {
      const { table, measure, filters, time } = affordance;
      return [{ table, columns: some(measure, time, ...filters) }];
    }
    case 'total':
      return [
        { table: affordance.parentTable, columns: [affordance.total] },
        { table: affordance.childTable, columns: [affordance.parent, affordance.amount] },
      ];
    case 'device': {
      const own = affordance.settings.filter(({ side }) => side === 'agent');
      return [
        {
          table: affordance.table,
          columns: [affordance.owner, ...own.map(({ column }) => column)],
        },
      ];
    }
    case 'programs':
      return [{ table: affordance.fileTable, columns: [affordance.path] }];
    case 'permission':
      return [{ table: affordance.accountTable, columns: [affordance.role] }];
  }
}
