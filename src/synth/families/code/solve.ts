// The solver of repairs: from the tables and the request alone. Of the files that differ from what the
// environment had, it puts back as few as it takes until every call of the request gives what it should.

import { Database } from '../../database.js';
import { ENTRY } from '../../programs/program.js';
import { entryOf } from '../../programs/program-files.js';
import { runCases, spelledResult } from '../../programs/run-cases.js';
import type { RowChange } from '../../task-types.js';
import type { LoadedEnvironment } from '../../tools/session.js';
import type { Json } from '../../world-types.js';
import type { RightEnd } from '../family.js';
import type { Symptom } from './plant.js';
import type { Programs } from './workup.js';

export interface RepairIr {
  readonly kind: 'repair';
  readonly folder: string;
  readonly symptoms: readonly Symptom[];
}

export function solveRepair(
  { base }: LoadedEnvironment,
  programs: Programs,
  patch: readonly RowChange[],
  { folder, symptoms }: RepairIr,
): RightEnd[] {
  const { fileTable: table, path, source } = programs;
  const db = new Database(base);
  db.apply(patch);
  const { key } = db.spec(table);
  const files: Record<string, string> = {};
  const damaged: { readonly name: string; readonly change: RowChange }[] = [];
  for (const row of db.rows(table)) {
    const place = entryOf(String(row[path]));
    if (place.folder !== folder) continue;
    files[place.entry] = String(row[source]);
    const was = base.table(table).get(String(row[key])) ?? null;
    if (was === null || was[source] === row[source]) continue;
    const change = { table, key: String(row[key]), before: row, after: was };
    damaged.push({ name: place.entry, change });
  }
  const isRight = (restored: readonly (typeof damaged)[number][]): boolean => {
    const tried = { ...files };
    for (const { name, change } of restored) tried[name] = String(change.after![source]);
    return givesAll(tried, symptoms);
  };
  const subsets = Array.from({ length: 1 << damaged.length }, (_, bits) =>
    damaged.filter((_one, i) => (bits >> i) & 1),
  );
  for (let size = 0; size <= damaged.length; size++) {
    const right = subsets.filter((one) => one.length === size && isRight(one));
    if (right.length > 0) return right.map((one) => ({ changes: one.map(({ change }) => change) }));
  }
  return [];
}

function givesAll(files: Readonly<Record<string, string>>, symptoms: readonly Symptom[]): boolean {
  const cases = symptoms.map(({ args }) => JSON.parse(args) as readonly Json[]);
  const outcomes = runCases(files, ENTRY, cases);
  return symptoms.every(({ right }, i) => {
    const spelled = outcomes[i]?.spelled ?? null;
    return spelled !== null && spelled === spelledResult(right);
  });
}
