// Looks at a row through the tools as closely as it takes: first at what is known already, then at what a
// call for the row shows, then at what it refers to; and no further once it is out.

import type { TracedRow } from '../plan-recorder.js';
import type { Json, Value } from '../world-types.js';
import { compare } from './choose/truth.js';
import type { Comparison } from './constraint.js';
import type { Reading } from './reading.js';

/** A column, or a reference and a column of what it refers to. */
export type Path = readonly string[];

/** What is demanded of a value of a row. */
export interface Demand {
  readonly path: Path;
  readonly op: Comparison;
  readonly value: Json;
}

/**
 * @param demands alternatives: the row is in as long as it can meet all demands of one of them
 * @returns whether it is in; then all paths have been read
 * @throws PlanError if no tools show a path
 */
export function look(
  reading: Reading,
  row: TracedRow,
  paths: readonly Path[],
  demands: readonly (readonly Demand[])[],
): boolean {
  let open = demands;
  for (const path of byNearness(paths, row)) {
    const value = valueAt(reading, row, path);
    open = open.filter((all) =>
      all.every(
        (one) => one.path.join() !== path.join() || compare(value, one.op, one.value as Value),
      ),
    );
    if (open.length === 0) return false;
  }
  return true;
}

function valueAt(reading: Reading, row: TracedRow, [first, second]: Path): Value {
  const own = reading.field(row, first!);
  if (second === undefined || typeof own.value !== 'string') return own.value as Value;
  const parent = reading.recorder.session.db
    .spec(row.table)
    .columns.find(({ name }) => name === first)!.references!;
  return reading.field(reading.row(parent, own, [second]), second).value as Value;
}

function byNearness(paths: readonly Path[], row: TracedRow): Path[] {
  const distance = (path: Path): number => (path.length > 1 ? 2 : row.fields.has(path[0]!) ? 0 : 1);
  return paths.toSorted((a, b) => distance(a) - distance(b));
}

/** Reads whole tables that rows refer to, where a path goes through them and tools list them. */
export function listParents(reading: Reading, table: string, paths: readonly Path[]): void {
  const { columns } = reading.recorder.session.db.spec(table);
  for (const [first, second] of paths) {
    const parent = columns.find(({ name }) => name === first)?.references;
    if (second !== undefined && parent !== undefined && reading.canList(parent)) {
      reading.rows(parent, {}, []);
    }
  }
}
