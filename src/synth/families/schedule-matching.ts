// Jobs for people: drawn around an arrangement that works, days off added until few arrangements are left.
// The verifier asks the end state whether everything holds; any arrangement that does is right.

import type { Random } from '../random.js';
import type { Candidate, Language, RowChange, SolutionPlan } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Affordance, Environment, JsonObject, Row } from '../world-types.js';
import { fieldIs, hasFields } from './choose/checks.js';
import { MAX_RIGHT_ENDS, type RightEnd } from './family.js';
import { rawPlan, Trial } from './operate/attempt.js';
import { finish, formOf, record, WHOLE, type Decoy } from './operate/finish.js';
import { affordancesOf, implOf, nameColumn, type Call } from './operate/operation.js';
import { Simulation } from './operate/simulation.js';
import { matchingChecks } from './schedule-checks.js';
import { blackoutOrder, renderSchedule } from './schedule-text.js';
import type { MatchingIr } from './schedule-types.js';

export type Staff = Extract<Affordance, { kind: 'assignment' }>;
/** Names of people by position of the job. */
type Plan = readonly string[];

const MAX_DRAWS = 8;
const MAX_ARRANGEMENTS = 4;
const MAX_BLACKOUTS = 6;

export function staffed(env: Environment): Staff[] {
  return affordancesOf(env, 'assignment').filter(
    ({ jobTable, workerTable, tool }) =>
      nameColumn(env, jobTable) !== null &&
      nameColumn(env, workerTable) !== null &&
      implOf(env, tool, 'assign') !== null,
  );
}

/** The solver: one job after the other, everyone of the pool who fits. */
function arrangements(world: Simulation, ir: MatchingIr, limit: number): string[][] {
  const staff = staffed(world.env).find(({ jobTable }) => jobTable === ir.table)!;
  const { jobTable, workerTable, job, worker } = staff;
  const rows = (table: string, names: readonly string[]): Row[] =>
    names.map((name) => world.row(table, world.byName(table, name)!)!);
  const [jobs, pool] = [rows(jobTable, ir.jobs), rows(workerTable, ir.pool)];
  const keys = pool.map((row) => world.key(workerTable, row));
  const all = world.rows(jobTable);
  const before = keys.map((key) => all.filter((row) => row[job.assignee] === key));
  const clash = (a: Row, b: Row): boolean =>
    String(a[job.start]) < String(b[job.end]) && String(b[job.start]) < String(a[job.end]);
  const found: string[][] = [];
  const taken: number[] = [];
  const fits = (at: number, who: number): boolean => {
    world.nodes++;
    const one = jobs[at]!;
    const own = jobs.filter((_, i) => taken[i] === who && i < at);
    const load = own.length + before[who]!.length;
    return (
      pool[who]![worker.skill] === one[job.needs] &&
      load < Number(pool[who]![worker.limit]) &&
      own.length < ir.most &&
      ![...own, ...before[who]!].some((other) => clash(one, other)) &&
      !ir.blackouts.some(
        (off) => off.worker === ir.pool[who] && String(one[job.start]).slice(0, 10) === off.date,
      )
    );
  };
  const go = (at: number): void => {
    if (found.length >= limit) return;
    if (at === jobs.length) {
      found.push(taken.slice(0, at).map((who) => ir.pool[who]!));
      return;
    }
    for (let who = 0; who < pool.length; who++) {
      if (!fits(at, who)) continue;
      taken[at] = who;
      go(at + 1);
      taken.length = at;
    }
  };
  go(0);
  return found;
}

export function matchings(
  loaded: LoadedEnvironment,
  patch: readonly RowChange[],
  ir: MatchingIr,
): RightEnd[] {
  const found = arrangements(new Simulation(loaded, patch), ir, MAX_RIGHT_ENDS + 1);
  return found.map((plan) => {
    const world = new Simulation(loaded, patch);
    plan.forEach((to, i) => world.do({ kind: 'assign', table: ir.table, row: ir.jobs[i]!, to }));
    return { submission: { assigned: plan.length }, changes: world.changes() };
  });
}

export function proposeMatching(
  loaded: LoadedEnvironment,
  random: Random,
  language: Language,
  level: number,
): Candidate | null {
  const staff = random.pick(staffed(loaded.env));
  let drawn: Drawn | null = null;
  for (let tries = 0; !drawn && tries < MAX_DRAWS; tries++) {
    drawn = drawMatching(loaded, staff, random, level);
  }
  if (!drawn) return null;
  const { ir, plans, nodes } = drawn;
  const { jobTable, workerTable, job, worker } = staff;
  const answer: JsonObject = { assigned: ir.jobs.length };
  const callsOf = (plan: Plan): Call[] => {
    const trial = new Trial(loaded);
    return plan.flatMap((to, i) => {
      // Which call it is does not depend on the calls before.
      return trial.callFor({ kind: 'assign', table: jobTable, row: ir.jobs[i]!, to }) ?? [];
    });
  };
  const allowed = plans.every((plan) => {
    const trial = new Trial(loaded);
    return callsOf(plan).every((call) => trial.perform(call));
  });
  if (!allowed) return null;
  const route = (plan: Plan, turned: boolean, people: readonly string[]): SolutionPlan | null =>
    record(loaded, [], answer, (reader) => {
      const all = reader.list(jobTable, {}, [job.start, job.end, job.needs, job.assignee]);
      for (const name of people) reader.named(workerTable, name, [worker.skill, worker.limit]);
      const calls = callsOf(plan);
      for (const call of turned ? calls.toReversed() : calls) reader.run(call);
      return all.map(({ fields }) => fields.get(job.assignee)!);
    });
  const solution = route(plans[0]!, false, ir.pool);
  if (!solution) return null;
  const keys = new Map(
    [...ir.jobs.map((name) => [jobTable, name]), ...ir.pool.map((name) => [workerTable, name])].map(
      ([table, name]) => [`${table} ${name}`, new Trial(loaded).byName(table!, name!)!],
    ),
  );
  const key = (table: string, name: string): string => keys.get(`${table} ${name}`)!;
  return finish(
    loaded,
    {
      family: 'schedule',
      skeleton: `schedule/matching/${ir.jobs.length}/${ir.pool.length}/${ir.blackouts.length}/${ir.most}`,
      language,
      ir: ir as unknown as JsonObject,
      request: renderSchedule(ir, loaded.env, language, random),
      patch: [],
      submissionSchema: formOf({ assigned: WHOLE }),
      verifier: {
        stateChecks: matchingChecks(staff, loaded.base.specs, ir, key),
        submissionChecks: [hasFields(['assigned']), fieldIs('assigned', ir.jobs.length)],
        allowedWrites: [
          {
            table: jobTable,
            keys: ir.jobs.map((name) => key(jobTable, name)),
            columns: [job.assignee],
          },
        ],
      },
      solution,
      alternatives: [
        route(plans[0]!, true, ir.pool),
        route(plans[0]!, false, ir.pool.toReversed()),
        route(plans[0]!, true, random.shuffled(ir.pool)),
        ...plans.slice(1).map((plan) => route(plan, false, ir.pool)),
      ],
      decoys: decoysOf(loaded, staff, ir, plans, callsOf, random),
      size: {
        constraints: 4 + ir.blackouts.length,
        candidatesLog10: Math.round(ir.jobs.length * Math.log10(ir.pool.length)),
        solverNodes: nodes,
      },
    },
    false,
  );
}

interface Drawn {
  readonly ir: MatchingIr;
  readonly plans: readonly Plan[];
  readonly nodes: number;
}

function drawMatching(
  loaded: LoadedEnvironment,
  { jobTable, workerTable, job, worker }: Staff,
  random: Random,
  level: number,
): Drawn | null {
  const trial = new Trial(loaded);
  const name = (table: string, row: Row): string => String(row[nameColumn(loaded.env, table)!]);
  const open = trial.db
    .rows(jobTable)
    .filter((row) => row[job.assignee] === null && String(row[job.start]) > loaded.env.clock);
  const count = 5 + Math.min(level, 2);
  const jobs = random.sample(open, count);
  if (jobs.length < count) return null;
  const workers = random.shuffled(trial.db.rows(workerTable));
  const skills = [...new Set(jobs.map((row) => row[job.needs]))];
  const fit = skills.flatMap((skill) =>
    workers.filter((row) => row[worker.skill] === skill).slice(0, 3),
  );
  const others = workers.filter((row) => !fit.includes(row)).slice(0, 2);
  const pool = random.shuffled([...fit, ...others]).map((row) => name(workerTable, row));
  const day = new Map(
    jobs.map((row) => [name(jobTable, row), String(row[job.start]).slice(0, 10)]),
  );
  let ir: MatchingIr = {
    kind: 'matching',
    table: jobTable,
    jobs: jobs.map((row) => name(jobTable, row)),
    pool,
    blackouts: [],
    most: random.int(1, 2),
  };
  const world = new Simulation(loaded, []);
  let plans = arrangements(world, ir, 4 * MAX_RIGHT_ENDS);
  const keep = plans.length > 0 ? random.pick(plans) : null;
  while (keep && plans.length > MAX_ARRANGEMENTS && ir.blackouts.length < MAX_BLACKOUTS) {
    // A day off for somebody who works otherwise in another arrangement.
    const other = random.pick(plans.filter((plan) => plan.join('\n') !== keep.join('\n')));
    const at = other.findIndex((who, i) => who !== keep[i]);
    const off = { worker: other[at]!, date: day.get(ir.jobs[at]!)! };
    const spoils = keep.some((who, i) => who === off.worker && day.get(ir.jobs[i]!) === off.date);
    if (spoils) return null;
    ir = { ...ir, blackouts: [...ir.blackouts, off].toSorted(blackoutOrder) };
    plans = arrangements(world, ir, 4 * MAX_RIGHT_ENDS);
  }
  const few = plans.length > 0 && plans.length <= MAX_ARRANGEMENTS;
  return few ? { ir, plans, nodes: world.nodes } : null;
}

function decoysOf(
  loaded: LoadedEnvironment,
  { jobTable, job }: Staff,
  ir: MatchingIr,
  plans: readonly Plan[],
  callsOf: (plan: Plan) => Call[],
  random: Random,
): Decoy[] {
  const answer: JsonObject = { assigned: ir.jobs.length };
  const right = plans[0]!;
  const rightOnes = new Set(plans.map((plan) => plan.join('\n')));
  const found: Decoy[] = [
    { id: 'nothing', plan: rawPlan([], answer) },
    { id: 'half', plan: rawPlan(callsOf(right).slice(0, Math.floor(right.length / 2)), answer) },
    { id: 'report+1', plan: rawPlan(callsOf(right), { assigned: right.length + 1 }) },
    { id: 'report-text', plan: rawPlan(callsOf(right), { assigned: String(right.length) }) },
    { id: 'report-empty', plan: rawPlan(callsOf(right), {}) },
  ];
  const add = (id: string, plan: Plan): void => {
    if (!rightOnes.has(plan.join('\n'))) found.push({ id, plan: rawPlan(callsOf(plan), answer) });
  };
  const trial = new Trial(loaded);
  const everyone = staffed(loaded.env).find((one) => one.jobTable === jobTable)!.workerTable;
  const names = trial.db
    .rows(everyone)
    .map((row) => String(row[nameColumn(loaded.env, everyone)!]));
  const strangers = names.filter((name) => !ir.pool.includes(name));
  const other = trial.db
    .rows(jobTable)
    .find(
      (row) =>
        row[job.assignee] === null &&
        !ir.jobs.includes(String(row[nameColumn(loaded.env, jobTable)!])),
    );
  if (other) {
    const extra = trial.callFor({
      kind: 'assign',
      table: jobTable,
      row: String(other[nameColumn(loaded.env, jobTable)!]),
      to: random.pick(names),
    });
    if (extra) found.push({ id: 'extra', plan: rawPlan([...callsOf(right), extra], answer) });
  }
  right.forEach((who, i) => {
    const instead = (next: string): Plan => right.map((one, at) => (at === i ? next : one));
    found.push({ id: `without:${i}`, plan: rawPlan(callsOf(right).toSpliced(i, 1), answer) });
    add(`stranger:${i}`, instead(random.pick(strangers)));
    for (const next of ir.pool) if (next !== who) add(`other:${i}:${next}`, instead(next));
  });
  add(
    'one-for-all',
    right.map(() => right[0]!),
  );
  add('turned', right.toReversed());
  return found;
}
