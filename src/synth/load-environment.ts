// An environment made ready for sessions: rows checked and indexed, tools by name. @see tools/session.ts

import { Base, Database } from './database.js';
import { holds } from './evaluate.js';
import type { LoadedEnvironment } from './tools/session.js';
import type { Environment } from './world-types.js';

/** @throws DataError for rows that break types, keys, references or an invariant */
export function loadEnvironment(env: Environment): LoadedEnvironment {
  const base = new Base(env.tables, env.rows);
  return { env, base, tools: new Map(env.tools.map((tool) => [tool.name, tool])) };
}

/** Names of the invariants that do not hold in this state. */
export function brokenInvariants(env: Environment, db: Database): string[] {
  const scope = { before: db, after: db, variables: { clock: env.clock } };
  return env.invariants.filter(({ check }) => !holds(check, scope)).map(({ id }) => id);
}
