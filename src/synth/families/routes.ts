// The routes by which one answer can be reached: which listings are used, how what rows refer to is read,
// in which order, with or without a call that nothing needs. Plans differ, the answer does not.

import { PlanError, type PlanRecorder } from '../plan-recorder.js';
import type { SolutionPlan } from '../task-types.js';
import { isWanted } from './horizon.js';

export interface Route {
  /** Rows by what is demanded of them, as far as listings can tell; or all rows of the table. */
  readonly rows: 'narrow' | 'whole';
  /** What rows refer to: one by one as needed, or the whole table first. */
  readonly parents: 'get' | 'list';
  readonly reversed: boolean;
  /** Where it asks for something that it does not need, if at all. */
  readonly detour: 'none' | 'first' | 'last';
}

const BASES: readonly Route[] = [
  { rows: 'narrow', parents: 'get', reversed: false, detour: 'none' },
  { rows: 'narrow', parents: 'list', reversed: false, detour: 'none' },
  { rows: 'whole', parents: 'list', reversed: false, detour: 'none' },
];

/** The shortest and as many others. */
const MAX_PLANS = 5;
/** Longer alternatives tell nothing more. */
const MAX_ALTERNATIVE = 120;

export interface Routed {
  /** The shortest first. */
  readonly plans: readonly SolutionPlan[];
  readonly shortest: Route;
}

/**
 * Plans by all routes, each once; null if the shortest is not as long as a task should be.
 * @throws PlanError if no route leads there
 */
export function byRoutes(make: (route: Route) => SolutionPlan): Routed | null {
  const tried = BASES.flatMap((route) => {
    const plan = attempted(() => make(route));
    return plan ? [{ route, plan }] : [];
  }).toSorted((a, b) => a.plan.steps.length - b.plan.steps.length);
  const [first] = tried;
  if (!first) throw new PlanError('no route shows what is needed');
  if (!isWanted(first.plan)) return null;
  const { route } = first;
  const distinct = new Map<string, SolutionPlan>();
  const add = (plan: SolutionPlan): void => {
    if (plan.steps.length <= MAX_ALTERNATIVE) distinct.set(JSON.stringify(plan), plan);
  };
  for (const { plan } of tried) add(plan);
  for (const varied of [{ reversed: true }, { detour: 'first' }, { detour: 'last' }] as const) {
    if (distinct.size < MAX_PLANS) add(make({ ...route, ...varied }));
  }
  return { plans: [...distinct.values()], shortest: route };
}

/** Calls of the shortest plan by any basic route; Infinity if none leads there. */
export function fewestCalls(make: (route: Route) => SolutionPlan): number {
  const plans = BASES.map((route) => attempted(() => make(route)));
  return Math.min(...plans.map((plan) => plan?.steps.length ?? Infinity));
}

function attempted(make: () => SolutionPlan): SolutionPlan | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof PlanError) return null;
    throw error;
  }
}

/** A harmless call that needs nothing: the policy, the time, or a list of values. */
export function detour(recorder: PlanRecorder): void {
  const tool = recorder.session.env.tools.find(
    ({ impl, side }) =>
      side === 'agent' &&
      (impl.archetype === 'list-policies' ||
        impl.archetype === 'current-time' ||
        impl.archetype === 'list-values'),
  );
  if (tool) recorder.call(tool.name, {});
}
