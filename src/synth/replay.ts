// Carries out a stored plan in a fresh session, through the tools alone, and checks where every
// argument comes from: an agent that sees the request and the results must be able to know it. What
// the request says is its meaning (the IR that parsing the text gives back), so the surface form of a
// number or date does not matter. Source: agents reference §5, G2.

import { canonicalJson } from './canonical.js';
import type { PlanValue, SolutionPlan } from './task-types.js';
import { callTool } from './tools/call-tool.js';
import type { Session } from './tools/session.js';
import type { Json, JsonObject } from './world-types.js';

export interface Replay {
  /** What went wrong, in words; empty = the plan runs and every value is accounted for. */
  readonly problems: readonly string[];
  readonly finalMessage: string;
}

/** All values inside, spelled canonically: what a text with this meaning tells its reader. */
export function leavesOf(value: Json, into = new Set<string>()): Set<string> {
  if (typeof value !== 'object' || value === null) into.add(canonicalJson(value));
  else for (const item of Object.values(value)) leavesOf(item as Json, into);
  return into;
}

/** A plan under way, before one of its steps. */
export interface Reached {
  /** Index of the step. */
  readonly at: number;
  readonly session: Session;
  readonly results: ReadonlyMap<string, Json>;
}

/**
 * @param known spelled values that literals may be: of the request's IR, of the policy, of enums in
 *   tool schemas; absent = provenance is not checked (wrong attempts are carried out this way)
 * @param from where to go on, with a session that is there already; absent = at the beginning
 * @param note is told where the plan is before each step and at its end
 */
export function replay(
  plan: SolutionPlan,
  session: Session,
  known?: ReadonlySet<string>,
  from?: Reached,
  note?: (reached: Reached) => void,
): Replay {
  const results = new Map<string, Json>(from?.results);
  const problems: string[] = [];
  const tell = (at: number): void =>
    note?.({ at, session: session.fork(), results: new Map(results) });
  for (const [i, step] of plan.steps.entries()) {
    if (i < (from?.at ?? 0)) continue;
    tell(i);
    const args: Record<string, Json> = {};
    for (const [name, value] of Object.entries(step.arguments)) {
      const resolved = resolve(value, results);
      if (resolved === undefined) {
        problems.push(`step ${i + 1}: ${name} refers to nothing`);
        continue;
      }
      args[name] = resolved;
      if (known && !isKnown(value, known, results)) {
        problems.push(`step ${i + 1}: ${name} = ${canonicalJson(resolved)} comes from nowhere`);
      }
    }
    const side = session.environment.tools.get(step.tool)?.side ?? 'agent';
    const result = callTool(session, step.tool, args, side);
    if (!result.ok) problems.push(`step ${i + 1}: ${step.tool}: ${result.code}: ${result.message}`);
    else if (step.bind !== undefined) results.set(step.bind, result.value);
  }
  tell(plan.steps.length);
  if (plan.submission !== undefined) session.submission = plan.submission;
  return { problems, finalMessage: plan.message ?? '' };
}

function resolve(value: PlanValue, results: ReadonlyMap<string, Json>): Json | undefined {
  if ('literal' in value) return value.literal;
  if ('derived' in value) return value.derived;
  let at: Json | undefined = results.get(value.from);
  for (const step of value.path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as JsonObject)[step as string];
  }
  return at;
}

function isKnown(
  value: PlanValue,
  known: ReadonlySet<string>,
  results: ReadonlyMap<string, Json>,
): boolean {
  if ('from' in value) return true;
  if ('derived' in value) return value.using.every((step) => results.has(step));
  for (const leaf of leavesOf(value.literal)) {
    if (!known.has(leaf) && leaf !== 'true' && leaf !== 'false' && leaf !== 'null') return false;
  }
  return true;
}
