// F8, diagnosis: some of the devices named do not work because settings are wrong; some settings only the
// user can see and change, and some not even the user. What can be repaired must work afterwards, what
// cannot must be left as it is and passed on. Source: agents reference §6.4 F8.

import { derived } from '../plan-recorder.js';
import type { Random } from '../random.js';
import type { Candidate, Language, RowChange, SolutionPlan } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Json, JsonObject, Row } from '../world-types.js';
import { fieldIs, hasFields } from './choose/checks.js';
import {
  deviceChecks,
  devicesOf,
  fixCall,
  readSetting,
  type Device,
  type DeviceIr,
} from './diagnosis-device.js';
import { readTrouble, renderTrouble, userOf } from './diagnosis-text.js';
import type { TaskFamily } from './family.js';
import { rawPlan, Trial } from './operate/attempt.js';
import { finish, formOf, record, TEXTS, tried, type Decoy } from './operate/finish.js';
import type { Call } from './operate/operation.js';
import { Simulation } from './operate/simulation.js';

/** Requests with something that nobody here can repair. */
const HOPELESS_PERCENT = 45;

export const diagnosis: TaskFamily = {
  id: 'diagnosis',
  applies: (env) => devicesOf(env).length > 0,
  propose: (loaded, random, language, level) =>
    tried(() => propose(loaded, random, language, level)),
  parse: (text, env, language) => readTrouble(text, env, language) as unknown as JsonObject | null,
  solve(loaded, patch, ir) {
    const { table, names, manual, unable } = ir as unknown as DeviceIr;
    const world = new Simulation(loaded, patch);
    const device = devicesOf(loaded.env).find((one) => one.table === table)!;
    const [repaired, escalated]: [string[], string[]] = [[], []];
    for (const name of names) {
      const key = world.byName(table, name)!;
      const row = world.row(table, key)!;
      const wrong = manual.filter(({ column, good }) => row[column] !== good);
      if (wrong.some(({ column }) => unable.includes(column))) escalated.push(name);
      else if (
        wrong.every(({ column }) => world.perform(fixCall(loaded.env, device, column, key)))
      ) {
        if (wrong.length > 0) repaired.push(name);
      }
    }
    return [{ submission: { repaired, escalated }, changes: world.changes() }];
  },
};

interface Case {
  readonly name: string;
  readonly key: string;
  /** Columns that are wrong. */
  readonly faults: readonly string[];
  readonly hopeless: boolean;
}

interface Ward {
  readonly device: Device;
  readonly unable: readonly string[];
  readonly patch: readonly RowChange[];
  readonly cases: readonly Case[];
}

function propose(
  loaded: LoadedEnvironment,
  random: Random,
  language: Language,
  level: number,
): Candidate | null {
  const { env } = loaded;
  const ward = drawWard(loaded, random, level);
  if (!ward) return null;
  const { device, unable, patch, cases } = ward;
  const names = cases.map(({ name }) => name);
  const manual = device.settings
    .map(({ column, good }) => ({ column, good }))
    .toSorted((a, b) => (a.column < b.column ? -1 : 1));
  const ir: DeviceIr = { table: device.table, names, manual, unable };
  const broken = cases.filter(({ faults }) => faults.length > 0);
  const [fixable, hopeless] = [
    broken.filter((one) => !one.hopeless),
    broken.filter((one) => one.hopeless),
  ];
  const listed = (some: readonly Case[]): string[] => some.map(({ name }) => name);
  const answer: JsonObject = { repaired: listed(fixable), escalated: listed(hopeless) };
  const calls = (some: readonly Case[]): Call[] =>
    some.flatMap(({ key, faults }) => faults.map((column) => fixCall(env, device, column, key)));
  const route = (order: readonly Case[], settings: Device['settings']): SolutionPlan | null =>
    record(loaded, patch, answer, (reader) => {
      for (const { name, key, faults, hopeless: lost } of order) {
        const row = reader.named(device.table, name);
        const probe = (): void =>
          reader.note(reader.run({ tool: device.probeTool, args: { [device.param]: key } }));
        probe();
        for (const { column } of faults.length > 0 ? settings : []) {
          const shown = readSetting(reader, device, column, row);
          if (shown) reader.note(shown);
        }
        if (faults.length === 0 || lost) continue;
        for (const { column } of settings) {
          if (faults.includes(column)) reader.run(fixCall(env, device, column, key));
        }
        probe();
      }
      const escalate = env.tools.find(({ impl }) => impl.archetype === 'escalate');
      if (hopeless.length > 0 && escalate?.impl.archetype === 'escalate') {
        const reason = derived(listed(hopeless).join(', '), reader.evidence);
        reader.recorder.call(escalate.name, { [escalate.impl.reasonParam]: reason });
      }
      return [];
    });
  const solution = route(cases, device.settings);
  if (!solution) return null;
  const sameSet = (name: string, values: readonly string[]) => ({
    id: name,
    expr: { ...fieldIs(name, values).expr, op: 'same-set' } as never,
  });
  const request = renderTrouble(ir, env, language, random);
  const world = new Simulation(loaded, patch);
  names.forEach((name) => world.byName(device.table, name));
  return finish(loaded, {
    family: 'diagnosis',
    skeleton: `diagnosis/${cases
      .map((one) => `${one.faults.length}${one.hopeless ? '!' : ''}`)
      .toSorted()
      .join('+')}/${device.settings.length}`,
    language,
    ir: ir as unknown as JsonObject,
    request,
    patch,
    submissionSchema: formOf({ repaired: TEXTS, escalated: TEXTS }),
    user: userOf(new Trial(loaded, patch), ir, device, request, language),
    verifier: {
      stateChecks: deviceChecks(
        device,
        fixable.map(({ key }) => key),
        hopeless.map(({ key }) => key),
      ),
      submissionChecks: [
        hasFields(['repaired', 'escalated']),
        sameSet('repaired', listed(fixable)),
        sameSet('escalated', listed(hopeless)),
      ],
    },
    solution,
    alternatives: [
      route(cases.toReversed(), device.settings),
      route(cases, device.settings.toReversed()),
      route(random.shuffled(cases), random.shuffled(device.settings)),
      route(cases.toReversed(), device.settings.toReversed()),
    ],
    decoys: decoysOf(loaded, ward, calls, answer),
    size: {
      constraints: manual.length + unable.length,
      candidatesLog10: Math.round(
        cases.length * device.settings.length * Math.log10(2) + cases.length * Math.log10(3),
      ),
      solverNodes: world.nodes,
    },
  });
}

/** Devices to be looked at, healthy ones among them, and the patch that makes them so. */
function drawWard(loaded: LoadedEnvironment, random: Random, level: number): Ward | null {
  const device = random.pick(devicesOf(loaded.env));
  const { table, settings } = device;
  const trial = new Trial(loaded);
  const spec = trial.db.spec(table);
  const users = settings.filter(({ side }) => side === 'user');
  if (users.length === 0) return null;
  const hard = random.chance(HOPELESS_PERCENT);
  const unable = hard ? [random.pick(users).column] : [];
  const count = 3 + Math.min(level, 2);
  const rows = random.sample(trial.db.rows(table), count);
  if (rows.length < count) return null;
  const columns = settings.map(({ column }) => column);
  const cases = rows.map((row, i): Case => {
    const free = columns.filter((column) => !unable.includes(column));
    const hopeless = hard && i === 0;
    const some =
      i === count - 1 && random.chance(70)
        ? []
        : random.sample(free, random.int(1, Math.min(3, free.length)));
    const key = String(row[spec.key]);
    return {
      name: trial.nameOf(table, key),
      key,
      faults: hopeless ? [...unable, ...some.slice(1)] : some,
      hopeless,
    };
  });
  const patch = rows.map((row, i): RowChange => {
    const after: Record<string, Row[string]> = { ...row };
    for (const { column, good } of settings) {
      const values = spec.columns.find(({ name }) => name === column)?.values;
      const bad = values ? random.pick(values.filter((value) => value !== good)) : good !== true;
      after[column] = cases[i]!.faults.includes(column) ? bad : good;
    }
    return { table, key: cases[i]!.key, before: row, after };
  });
  const changed = patch.filter(({ before, after }) =>
    columns.some((column) => before![column] !== after![column]),
  );
  return { device, unable, patch: changed, cases: random.shuffled(cases) };
}

function decoysOf(
  loaded: LoadedEnvironment,
  { device, unable, patch, cases }: Ward,
  calls: (some: readonly Case[]) => Call[],
  answer: JsonObject,
): Decoy[] {
  const { env } = loaded;
  const broken = cases.filter(({ faults }) => faults.length > 0);
  const [fixable, hopeless] = [
    broken.filter((one) => !one.hopeless),
    broken.filter((one) => one.hopeless),
  ];
  const right = calls(fixable);
  const sideOf = (call: Call) => env.tools.find(({ name }) => name === call.tool)?.side;
  const found: Decoy[] = [];
  const add = (id: string, list: readonly Call[], submission: Json = answer): void => {
    found.push({ id, plan: rawPlan(list, submission) });
  };
  const names = (some: readonly Case[]): string[] => some.map(({ name }) => name);
  add('nothing', []);
  add('nothing-told', [], { repaired: [], escalated: names(broken) });
  add('half', right.slice(0, Math.floor(right.length / 2)));
  add(
    'agent-side-only',
    right.filter((call) => sideOf(call) === 'agent'),
  );
  add(
    'user-side-only',
    right.filter((call) => sideOf(call) === 'user'),
  );
  add('all-repaired', calls(broken), { repaired: names(broken), escalated: [] });
  for (const one of hopeless) {
    add('hopeless-touched', [...right, ...calls([one])]);
    const rest = one.faults.filter((column) => !unable.includes(column));
    if (rest.length > 0)
      add('hopeless-half-done', [...right, ...calls([{ ...one, faults: rest }])]);
  }
  right.forEach((call, i) =>
    add(
      `without:${i}`,
      right.filter((one) => one !== call),
    ),
  );
  right.forEach((call, i) => add(`twice:${i}`, [...right, call]));
  const healthy = cases.find(({ faults }) => faults.length === 0);
  const toggles = device.settings.filter(
    ({ fixTool }) =>
      env.tools.find(({ name }) => name === fixTool)?.impl.archetype === 'toggle-setting',
  );
  for (const { column } of toggles) {
    if (healthy)
      add(`healthy-touched:${column}`, [...right, fixCall(env, device, column, healthy.key)]);
    const done = fixable[0];
    if (done && !done.faults.includes(column))
      add(`spoilt:${column}`, [...right, fixCall(env, device, column, done.key)]);
  }
  const trial = new Trial(loaded, patch);
  const other = trial.db
    .rows(device.table)
    .map((row) => String(row[trial.db.spec(device.table).key]));
  const stranger = other.find((key) => !cases.some((one) => one.key === key));
  if (stranger !== undefined && toggles[0]) {
    add('stranger-touched', [...right, fixCall(env, device, toggles[0].column, stranger)]);
  }
  add('report-all', right, { repaired: names(cases), escalated: [] });
  add('report-turned', right, { repaired: answer['escalated']!, escalated: answer['repaired']! });
  add('report-short', right, { ...answer, repaired: names(fixable).slice(1) });
  add('report-escalates-all', right, { repaired: names(fixable), escalated: names(cases) });
  add('report-empty', right, {});
  return found;
}
