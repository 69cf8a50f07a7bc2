// F5, repair: the start state has been damaged in a few places (totals that are not the sum of their
// parts, times that are booked twice) inside and outside of what the request names. What is wrong inside
// must be found and put right, as far as the policy allows; nothing else may change.
// Source: agents reference §6.4 F5.

import type { Random } from '../random.js';
import type { Candidate, Language, SolutionPlan } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Environment, Json, JsonObject } from '../world-types.js';
import { fieldIs, hasFields } from './choose/checks.js';
import type { TaskFamily } from './family.js';
import { rawPlan, Trial } from './operate/attempt.js';
import { finish, formOf, record, TEXTS, tried, type Decoy } from './operate/finish.js';
import type { Call } from './operate/operation.js';
import { Simulation } from './operate/simulation.js';
import { bookingRepair } from './repair-bookings.js';
import { readRepair, renderRepair } from './repair-text.js';
import { totalRepair } from './repair-totals.js';
import type { Damage, RepairIr, RepairKind } from './repair-types.js';

const KINDS: readonly RepairKind[] = [totalRepair, bookingRepair];

const kindsOf = (env: Environment): RepairKind[] =>
  KINDS.filter(({ tables }) => tables(env).length > 0);

export const repair: TaskFamily = {
  id: 'repair',
  applies: (env) => kindsOf(env).length > 0,
  propose: (loaded, random, language, level) =>
    tried(() => propose(loaded, random, language, level)),
  parse: (text, env, language) => readRepair(text, env, language) as unknown as JsonObject | null,
  solve(loaded, patch, ir) {
    const { kind, table, names } = ir as unknown as RepairIr;
    const world = new Simulation(loaded, patch);
    const found = KINDS.find(({ id }) => id === kind)!.faults(world, table, names);
    const done = found.map(({ name, call }) => ({ name, ok: world.perform(call) }));
    const of = (ok: boolean): string[] =>
      done.filter((one) => one.ok === ok).map(({ name }) => name);
    return [{ submission: { corrected: of(true), left: of(false) }, changes: world.changes() }];
  },
};

function propose(
  loaded: LoadedEnvironment,
  random: Random,
  language: Language,
  level: number,
): Candidate | null {
  const kind = random.pick(kindsOf(loaded.env));
  const table = random.pick(kind.tables(loaded.env));
  const damage = kind.damage(loaded, table, random, level);
  if (!damage) return null;
  const { patch, names, faults } = damage;
  const ir: RepairIr = { kind: kind.id, table, names };
  const trial = new Trial(loaded, patch);
  const judged = faults.map((fault) => ({ ...fault, ok: trial.perform(fault.call) }));
  const [fixed, left] = [judged.filter(({ ok }) => ok), judged.filter(({ ok }) => !ok)];
  if (fixed.length === 0) return null;
  const list = (some: readonly { name: string }[]): string[] => some.map(({ name }) => name);
  const answer: JsonObject = { corrected: list(fixed), left: list(left) };
  const fine = new Set(list(fixed));
  const route = (order: readonly string[], first: boolean): SolutionPlan | null =>
    record(loaded, patch, answer, (reader) => {
      const wrong = (name: string) => faults.find((fault) => fault.name === name);
      const seen = order.map((name) => ({ name, shown: kind.inspect(reader, table, name) }));
      const act = ({ name, shown }: (typeof seen)[number]): void => {
        const fault = wrong(name);
        if (!fault) return;
        reader.consult(fault.call, fine.has(name));
        if (fine.has(name))
          reader.run(fault.call, kind.values(loaded.env, table, fault.call, shown));
      };
      (first ? seen : seen.toReversed()).forEach(act);
      return seen.flatMap(({ shown }) => shown);
    });
  const solution = route(names, true);
  if (!solution) return null;
  const world = new Simulation(loaded, patch);
  kind.faults(world, table, names);
  const sameSet = (name: string, values: readonly string[]) => ({
    id: name,
    expr: { ...fieldIs(name, values).expr, op: 'same-set' } as never,
  });
  return finish(loaded, {
    family: 'repair',
    skeleton: `repair/${kind.id}/${names.length}/${fixed.length}+${left.length}`,
    language,
    ir: ir as unknown as JsonObject,
    request: renderRepair(ir, loaded.env, language, random),
    patch,
    submissionSchema: formOf({ corrected: TEXTS, left: TEXTS }),
    verifier: {
      stateChecks: kind.checks(loaded.env, table, damage, fine),
      submissionChecks: [
        hasFields(['corrected', 'left']),
        sameSet('corrected', list(fixed)),
        sameSet('left', list(left)),
      ],
    },
    solution,
    alternatives: [
      route(names.toReversed(), true),
      route(random.shuffled(names), true),
      route(names, false),
      route(random.shuffled(names), false),
    ],
    decoys: decoysOf(
      loaded,
      kind,
      table,
      damage,
      fixed.map(({ call }) => call),
      answer,
    ),
    size: {
      constraints: names.length,
      candidatesLog10:
        Math.round(Math.log10(2 ** names.length * loaded.base.table(table).size)) + 2,
      solverNodes: world.nodes,
    },
  });
}

function decoysOf(
  loaded: LoadedEnvironment,
  kind: RepairKind,
  table: string,
  damage: Damage,
  calls: readonly Call[],
  answer: JsonObject,
): Decoy[] {
  const { names, faults, outside } = damage;
  const found: Decoy[] = [];
  const add = (id: string, list: readonly Call[], submission: Json = answer): void => {
    found.push({ id, plan: rawPlan(list, submission) });
  };
  const [corrected, left] = [answer['corrected'], answer['left']] as [string[], string[]];
  const report = (one: readonly string[], other: readonly string[]): JsonObject => ({
    corrected: one,
    left: other,
  });
  add('nothing', []);
  add('nothing-told', [], report([], []));
  add('half', calls.slice(0, Math.floor(calls.length / 2)));
  add(
    'all',
    faults.map(({ call }) => call),
    report(
      faults.map(({ name }) => name),
      [],
    ),
  );
  calls.forEach((call, i) =>
    add(
      `without:${i}`,
      calls.filter((one) => one !== call),
    ),
  );
  calls.forEach((call, i) => {
    const wrong = kind.wrongCall(loaded, table, damage, call);
    if (wrong)
      add(
        `wrong:${i}`,
        calls.map((one) => (one === call ? wrong : one)),
      );
    if (wrong) add(`also:${i}`, [...calls, wrong]);
  });
  outside.forEach((call, i) => add(`outside:${i}`, [...calls, call]));
  add('report-all', calls, report(names, []));
  add('report-none', calls, report([], left));
  add('report-short', calls, report(corrected.slice(1), left));
  add(
    'report-more',
    calls,
    report([...corrected, names.find((name) => !corrected.includes(name)) ?? ''], left),
  );
  add('report-turned', calls, report(left, corrected));
  add('report-text', calls, { corrected: corrected.join(', '), left });
  add('report-empty', calls, {});
  return found;
}
