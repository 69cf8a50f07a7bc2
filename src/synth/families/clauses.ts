// F12, rules inside documents: the best choice where some limits stand in a document store and have to be
// found in the newest version of the right document. The limits of superseded versions lead to another
// answer. Source: agents reference §6.4 F12.

import { bestOf, corner, rankOf } from './choose/best.js';
import { ChoiceChecks, fieldIs, hasFields } from './choose/checks.js';
import { Draw } from './choose/draw.js';
import { readChoice, type ChoiceIr, type Objective } from './choose/meaning.js';
import { readLimits } from './choose/read-limits.js';
import { bestAsDemands, nearChoices } from './choose/near.js';
import { assemble, attempt, drawPicks, filled, temptingPicks, worldFor } from './choose/propose.js';
import {
  limitIn,
  resolved,
  rulebooks,
  versionsOf,
  withLimit,
  type Ruled,
  type Rulebook,
} from './choose/ruled.js';
import type { Pick } from './choose/truth.js';
import { choosables, ChoiceWorld } from './choose/world.js';
import type { Constraint } from './constraint.js';
import type { TaskFamily } from './family.js';
import { termsOf } from './grammar/constraints.js';
import type { Random } from '../random.js';
import type { Candidate, Language } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { JsonObject } from '../world-types.js';

const REFUSE_PERCENT = 25;
const MONEY_STEP = 50;

export const clauses: TaskFamily = {
  id: 'clauses',
  applies: (env) => choosables(env).length > 0 && rulebooks(env).length > 0,
  propose: (loaded, random, language, level) =>
    attempt(() => propose(loaded, random, language, level)),
  parse(text, env, language) {
    const ir = readChoice(text, env, language);
    return ir && ir.objective !== null && ir.ruled.length > 0
      ? (ir as unknown as JsonObject)
      : null;
  },
  solve(loaded, patch, ir) {
    const { picks, constraints, ruled, refuse, objective } = ir as unknown as ChoiceIr;
    const world = new ChoiceWorld(loaded, patch, picks);
    const plain = allResolved(world, ruled, 0);
    if (!plain) return [];
    const best = bestOf(world, [...constraints, ...plain], rankOf(world, objective!));
    return best.picks.map((pick) => ({ submission: filled(world, pick, refuse), changes: [] }));
  },
  near(loaded, patch, ir) {
    const { picks, constraints, ruled, refuse, objective } = ir as unknown as ChoiceIr;
    const world = new ChoiceWorld(loaded, patch, picks);
    const plain = allResolved(world, ruled, 0);
    const all = [...constraints, ...(plain ?? [])];
    const [best] = plain ? bestOf(world, all, rankOf(world, objective!)).picks : [];
    if (!best) return undefined;
    const demands = [...all, ...bestAsDemands(world, best, objective!)];
    return nearChoices(world, demands, (pick) => filled(world, pick, refuse));
  },
};

/** The plain constraints by the version of this age; undefined where one has no such version. */
function allResolved(
  world: ChoiceWorld,
  ruled: readonly Ruled[],
  age: number,
): Constraint[] | undefined {
  const books = rulebooks(world.loaded.env);
  const plain = ruled.map((one) => resolved(one, books, world.db, age));
  return plain.every((one) => one !== undefined) ? (plain as Constraint[]) : undefined;
}

/** Draws ruled demands that a choice meets and remembers what they come to. */
class RuledDraw {
  readonly made = new Map<Constraint, Ruled>();
  readonly #books: readonly Rulebook[];

  constructor(
    readonly world: ChoiceWorld,
    readonly random: Random,
  ) {
    this.#books = rulebooks(world.loaded.env);
  }

  draw(planted: Pick): Constraint | null {
    const { random, world } = this;
    const book = random.pick(this.#books);
    const title = String(random.pick(world.db.rows(book.table))[book.title]);
    const versions = versionsOf(book, world.db, title);
    const newest = versions[0];
    // Without an older version that says something else there would be nothing to get wrong.
    if (!newest || versions.length < 2) return null;
    const topics = world.db
      .rowsBy(book.clauseTable, book.document, String(newest[book.key]))
      .map((row) => String(row[book.topic]));
    if (topics.length === 0) return null;
    const topic = random.pick(topics);
    const limit = limitIn(book, world.db, newest, topic);
    const older = limitIn(book, world.db, versions[1]!, topic);
    if (limit === undefined || limit <= 0 || older === limit) return null;
    const ruled = random.chance(60)
      ? this.#total(planted, { title, topic }, limit)
      : this.#atom(planted, { title, topic }, limit);
    if (!ruled) return null;
    const plain = withLimit(ruled, limit);
    this.made.set(plain, ruled);
    return plain;
  }

  #total(planted: Pick, where: { title: string; topic: string }, limit: number): Ruled {
    const { truth } = this.world;
    const total = truth.total(truth.positions('all'), planted);
    const isTop = this.random.chance(50);
    const exact = total / limit / MONEY_STEP;
    const unit = MONEY_STEP * Math.max(1, isTop ? Math.ceil(exact) : Math.floor(exact));
    return { kind: 'ruled-total', of: 'all', op: isTop ? '<=' : '>=', ...where, unit };
  }

  #atom(planted: Pick, where: { title: string; topic: string }, limit: number): Ruled | null {
    const { truth, slots } = this.world;
    const at = this.random.int(0, slots.length - 1);
    const slot = slots[at]!;
    const thing = this.world.thing(slot.table);
    const zh = new Set(termsOf(this.world.words('zh'), thing).map(({ path }) => path.join()));
    const terms = termsOf(this.world.words('en'), thing).filter(
      ({ column, path }) => column.type === 'int' && zh.has(path.join()),
    );
    if (terms.length === 0) return null;
    const { path } = this.random.pick(terms);
    const value = truth.cell(slot.table, planted[at]!, path);
    if (typeof value !== 'number') return null;
    return { kind: 'ruled-atom', of: slot.id, path, op: value <= limit ? '<=' : '>=', ...where };
  }
}

function propose(
  loaded: LoadedEnvironment,
  random: Random,
  language: Language,
  level: number,
): Candidate | null {
  const world = worldFor(loaded, drawPicks(loaded, random, level));
  if (!world) return null;
  const ids = world.slots.map(({ id }) => id);
  const objective: Objective = {
    goal: random.chance(50) ? 'cheapest' : 'dearest',
    ties: random.sample(ids, random.int(1, ids.length)),
  };
  const rank = rankOf(world, objective);
  const rules = new RuledDraw(world, random);
  const wish = {
    joint: random.int(3, 4 + level),
    tiers: 0,
    special: { count: 1 + (level >= 1 ? 1 : 0), draw: (planted: Pick) => rules.draw(planted) },
  };
  const cornered = corner(world, new Draw(world, random), rank, wish, random);
  if (!cornered || cornered.best.picks.length !== 1) return null;
  const { constraints, best, without } = cornered;
  const ruled = constraints.flatMap((one) => rules.made.get(one) ?? []);
  const plain = constraints.filter((one) => !rules.made.has(one));
  if (ruled.length === 0) return null;
  const right = best.picks[0]!;
  if (world.repeats(right)) return null;
  const old = allResolved(world, ruled, 1);
  const outdated = old ? bestOf(world, [...plain, ...old], rank).picks[0] : undefined;
  if (outdated?.every((row, at) => row === right[at])) return null;
  const refuse = random.chance(REFUSE_PERCENT);
  const name = (pick: Pick): JsonObject => filled(world, pick, refuse);
  const checks = new ChoiceChecks(loaded.env, world.slots, world.things);
  const cost = (of: readonly string[]): number =>
    world.truth.total(world.truth.positions(of), right);
  const tempting = [
    ...(outdated ? [{ id: 'outdated', pick: outdated }] : []),
    ...without.map((pick, i) => ({ id: `best-without:${i + 1}`, pick })),
    ...(best.second ? [{ id: 'second-best', pick: best.second }] : []),
    ...temptingPicks(world, constraints, right, random),
  ];
  return assemble({
    family: 'clauses',
    world,
    ir: { picks: world.picks, constraints: plain, ruled, objective, refuse },
    constraints,
    checks: [
      hasFields([...(refuse ? ['feasible'] : []), ...ids]),
      ...(refuse ? [fieldIs('feasible', true)] : []),
      ...checks.all(constraints),
      checks.totalIs('total', 'all', cost(ids)),
      ...objective.ties.map((id) => checks.totalIs(`tie:${id}`, [id], cost([id]))),
    ],
    answer: name(right),
    others: [],
    wrong: tempting.map(({ id, pick }) => ({ id, answer: name(pick) })),
    language,
    random,
    before: (reading) => readLimits(reading, ruled, rulebooks(loaded.env)),
  });
}
