// A parent whose total is the sum over its lines, as in orders, invoices and assemblies.

import type { Kit } from '../kit.js';
import { totalIsSum } from '../invariant-makers.js';
import { children } from '../read-makers.js';
import type { TableHandle } from '../table-handle.js';
import { update } from '../write-makers.js';

/** Adds the tools, the invariant and the affordance of a parent and lines whose rows are there. */
export function totals(
  kit: Kit,
  parent: TableHandle,
  line: TableHandle,
  parentColumn: string,
): void {
  children(kit, line, parentColumn);
  const fixTool = update(kit, parent, ['total']);
  totalIsSum(
    kit,
    { table: parent, total: 'total' },
    { table: line, parent: parentColumn, amount: 'amount' },
  );
  kit.affords({
    kind: 'total',
    parentTable: parent.name,
    total: parent.col('total'),
    childTable: line.name,
    parent: line.col(parentColumn),
    amount: line.col('amount'),
    fixTool,
  });
}
