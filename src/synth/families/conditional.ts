// F9, conditional branches: in each of several matters one thing is to be done if it is possible and
// allowed, else another, unless a fact stands against it. What is possible shows only in the calls.
// Source: agents reference §6.4 F9.

import type { Random } from '../random.js';
import type { Candidate, Language, SolutionPlan } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Json, JsonObject, Value } from '../world-types.js';
import { fieldIs, hasFields } from './choose/checks.js';
import { compare } from './choose/truth.js';
import { readMatters, renderMatters, type Fact, type Matter } from './conditional-text.js';
import type { TaskFamily } from './family.js';
import { Words } from './grammar/words.js';
import { AMPLE_CALLS, MAX_CALLS } from './horizon.js';
import { rawPlan, Trial } from './operate/attempt.js';
import { canChange, changesOf, touched } from './operate/draw.js';
import { finish, formOf, record, tried, type Decoy } from './operate/finish.js';
import { callsFor, follow } from './operate/follow.js';
import { nameColumn, type Call, type Operation } from './operate/operation.js';
import { isWithinReach } from './operate/reach.js';
import type { Reader } from './operate/reader.js';
import { compared } from './operate/rule-reader.js';
import { Simulation } from './operate/simulation.js';

/** What came of a matter. */
type Branch = 'first' | 'second' | 'instead' | 'none';

const MAX_DRAWS = 200;
const MAX_MATTERS = 6;

export const conditional: TaskFamily = {
  id: 'conditional',
  applies: canChange,
  propose: (loaded, random, language, level) =>
    tried(() => propose(loaded, random, language, level)),
  parse: (text, env, language) => readMatters(text, env, language),
  solve(loaded, patch, ir) {
    const world = new Simulation(loaded, patch);
    const branches = (ir['matters'] as unknown as Matter[]).map(
      ({ unless, first, second, instead }) => {
        const key = world.byName(unless.table, unless.row);
        const value =
          key === undefined ? null : (world.row(unless.table, key)?.[unless.column] ?? null);
        if (compared(unless.op, value, unless.value)) {
          return instead && world.do(instead) ? 'instead' : 'none';
        }
        if (world.do(first)) return 'first';
        return world.do(second) ? 'second' : 'none';
      },
    );
    return [{ submission: answerOf(branches), changes: world.changes() }];
  },
};

function answerOf(branches: readonly string[]): JsonObject {
  return Object.fromEntries(branches.map((branch, i) => [`matter_${i + 1}`, branch]));
}

interface Decided {
  readonly matter: Matter;
  readonly branch: Branch;
  readonly holds: boolean;
}

/** What the branch does. */
function changeOf({ first, second, instead }: Matter, branch: Branch): Operation | null {
  return { first, second, instead, none: null }[branch];
}

function decide(trial: Trial, matter: Matter): Decided {
  const { unless, first, second, instead } = matter;
  const row = trial.row(unless.table, trial.byName(unless.table, unless.row) ?? '');
  const holds = compare(row?.[unless.column] ?? null, unless.op, unless.value as Value);
  const works = (op: Operation | null): boolean => {
    const call = op && trial.callFor(op);
    return call !== null && trial.perform(call);
  };
  if (holds) return { matter, holds, branch: works(instead) ? 'instead' : 'none' };
  const branch = works(first) ? 'first' : works(second) ? 'second' : 'none';
  return { matter, holds, branch };
}

function propose(
  loaded: LoadedEnvironment,
  random: Random,
  language: Language,
  level: number,
): Candidate | null {
  const matters = drawMatters(loaded, random, language, 2 + Math.min(level, 3));
  if (!matters) return null;
  const start = new Trial(loaded);
  const decided = matters.map((matter) => decide(start, matter));
  const answer = answerOf(decided.map(({ branch }) => branch));
  const fields = Object.keys(answer);
  const route = (order: readonly Decided[], facts: boolean): SolutionPlan | null =>
    record(loaded, [], answer, (reader) => {
      if (facts) for (const { matter } of order) look(reader, matter.unless);
      for (const one of order) settle(reader, one);
      return [];
    });
  const solution = route(decided, false);
  if (!solution) return null;
  const request = renderMatters(matters, loaded.env, language, random);
  const world = new Simulation(loaded, []);
  for (const { matter } of decided) [matter.first, matter.second].forEach((op) => world.do(op));
  const branchForm = { type: 'string', enum: ['first', 'second', 'instead', 'none'] };
  return finish(loaded, {
    family: 'conditional',
    skeleton: `conditional/${decided
      .map(({ matter, branch }) => `${matter.first.kind}:${matter.second.kind}:${branch}`)
      .toSorted()
      .join('+')}`,
    language,
    ir: { matters: matters as unknown as Json },
    request,
    patch: [],
    submissionSchema: formOf(Object.fromEntries(fields.map((name) => [name, branchForm]))),
    verifier: {
      submissionChecks: [hasFields(fields), ...fields.map((name) => fieldIs(name, answer[name]!))],
    },
    solution,
    alternatives: [
      route(decided.toReversed(), false),
      route(decided, true),
      route(random.shuffled(decided), true),
      route([...decided.slice(1), decided[0]!], false),
      route(decided.toReversed(), true),
    ],
    decoys: decoysOf(loaded, decided, answer),
    size: {
      constraints: matters.length * 3,
      candidatesLog10: Math.round(
        matters.length * Math.log10(4) +
          matters.reduce(
            (sum, { first }) => sum + Math.log10(loaded.base.table(first.table).size),
            0,
          ),
      ),
      solverNodes: world.nodes,
    },
  });
}

function look(reader: Reader, { table, row, column }: Fact): void {
  reader.named(table, row, [column]);
}

/** Finds out what must be known and does what is left to do. @throws PlanError */
function settle(reader: Reader, { matter, branch, holds }: Decided): void {
  const { unless, first, second, instead } = matter;
  look(reader, unless);
  if (holds) {
    if (instead) follow(reader, instead, branch === 'instead');
    return;
  }
  follow(reader, first, branch === 'first');
  if (branch !== 'first') follow(reader, second, branch === 'second');
}

/** Matters that do not touch one another, of every outcome as often as it comes off. */
function drawMatters(
  loaded: LoadedEnvironment,
  random: Random,
  language: Language,
  count: number,
): Matter[] | null {
  const start = new Trial(loaded);
  const draws = changesOf(start);
  const words = new Words(loaded.env, language);
  const seen = new Set<string>();
  const matters: Matter[] = [];
  // The first thing fails, the fact holds, and all goes well are wanted in turn.
  const wanted = random.shuffled<Branch>(['second', 'instead', 'first', 'second', 'first', 'none']);
  const change = (): Operation | null => random.pick(draws)(random);
  const works = (op: Operation): boolean => {
    const trial = new Trial(loaded);
    const call = trial.callFor(op);
    return call !== null && trial.perform(call);
  };
  let calls = 0;
  // What is looked up in a few calls is asked for more often.
  const isShort = (): boolean =>
    matters.length < count || (calls < AMPLE_CALLS && matters.length < MAX_MATTERS);
  for (let i = 0; i < MAX_DRAWS && isShort(); i++) {
    const want = wanted[matters.length % wanted.length]!;
    const [first, second] = [change(), change()];
    const instead = random.chance(60) ? change() : null;
    if (!first || !second || (want === 'instead' && !instead)) continue;
    const rows = [first, second, ...(instead ? [instead] : [])].flatMap(touched);
    if (new Set(rows).size !== rows.length || rows.some((one) => seen.has(one))) continue;
    const fits =
      works(first) === (want === 'first' || want === 'instead') &&
      works(second) === (want !== 'none') &&
      (!instead || works(instead));
    if (!fits || [first, second].some((op) => !works(op) && isWithinReach(loaded, op))) continue;
    const holds = want === 'instead' || (want === 'none' && instead === null && random.chance(50));
    const unless = drawFact(start, words, first, holds, seen, random);
    if (!unless) continue;
    const matter = { unless, first, second, instead };
    const decided = decide(new Trial(loaded), matter);
    const more = callsFor(loaded, (reader) => settle(reader, decided));
    if (more === undefined || calls + more > MAX_CALLS) continue;
    calls += more;
    matters.push(matter);
    for (const one of [...rows, `${unless.table} ${unless.row}`]) seen.add(one);
  }
  return matters.length >= count ? matters : null;
}

/** A fact about a row that nobody changes, true or not as wanted. */
function drawFact(
  trial: Trial,
  words: Words,
  first: Operation,
  wanted: boolean,
  seen: ReadonlySet<string>,
  random: Random,
): Fact | null {
  const { env } = trial.loaded;
  const tables = env.tables.filter(
    ({ name, visible }) => visible && nameColumn(env, name) !== null,
  );
  const { name: table } = random.pick(tables);
  const columns = words
    .plainColumns(table)
    .filter(({ type }) => ['enum', 'int', 'money', 'date'].includes(type));
  if (columns.length === 0) return null;
  const rows = trial.db.rows(table);
  const { name: column, type } = random.pick(columns);
  const row = random.pick(rows);
  const name = String(row[nameColumn(env, table)!]);
  const value = row[column] ?? null;
  if (value === null || seen.has(`${table} ${name}`) || first.row === name) return null;
  const op = type === 'enum' ? '=' : random.pick(['<', '>', '<=', '>='] as const);
  const other = random.pick(rows)[column] ?? null;
  if (other === null || compare(value, op, other) !== wanted) return null;
  return { table, row: name, column, op, value: other };
}

function decoysOf(
  loaded: LoadedEnvironment,
  decided: readonly Decided[],
  answer: JsonObject,
): Decoy[] {
  const calls = (ops: readonly (Operation | null)[]): Call[] => {
    const trial = new Trial(loaded);
    return ops.flatMap((op) => {
      const call = op && trial.callFor(op);
      if (call) trial.perform(call);
      return call ? [call] : [];
    });
  };
  const found: Decoy[] = [];
  const add = (id: string, ops: readonly (Operation | null)[], submission: Json = answer): void => {
    found.push({ id, plan: rawPlan(calls(ops), submission) });
  };
  const right = decided.map(({ matter, branch }) => changeOf(matter, branch));
  const all = (branch: Branch): JsonObject => answerOf(decided.map(() => branch));
  add('nothing', []);
  add('nothing-told', [], all('none'));
  add(
    'always-first',
    decided.map(({ matter }) => matter.first),
    all('first'),
  );
  add(
    'always-second',
    decided.map(({ matter }) => matter.second),
    all('second'),
  );
  add(
    'both',
    decided.flatMap(({ matter }) => [matter.first, matter.second]),
    all('first'),
  );
  add('half', right.slice(0, Math.floor(right.length / 2)));
  add('empty-report', right, {});
  decided.forEach(({ matter, branch }, i) => {
    for (const other of ['first', 'second', 'instead', 'none'] as const) {
      if (other === branch) continue;
      const ops = right.map((op, at) => (at === i ? changeOf(matter, other) : op));
      add(`${other}:${i}`, ops, { ...answer, [`matter_${i + 1}`]: other });
      add(`told-${other}:${i}`, right, { ...answer, [`matter_${i + 1}`]: other });
    }
    add(`also-second:${i}`, [...right, branch === 'second' ? matter.first : matter.second]);
    if (matter.instead) add(`also-instead:${i}`, [...right, matter.instead]);
    add(
      `dropped:${i}`,
      right.filter((_, at) => at !== i),
    );
  });
  return found;
}
