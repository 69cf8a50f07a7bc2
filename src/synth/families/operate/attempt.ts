// The proposer's trials: what a call does, asked of the real tools and of every rule, enforced or not.
// A session of its own; failures leave its state as it was.

import type { Database } from '../../database.js';
import { holds } from '../../evaluate.js';
import type { PlanStep, RowChange, SolutionPlan } from '../../task-types.js';
import { callTool } from '../../tools/call-tool.js';
import { Session, type LoadedEnvironment } from '../../tools/session.js';
import type { Json, Row } from '../../world-types.js';
import { callFor, nameColumn, type Call, type Lookup, type Operation } from './operation.js';

export class Trial implements Lookup {
  constructor(
    readonly loaded: LoadedEnvironment,
    patch: readonly RowChange[] = [],
    readonly session: Session = new Session(loaded, patch),
  ) {}

  get db(): Database {
    return this.session.db;
  }

  byName(table: string, name: string): string | undefined {
    const column = nameColumn(this.loaded.env, table);
    const [row] = column === null ? [] : this.db.rowsBy(table, column, name);
    return row && String(row[this.db.spec(table).key]);
  }

  by(table: string, values: Row): string | undefined {
    const [[first, value] = ['', null], ...rest] = Object.entries(values);
    const row = this.db
      .rowsBy(table, first, String(value))
      .find((one) => rest.every(([name, wanted]) => one[name] === wanted));
    return row && String(row[this.db.spec(table).key]);
  }

  row(table: string, key: string): Row | undefined {
    return this.db.get(table, key);
  }

  /** The name of a row in texts. */
  nameOf(table: string, key: string): string {
    const column = nameColumn(this.loaded.env, table) ?? '';
    return String(this.row(table, key)?.[column]);
  }

  callFor(op: Operation): Call | null {
    return callFor(this.loaded.env, op, this);
  }

  /** Whether every rule that speaks about the tool allows the call. */
  allowed({ tool, args }: Call): boolean {
    const scope = {
      before: this.db,
      after: this.db,
      variables: { args: args as Json, clock: this.loaded.env.clock },
    };
    const about = this.loaded.env.rules.filter(({ tools }) => tools.includes(tool));
    return about.every(({ allows }) => holds(allows, scope));
  }

  /** Makes the call if the policy and the state of things allow it. */
  perform(call: Call): boolean {
    return this.allowed(call) && callTool(this.session, call.tool, call.args).ok;
  }
}

/** The call as a step whose arguments come from nowhere: for attempts that are wrong anyway. */
export function rawStep({ tool, args }: Call): PlanStep {
  const values = Object.entries(args).map(([name, value]) => [name, { literal: value }] as const);
  return { tool, arguments: Object.fromEntries(values) };
}

export function rawPlan(calls: readonly Call[], submission: Json): SolutionPlan {
  return { steps: calls.map(rawStep), submission };
}
