// Gate G1: whether an environment is sound, tried out rather than trusted. Its rows fit tables, references
// and invariants; its tools are described as they are and show nothing hidden (check-tools.ts); reads say what
// the tables say (check-reads.ts); random calls break nothing (check-calls.ts); and what affordances need
// can be read by a plan. Source: agents reference §8.1.

import { Database, DataError } from '../database.js';
import { brokenInvariants, loadEnvironment } from '../load-environment.js';
import { literal, PlanError, PlanRecorder, type Traced } from '../plan-recorder.js';
import { Random } from '../random.js';
import { Session, type LoadedEnvironment } from '../tools/session.js';
import type { Environment } from '../world-types.js';
import { readingsOf, type Reading } from './affordance-tools.js';
import { callProblems, type ProbeOptions } from './check-calls.js';
import { readProblems } from './check-reads.js';
import { toolProblems } from './check-tools.js';

/** Of every environment of a corpus. */
const PROBE: ProbeOptions = { writes: 50, rounds: 4 };

/** What is wrong, in words; empty = nothing was found. */
export function environmentProblems(env: Environment, probe: ProbeOptions = PROBE): string[] {
  let loaded: LoadedEnvironment;
  try {
    loaded = loadEnvironment(env);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return [error.message];
  }
  const random = new Random('probe', env.generator.seed);
  const problems = brokenInvariants(env, new Database(loaded.base)).map(
    (id) => `${id} does not hold at the start`,
  );
  problems.push(...ambiguous(env));
  problems.push(...toolProblems(env));
  problems.push(...readProblems(loaded, random));
  problems.push(...callProblems(loaded, random, probe));
  for (const affordance of env.affordances) {
    for (const reading of readingsOf(affordance)) {
      const problem = unreadable(loaded, reading);
      if (problem !== null) problems.push(`${affordance.kind}: ${problem}`);
    }
  }
  return problems;
}

/** Columns that are to tell rows apart and do not. */
function ambiguous({ tables, rows }: Environment): string[] {
  return tables.flatMap(({ name, columns }) =>
    columns
      .filter(({ unique }) => unique === true)
      .filter((column) => {
        const values = (rows[name] ?? []).map((row) => row[column.name]);
        return new Set(values).size < values.length;
      })
      .map((column) => `${name}.${column.name} is the same in several rows`),
  );
}

/** Reads a few rows as a plan would: without conditions, or by one column that refers or enumerates. */
function unreadable(loaded: LoadedEnvironment, { table, columns }: Reading): string | null {
  const session = new Session(loaded);
  const spec = session.db.spec(table);
  const [first] = session.db.rows(table);
  if (!first) return `${table} has no rows`;
  const by = spec.columns
    .filter(({ type }) => type === 'ref' || type === 'enum')
    .filter(({ name }) => first[name] !== null);
  const options: Record<string, Traced>[] = [
    ...by.map(({ name }) => ({ [name]: literal(first[name]!) })),
    {},
  ];
  let why = '';
  for (const where of options) {
    try {
      const rows = new PlanRecorder(session).rows(table, where, columns);
      const found = rows.find(({ key }) => key.value === first[spec.key]);
      if (found) return null;
      why = `${table} is listed without all its rows`;
    } catch (error) {
      if (!(error instanceof PlanError)) throw error;
      why = error.message;
    }
  }
  return why;
}
