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
  const clashes = jobs.map((a) => jobs.map((b) => a !== b && overlap(a, b)));
  /** What does not hold of a job and a person whatever else is given to whom. */
  const alone = jobs.map(
    (one) =>
      new Map(
        [...workers].map(([who, person]) => {
          const before = others.filter((row) => row[job.assignee] === who);
          const kinds = [
            ...(pool.has(who) ? [] : ['pool']),
            ...(person[worker.skill] === one[job.needs] ? [] : ['skill']),
            ...(away.has(`${who} ${String(one[job.start]).slice(0, 10)}`) ? ['away'] : []),
          ];
          const isBusy = before.some((other) => overlap(one, other));
          const free = Number(person[worker.limit]) - before.length;
          return [who, { kinds, isBusy, free }] as const;
        }),
      ),
  );

  /** What does not hold of what is given so far: it stays so whatever else is given. Two are enough. */
  const violations = (given: readonly string[]): string[] => {
    const found: string[] = [];
    for (const [i, who] of given.entries()) {
      const { kinds, isBusy, free } = alone[i]!.get(who)!;
      let own = 0;
      let clash = isBusy;
      for (const [j, other] of given.entries()) {
        if (other !== who) continue;
        own++;
        if (clashes[i]![j]!) clash = true;
      }
      for (const kind of kinds) found.push(`${kind} ${i}`);
      if (own > free) found.push(`limit ${i}`);
      if (clash) found.push(`free ${i}`);
      if (own > ir.most) found.push(`most ${i}`);
      if (found.length > 1) break;
    }
    return found;
  };
  const found = new Map<string, RightEnd[]>();
  let steps = 0;
  const given: string[] = [];
  const go = (): boolean => {
    if (++steps > MAX_STEPS) return false;
    const wrong = violations(given);
    if (wrong.length > 1) return true;
    if (given.length < jobs.length) {
      for (const who of workers.keys()) {
        given.push(who);
        const isDone = go();
        given.pop();
        if (!isDone) return false;
      }
      return true;
    }
    const [demand] = wrong;
    if (demand === undefined) return true;
    const of = found.get(demand);
    if (!of) found.set(demand, [endOf(given)]);
    else if (of.length <= MAX_NEAR) of.push(endOf(given));
    return true;
  };
  const endOf = (all: readonly string[]): RightEnd => {
    const changes = all.map((who, i): RowChange => {
      const before = jobs[i]!;
      const key = world.key(jobTable, before);
      return { table: jobTable, key, before, after: { ...before, [job.assignee]: who } };
    });
    return { submission: { assigned: jobs.length }, changes };
  };
  if (!go()) return undefined;
  return [...found.values()].map((ends) => ({
    ends: ends.slice(0, MAX_NEAR),
    isComplete: ends.length <= MAX_NEAR,
  }));
}
