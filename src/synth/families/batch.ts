// F10, long batches: the rows of one kind are worked through in a stated order, some left out by a rule,
// each using up a budget, those that the policy forbids passed over. Only a simulation in the stated order
// gives the end state. Every part of the request is drawn so that leaving it out changes the result.
// Source: agents reference §6.4 F10.

import type { Random } from '../random.js';
import type { Candidate, Language, SolutionPlan } from '../task-types.js';
import { literal } from '../plan-recorder.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Json, JsonObject, Row } from '../world-types.js';
import { drawBatch, MIN_DONE } from './batch-draw.js';
import { readBatch, renderBatch } from './batch-text.js';
import type { BatchIr } from './batch-types.js';
import { fieldIs, hasFields } from './choose/checks.js';
import { compare } from './choose/truth.js';
import type { TaskFamily } from './family.js';
import { rawPlan, Trial } from './operate/attempt.js';
import { canChange } from './operate/draw.js';
import { finish, formOf, record, tried, WHOLE } from './operate/finish.js';
import { nameColumn, type Call, type Operation } from './operate/operation.js';
import { compared } from './operate/rule-reader.js';
import { Simulation } from './operate/simulation.js';

export const batch: TaskFamily = {
  id: 'batch',
  applies: canChange,
  propose: (loaded, random, language, level) =>
    tried(() => propose(loaded, random, language, level)),
  parse: (text, env, language) => readBatch(text, env, language) as unknown as JsonObject | null,
  solve(loaded, patch, ir) {
    const world = new Simulation(loaded, patch);
    const submission = simulate(world, ir as unknown as BatchIr);
    return [{ submission, changes: world.changes() }];
  },
};

/** The solver: the request as it is written, one row after the other. */
function simulate(
  world: Simulation,
  { table, filter, skip, order, budget, action }: BatchIr,
): JsonObject {
  const queue = world.rows(table).filter((row) => row[filter.column] === filter.value);
  const sign = order.descending ? -1 : 1;
  const sorted = queue.toSorted((a, b) =>
    compared('<', a[order.column]!, b[order.column]!) ? -sign : sign,
  );
  let [changed, total] = [0, 0];
  for (const row of sorted) {
    if (skip && compared(skip.op, row[skip.column]!, skip.value)) continue;
    if (action.kind === 'set' && compared('=', row[action.column]!, action.value)) continue;
    const name = String(row[nameColumn(world.env, table) ?? '']);
    const cost = Number(row[budget.column]);
    const fits = total + cost <= budget.limit;
    if (!fits && budget.mode === 'skip') continue;
    // Whether it would be allowed decides before the budget does.
    const trial = fits ? world : new Simulation(world.loaded, world.changes());
    if (!trial.do({ ...action, table, row: name } as Operation)) continue;
    if (!fits) break;
    changed++;
    total += cost;
  }
  return { changed, total };
}

interface Work {
  readonly calls: readonly Call[];
  readonly names: readonly string[];
  readonly answer: JsonObject;
}

/** The proposer's way through it, on the real tools. */
export function carryOut(loaded: LoadedEnvironment, ir: BatchIr): Work {
  const { table, filter, skip, order, budget, action } = ir;
  const trial = new Trial(loaded);
  const name = nameColumn(loaded.env, table)!;
  const key = (row: Row): string | number => row[order.column] as string | number;
  const rows = trial.db
    .rows(table)
    .filter((row) => row[filter.column] === filter.value)
    .filter((row) => !skip || !compare(row[skip.column] ?? null, skip.op, skip.value as never))
    .filter((row) => action.kind !== 'set' || row[action.column] !== action.value)
    .toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
  if (order.descending) rows.reverse();
  const done: { call: Call; name: string }[] = [];
  let total = 0;
  for (const row of rows) {
    const call = trial.callFor({ ...action, table, row: String(row[name]) } as Operation);
    if (!call || !canDo(loaded, call)) continue;
    const cost = row[budget.column] as number;
    if (total + cost > budget.limit) {
      if (budget.mode === 'stop') break;
      continue;
    }
    total += cost;
    done.push({ call, name: String(row[name]) });
  }
  return {
    calls: done.map(({ call }) => call),
    names: done.map((one) => one.name),
    answer: { changed: done.length, total },
  };
}

const verdicts = new WeakMap<LoadedEnvironment, Map<string, boolean>>();

/** Rows of a batch do not depend on one another: the start decides what is allowed, once for all draws. */
function canDo(loaded: LoadedEnvironment, call: Call): boolean {
  let known = verdicts.get(loaded);
  if (!known) verdicts.set(loaded, (known = new Map<string, boolean>()));
  const asked = JSON.stringify(call);
  let verdict = known.get(asked);
  if (verdict === undefined) known.set(asked, (verdict = new Trial(loaded).perform(call)));
  return verdict;
}

function propose(
  loaded: LoadedEnvironment,
  random: Random,
  language: Language,
  level: number,
): Candidate | null {
  const ir = drawBatch(loaded, random, level, carryOut);
  if (!ir) return null;
  const work = carryOut(loaded, ir);
  if (work.names.length < MIN_DONE) return null;
  const request = renderBatch(ir, loaded.env, language, random);
  const route = (order: readonly string[], detour = false): SolutionPlan | null =>
    record(loaded, [], work.answer, (reader) => {
      const { table, filter, skip, order: by, budget, action } = ir;
      const columns = [by.column, budget.column, filter.column];
      if (skip) columns.push(skip.column);
      if (action.kind === 'set') columns.push(action.column);
      const where = { [filter.column]: literal(filter.value) };
      const rows = reader.list(table, detour ? {} : where, [...new Set(columns)]);
      const trial = new Trial(loaded, [], reader.recorder.session);
      const own = rows.filter(({ fields }) => fields.get(filter.column)?.value === filter.value);
      const calls = new Map<string, Call>();
      for (const row of own) {
        const name = trial.nameOf(table, String(row.key.value));
        const call = trial.callFor({ ...action, table, row: name } as Operation);
        if (!call) continue;
        calls.set(name, call);
        if (
          !skip ||
          !compare(row.fields.get(skip.column)!.value as never, skip.op, skip.value as never)
        ) {
          reader.consult(call, work.names.includes(name));
        }
      }
      for (const name of order) reader.run(calls.get(name)!);
      return own.flatMap(({ fields }) => columns.map((column) => fields.get(column)!));
    });
  const solution = route(work.names);
  if (!solution) return null;
  const world = new Simulation(loaded, []);
  simulate(world, ir);
  const { changed, total } = work.answer as { changed: number; total: number };
  return finish(loaded, {
    family: 'batch',
    skeleton: `batch/${ir.action.kind}/${ir.budget.mode}/${ir.skip ? ir.skip.op : 'all'}/${ir.order.descending ? 'down' : 'up'}/${Math.ceil(changed / 4)}`,
    language,
    ir: ir as unknown as JsonObject,
    request,
    patch: [],
    submissionSchema: formOf({ changed: WHOLE, total: WHOLE }),
    verifier: {
      submissionChecks: [
        hasFields(['changed', 'total']),
        fieldIs('changed', changed),
        fieldIs('total', total),
      ],
    },
    solution,
    alternatives: [
      route(work.names.toReversed()),
      route(random.shuffled(work.names)),
      route([...work.names.slice(1), work.names[0]!]),
      route(work.names, true),
    ],
    decoys: decoysOf(loaded, ir, work, random),
    size: {
      constraints: 3 + (ir.skip ? 1 : 0),
      candidatesLog10: Math.round(loaded.base.table(ir.table).size * Math.log10(2)),
      solverNodes: world.nodes,
    },
  });
}

function decoysOf(
  loaded: LoadedEnvironment,
  ir: BatchIr,
  { calls, answer }: Work,
  random: Random,
): { id: string; plan: SolutionPlan }[] {
  const { changed, total } = answer as { changed: number; total: number };
  const other = (id: string, changes: Partial<BatchIr>) => {
    const work = carryOut(loaded, { ...ir, ...changes });
    return { id, plan: rawPlan(work.calls, work.answer) };
  };
  const plan = (id: string, list: readonly Call[], submission: Json = answer) => ({
    id,
    plan: rawPlan(list, submission),
  });
  const { budget, order, action } = ir;
  const flipped = budget.mode === 'skip' ? 'stop' : 'skip';
  const spec = loaded.env.tables.find(({ name }) => name === ir.table)!;
  const kinds = spec.columns.find(({ name }) => name === ir.filter.column)!.values ?? [];
  const neighbour = random.pick(kinds.filter((value) => value !== ir.filter.value));
  const wrongAction =
    action.kind === 'adjust'
      ? { ...action, by: action.by + 1 }
      : action.kind === 'set' && typeof action.value === 'number'
        ? { ...action, value: action.value + 1 }
        : null;
  const beyond = carryOut(loaded, { ...ir, budget: { ...budget, limit: Number.MAX_SAFE_INTEGER } });
  const extra = beyond.calls.find(({ args }) => !calls.some((call) => sameArgs(call.args, args)));
  return [
    plan('nothing', []),
    plan('half', calls.slice(0, Math.floor(calls.length / 2))),
    plan('all-but-last', calls.slice(0, -1)),
    plan('all-but-first', calls.slice(1)),
    ...(extra ? [plan('one-more', [...calls, extra])] : []),
    other('budget-ignored', { budget: { ...budget, limit: Number.MAX_SAFE_INTEGER } }),
    other('other-budget-rule', { budget: { ...budget, mode: flipped } }),
    other('turned-order', { order: { ...order, descending: !order.descending } }),
    other('nothing-left-out', { skip: null }),
    other('neighbour', { filter: { ...ir.filter, value: neighbour } }),
    other('budget-halved', { budget: { ...budget, limit: Math.floor(budget.limit / 2) } }),
    ...(wrongAction ? [other('off-by-one', { action: wrongAction })] : []),
    plan('count', calls, { changed: changed + 1, total }),
    plan('total', calls, { changed, total: total + 1 }),
    plan('limit-as-total', calls, { changed, total: budget.limit }),
    plan('text', calls, { changed: String(changed), total }),
    plan('empty', calls, {}),
    plan('twice', [...calls, ...calls]),
  ];
}

function sameArgs(a: Row, b: Row): boolean {
  return Object.entries(a).every(([name, value]) => b[name] === value);
}
