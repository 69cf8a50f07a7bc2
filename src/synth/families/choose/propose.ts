// What the choosing families have in common: how many things to choose at a level, plans by several
// routes, wrong answers that tempt, and the assembly of a candidate.

import { canonicalJson } from '../../canonical.js';
import { PlanError } from '../../plan-recorder.js';
import type { Random } from '../../random.js';
import type { Candidate, Language, VerifierCheck } from '../../task-types.js';
import type { LoadedEnvironment } from '../../tools/session.js';
import type { JsonObject, Row } from '../../world-types.js';
import type { Constraint } from '../constraint.js';
import { GrammarError } from '../grammar/form.js';
import { MIN_DECOYS } from '../horizon.js';
import { onlySubmits } from '../reading.js';
import { byRoutes } from '../routes.js';
import { canonicalIr, renderChoice, type ChoiceIr } from './meaning.js';
import { planChoice, type Before } from './plan.js';
import { SearchTooLarge } from './search.js';
import type { Pick } from './truth.js';
import { choosables, ChoiceWorld, type Picks } from './world.js';

/** Fewer ways to fill the slots than this (log10) could be guessed. */
const MIN_CANDIDATES_LOG10 = 4.6;
/** Ways that demands on single slots may leave: so that every search for answers ends soon. */
const MAX_WAYS = 100_000;

/** Which tables to choose from, and how many of each. */
export function drawPicks(loaded: LoadedEnvironment, random: Random, level: number): Picks[] {
  const things = choosables(loaded.env);
  const wanted = 3 + (level >= 2 ? 1 : 0);
  const tables = random
    .sample(things, random.chance(80) ? random.int(2, 3) : 1)
    .map(({ table }) => table);
  const counts = tables.map(() => 1);
  for (let left = wanted - tables.length; left > 0; left--)
    counts[random.int(0, tables.length - 1)]!++;
  return tables.map((table, i) => ({ table, count: counts[i]! }));
}

/** null where the answers could not be told apart, or be guessed. */
export function worldFor(loaded: LoadedEnvironment, picks: readonly Picks[]): ChoiceWorld | null {
  const world = new ChoiceWorld(loaded, [], picks);
  const fits = world.hasPlainNames() && world.candidatesLog10() >= MIN_CANDIDATES_LOG10;
  return fits && world.domains.every((rows) => rows.length >= 6) ? world : null;
}

/** Fields of a submission that fills the slots. */
export function filled(world: ChoiceWorld, pick: readonly Row[], refuse: boolean): JsonObject {
  return { ...(refuse && { feasible: true }), ...world.named(pick) };
}

export function submissionSchema(world: ChoiceWorld, refuse: boolean): JsonObject {
  const slots = world.slots.map(({ id }) => [id, { type: 'string' }] as const);
  const extra: JsonObject = refuse
    ? { feasible: { type: 'boolean' }, lowest_total: { type: 'integer' } }
    : {};
  return {
    type: 'object',
    properties: { ...extra, ...Object.fromEntries(slots) },
    required: refuse ? ['feasible'] : slots.map(([id]) => id),
    additionalProperties: false,
  };
}

interface Parts {
  readonly family: Candidate['family'];
  readonly world: ChoiceWorld;
  readonly ir: ChoiceIr;
  /** Constraints with every number known, for planning. */
  readonly constraints: readonly Constraint[];
  readonly checks: readonly VerifierCheck[];
  readonly answer: JsonObject;
  /** Other right answers. */
  readonly others: readonly JsonObject[];
  readonly wrong: readonly Wrong[];
  readonly language: Language;
  readonly random: Random;
  readonly before?: Before;
}

export interface Wrong {
  readonly id: string;
  readonly answer: JsonObject;
}

/** null where tools or words are missing, or the plan is too short or too long. */
export function assemble(parts: Parts): Candidate | null {
  const { world, constraints, answer, before, random, language } = parts;
  if (world.search.ways(constraints) > MAX_WAYS) return null;
  const ir = canonicalIr(parts.ir);
  const routed = byRoutes((route) => planChoice(world, constraints, answer, route, before));
  if (!routed) return null;
  const [solution, ...alternatives] = routed.plans;
  for (const other of parts.others) {
    alternatives.push(planChoice(world, constraints, other, routed.shortest, before));
  }
  if (alternatives.length < 3) return null;
  const decoys = distinctWrong(parts.wrong, [answer, ...parts.others]);
  if (decoys.length < MIN_DECOYS) return null;
  return {
    family: parts.family,
    skeleton: skeletonOf(parts.family, world, ir),
    language,
    ir: ir as unknown as JsonObject,
    request: renderChoice(ir, world.loaded.env, language, random),
    patch: [...world.patch],
    submissionSchema: submissionSchema(world, ir.refuse),
    verifier: { submissionChecks: parts.checks, allowedWrites: [] },
    solution: solution!,
    alternatives,
    size: {
      constraints: ir.constraints.length + ir.ruled.length,
      candidatesLog10: world.candidatesLog10(),
      solverNodes: world.search.nodes,
    },
    decoys: decoys.map(({ id, answer: wrong }) => ({ id, plan: onlySubmits(wrong) })),
  };
}

function distinctWrong(wrong: readonly Wrong[], right: readonly JsonObject[]): Wrong[] {
  const taken = new Set(right.map(canonicalJson));
  return wrong.filter(({ answer }) => {
    const spelled = canonicalJson(answer);
    if (taken.has(spelled)) return false;
    taken.add(spelled);
    return true;
  });
}

/** Family, kinds of constraints and shape: what makes two tasks the same exercise. */
function skeletonOf(family: string, world: ChoiceWorld, ir: ChoiceIr): string {
  const kinds = ir.constraints.map((constraint) => {
    if (constraint.kind !== 'atom') return constraint.kind;
    const column = world.loaded.env.tables
      .find(({ name }) => constraint.of.startsWith(`${name}_`))
      ?.columns.find(({ name }) => name === constraint.path[0]);
    return `${column?.meaning ?? ''}${constraint.path.length > 1 ? '.' : ''}${constraint.op}`;
  });
  kinds.push(...ir.ruled.map(({ kind, op }) => `${kind}${op}`));
  const shape = world.picks
    .map(({ count }) => count)
    .toSorted()
    .join('+');
  const goal = ir.objective ? `/${ir.objective.goal}` : '';
  return `${family}/${shape}${goal}/${kinds.toSorted().join(' ')}`;
}

/** Choices that someone in a hurry would hand in. */
export function temptingPicks(
  world: ChoiceWorld,
  constraints: readonly Constraint[],
  right: Pick,
  random: Random,
): { readonly id: string; readonly pick: Pick }[] {
  const found: { id: string; pick: Pick }[] = [];
  const byCost = (at: number, rows: readonly Row[]): Row[] =>
    rows.toSorted((a, b) => world.truth.cost(at, a) - world.truth.cost(at, b));
  const open = world.search.narrowed(constraints);
  const each = (take: (at: number) => Row | undefined): Pick =>
    world.slots.map((_, at) => take(at) ?? right[at]!);
  found.push({ id: 'cheapest', pick: each((at) => byCost(at, world.domains[at]!)[0]) });
  found.push({ id: 'dearest', pick: each((at) => byCost(at, world.domains[at]!).at(-1)) });
  found.push({ id: 'cheapest-fitting', pick: each((at) => byCost(at, open[at]!)[0]) });
  found.push({ id: 'dearest-fitting', pick: each((at) => byCost(at, open[at]!).at(-1)) });
  found.push({ id: 'first-listed', pick: each((at) => world.domains[at]![0]) });
  found.push({ id: 'first-fitting', pick: each((at) => open[at]![0]) });
  for (const [at, { id }] of world.slots.entries()) {
    const replaced = (rows: readonly Row[]): Pick => {
      const pick = [...right];
      pick[at] = random.pick(rows);
      return pick;
    };
    found.push({ id: `other-fitting:${id}`, pick: replaced(open[at]!) });
    found.push({ id: `other:${id}`, pick: replaced(world.domains[at]!) });
  }
  for (const [i, a] of world.slots.entries()) {
    for (const [j, b] of world.slots.entries()) {
      if (i >= j || a.table !== b.table) continue;
      const pick = [...right];
      [pick[i], pick[j]] = [right[j]!, right[i]!];
      found.push({ id: `swapped:${a.id}:${b.id}`, pick });
    }
  }
  return found;
}

/** Runs a proposal; what does not come off for a known reason is null. */
export function attempt(make: () => Candidate | null): Candidate | null {
  try {
    return make();
  } catch (error) {
    const known =
      error instanceof PlanError ||
      error instanceof GrammarError ||
      error instanceof SearchTooLarge;
    if (known) return null;
    throw error;
  }
}
