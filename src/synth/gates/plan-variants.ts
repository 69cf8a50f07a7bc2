// Variants of a reference plan: other orders of its reads and extra reads, which change nothing; and
// writes left out, done twice, done to another row or with another amount, or done besides.
// Source: agents reference §5 (G3) and §8.2.

import type { PlanStep, PlanValue, SolutionPlan } from '../task-types.js';
import type { Random } from '../random.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Json } from '../world-types.js';
import { probeArguments } from '../world/probe-arguments.js';

export interface PlanVariant {
  readonly id: string;
  readonly plan: SolutionPlan;
}

const MAX_EXTRA = 3;
const EXTRA_TRIES = 24;

/** Names of earlier results that a step uses. */
export function usesOf(step: PlanStep): Set<string> {
  const uses = new Set<string>();
  for (const value of Object.values(step.arguments)) {
    if ('from' in value) uses.add(value.from);
    if ('using' in value) for (const name of value.using) uses.add(name);
  }
  return uses;
}

export function isWrite(loaded: LoadedEnvironment, { tool }: PlanStep): boolean {
  return loaded.tools.get(tool)?.effect === 'write';
}

/** The same calls with the reads between two writes in another order that their results allow. */
export function permuted(
  loaded: LoadedEnvironment,
  plan: SolutionPlan,
  random: Random,
): SolutionPlan {
  const steps: PlanStep[] = [];
  let reads: PlanStep[] = [];
  const flush = (): void => {
    steps.push(...shuffledByNeed(reads, random));
    reads = [];
  };
  for (const step of plan.steps) {
    if (loaded.tools.get(step.tool)?.effect === 'read') reads.push(step);
    else {
      flush();
      steps.push(step);
    }
  }
  flush();
  return { ...plan, steps };
}

function shuffledByNeed(steps: readonly PlanStep[], random: Random): PlanStep[] {
  const out: PlanStep[] = [];
  let left = [...steps];
  while (left.length > 0) {
    const missing = new Set(left.map(({ bind }) => bind));
    const ready = left.filter((step) => ![...usesOf(step)].some((name) => missing.has(name)));
    // Plans are written in an order that works, so something is always ready.
    const next = random.pick(ready);
    out.push(next);
    left = left.filter((step) => step !== next);
  }
  return out;
}

/** The plan with reads before it that it does not need. */
export function withExtraReads(loaded: LoadedEnvironment, plan: SolutionPlan): SolutionPlan {
  const reads = plan.steps.filter(
    ({ tool, arguments: args }) =>
      loaded.tools.get(tool)?.effect === 'read' &&
      Object.values(args).every((value) => 'literal' in value),
  );
  // Without names for their results: later steps cannot take them for their own.
  const extra = reads.map(({ tool, arguments: args }): PlanStep => ({ tool, arguments: args }));
  return { ...plan, steps: [...extra.slice(0, MAX_EXTRA), ...plan.steps] };
}

/** Plans that do something else; some may happen to come to the same. */
export function wrongPlans(loaded: LoadedEnvironment, plan: SolutionPlan): PlanVariant[] {
  const variants: PlanVariant[] = [{ id: 'no-op', plan: { steps: [] } }];
  const { steps } = plan;
  const without = (id: string, drop: (step: PlanStep) => boolean): void => {
    variants.push({ id, plan: { ...plan, steps: steps.filter((step) => !drop(step)) } });
  };
  const put = (id: string, at: number, ...instead: PlanStep[]): void => {
    const changed = [...steps.slice(0, at), ...instead, ...steps.slice(at + 1)];
    variants.push({ id, plan: { ...plan, steps: changed } });
  };
  const writes = steps.filter((step) => isWrite(loaded, step));
  if (writes.length > 0) without('no-writes', (step) => writes.includes(step));
  for (const [i, step] of steps.entries()) {
    if (!writes.includes(step)) continue;
    without(`without:${i + 1}`, (one) => one === step);
    put(`twice:${i + 1}`, i, step, step);
    for (const [name, value] of Object.entries(step.arguments)) {
      const amount = valueOf(value);
      if (typeof amount !== 'number') continue;
      const other: PlanValue = { literal: amount + 1 };
      put(`off-by-one:${i + 1}`, i, { ...step, arguments: { ...step.arguments, [name]: other } });
    }
  }
  return variants;
}

/** A value that is written down in the plan. */
function valueOf(value: PlanValue): Json {
  if ('literal' in value) return value.literal;
  return 'derived' in value ? value.derived : null;
}

/** The plan and then one more write somewhere, several times; those that fail change nothing. */
export function extraWrites(
  loaded: LoadedEnvironment,
  plan: SolutionPlan,
  random: Random,
): PlanVariant[] {
  const tools = loaded.env.tools.filter(
    ({ effect, side }) => effect === 'write' && side === 'agent',
  );
  if (tools.length === 0) return [];
  const ids = keysOf(loaded);
  const literal = (args: Readonly<Record<string, Json>>): Record<string, PlanValue> =>
    Object.fromEntries(Object.entries(args).map(([name, value]) => [name, { literal: value }]));
  return Array.from({ length: MAX_EXTRA }, (_, i) => {
    // One of these does something, hardly ever two.
    const extra = Array.from({ length: EXTRA_TRIES / MAX_EXTRA }, (): PlanStep => {
      const { name, parameters } = random.pick(tools);
      const args = probeArguments(parameters, ids, loaded.env, random);
      return { tool: name, arguments: literal(args) };
    });
    return { id: `extra-writes:${i + 1}`, plan: { ...plan, steps: [...plan.steps, ...extra] } };
  });
}

const keys = new WeakMap<LoadedEnvironment, ReadonlyMap<string, readonly string[]>>();

/** Keys of all tables. Made once per environment. */
export function keysOf(loaded: LoadedEnvironment): ReadonlyMap<string, readonly string[]> {
  let found = keys.get(loaded);
  if (!found) {
    const lists = loaded.env.tables.map(
      ({ name }) => [name, [...loaded.base.table(name).keys()]] as const,
    );
    keys.set(loaded, (found = new Map(lists)));
  }
  return found;
}
