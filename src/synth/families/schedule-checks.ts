// The verifier of arrangements, as expressions over the end state: each job has somebody of the pool with
// the skill, within limits, free at the time and not away.

import type { VerifierCheck } from '../task-types.js';
import type { Affordance, Expr, Json, TableSpec } from '../world-types.js';
import type { MatchingIr } from './schedule-types.js';

const constant = (value: Json): Expr => ({ op: 'const', value });
const variable = (name: string): Expr => ({ op: 'var', name });
const field = (of: Expr, name: string): Expr => ({ op: 'field', of, name });
const and = (...of: readonly Expr[]): Expr => ({ op: 'and', of });
const compare = (
  op: '=' | '!=' | '<' | '<=' | 'contains' | 'in',
  left: Expr,
  right: Expr,
): Expr => ({
  op,
  left,
  right,
});

export function matchingChecks(
  { jobTable, workerTable, job, worker }: Extract<Affordance, { kind: 'assignment' }>,
  specs: ReadonlyMap<string, TableSpec>,
  ir: MatchingIr,
  keyOf: (table: string, name: string) => string,
): VerifierCheck[] {
  const after = (table: string, key: Expr): Expr => ({ op: 'row', db: 'after', table, key });
  const all: Expr = { op: 'rows', db: 'after', table: jobTable };
  const other = variable('other');
  const jobKey = specs.get(jobTable)!.key;
  const counted = (check: Expr): Expr => ({
    op: 'count',
    of: { op: 'where', of: all, as: 'other', check },
  });
  const own = ir.jobs.map((name) => keyOf(jobTable, name));
  return own.flatMap((key, i): VerifierCheck[] => {
    const row = after(jobTable, constant(key));
    const who = field(row, job.assignee);
    const person = after(workerTable, who);
    const theirs = compare('=', field(other, job.assignee), who);
    const overlaps = and(
      theirs,
      compare('!=', field(other, jobKey), constant(key)),
      compare('<', field(other, job.start), field(row, job.end)),
      compare('<', field(row, job.start), field(other, job.end)),
    );
    const inRequest = compare('in', field(other, jobKey), constant(own));
    const away = ir.blackouts.map((off): Expr => {
      const theyWork = and(
        compare('=', who, constant(keyOf(workerTable, off.worker))),
        compare('contains', field(row, job.start), constant(off.date)),
      );
      return { op: 'not', of: theyWork };
    });
    const pool = ir.pool.map((name) => keyOf(workerTable, name));
    const check = (id: string, expr: Expr): VerifierCheck => ({ id: `${id}:${i + 1}`, expr });
    return [
      check('pool', compare('in', who, constant(pool))),
      check('skill', compare('=', field(person, worker.skill), field(row, job.needs))),
      check('limit', compare('<=', counted(theirs), field(person, worker.limit))),
      check('free', compare('=', counted(overlaps), constant(0))),
      check('most', compare('<=', counted(and(theirs, inRequest)), constant(ir.most))),
      check('away', and(...away)),
    ];
  });
}
