// Arrangements that miss a request by one demand on one job: somebody from elsewhere, without the skill,
// with too much to do, busy or away. @see schedule-matching.ts

import type { RowChange } from '../task-types.js';
import type { Affordance, Row } from '../world-types.js';
import type { NearEnds, RightEnd } from './family.js';
import type { Simulation } from './operate/simulation.js';
import type { MatchingIr } from './schedule-types.js';

/** Tries at most. */
const MAX_STEPS = 30_000;
/** Of one demand on one job. */
const MAX_NEAR = 25;

type Staff = Extract<Affordance, { kind: 'assignment' }>;
interface Given {
  readonly job: Row;
  readonly who: string;
}

/** undefined = there is too much to look through. */
export function nearMatchings(
  world: Simulation,
  { jobTable, workerTable, job, worker }: Staff,
  ir: MatchingIr,
): NearEnds[] | undefined {
  const keyOf = (table: string, name: string): string => world.byName(table, name)!;
  const jobs = ir.jobs.map((name) => world.row(jobTable, keyOf(jobTable, name))!);
  const pool = new Set(ir.pool.map((name) => keyOf(workerTable, name)));
  const away = new Set(ir.blackouts.map((off) => `${keyOf(workerTable, off.worker)} ${off.date}`));
  const workers = new Map(
    world.rows(workerTable).map((row) => [world.key(workerTable, row), row] as const),
  );
  const others = world.rows(jobTable).filter((row) => !jobs.includes(row));
  const overlap = (a: Row, b: Row): boolean =>
    String(a[job.start]) < String(b[job.end]) && String(b[job.start]) < String(a[job.end]);

  /** What does not hold of what is given so far: it stays so whatever else is given. */
  const violations = (given: readonly Given[]): string[] =>
    given.flatMap(({ job: one, who }, i) => {
      const person = workers.get(who)!;
      const own = given.filter((other) => other.who === who).map((other) => other.job);
      const all = [...own, ...others.filter((row) => row[job.assignee] === who)];
      const kinds = [
        ...(pool.has(who) ? [] : ['pool']),
        ...(person[worker.skill] === one[job.needs] ? [] : ['skill']),
        ...(all.length <= Number(person[worker.limit]) ? [] : ['limit']),
        ...(all.some((other) => other !== one && overlap(one, other)) ? ['free'] : []),
        ...(own.length <= ir.most ? [] : ['most']),
        ...(away.has(`${who} ${String(one[job.start]).slice(0, 10)}`) ? ['away'] : []),
      ];
      return kinds.map((kind) => `${kind} ${i}`);
    });
  const found = new Map<string, RightEnd[]>();
  let steps = 0;
  const go = (given: readonly Given[]): boolean => {
    if (++steps > MAX_STEPS) return false;
    const wrong = violations(given);
    if (wrong.length > 1) return true;
    const next = jobs[given.length];
    if (next) return [...workers.keys()].every((who) => go([...given, { job: next, who }]));
    const [demand] = wrong;
    if (demand === undefined) return true;
    const of = found.get(demand) ?? [];
    if (of.length <= MAX_NEAR) found.set(demand, [...of, endOf(given)]);
    return true;
  };
  const endOf = (given: readonly Given[]): RightEnd => {
    const changes = given.map(({ job: before, who }): RowChange => ({
      table: jobTable,
      key: world.key(jobTable, before),
      before,
      after: { ...before, [job.assignee]: who },
    }));
    return { submission: { assigned: jobs.length }, changes };
  };
  if (!go([])) return undefined;
  return [...found.values()].map((ends) => ({
    ends: ends.slice(0, MAX_NEAR),
    isComplete: ends.length <= MAX_NEAR,
  }));
}
