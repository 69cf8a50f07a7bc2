// Wrong answers for the gates that a model's own imagination need not reach: the right answer with one field
// as in the answer to a weaker request, or with any other text that could stand there. They show whether
// each check of the verifier decides by itself.

import { canonicalJson } from '../canonical.js';
import type { RightEnd } from '../families/family.js';
import { Domains } from '../gates/domains.js';
import type { Candidate, PlanStep, SolutionPlan } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Json, JsonObject } from '../world-types.js';

/** Of one field; spread evenly over what there is. */
const MAX_TEXTS = 60;
const MAX_DECOYS = 240;

/** @param weaker answers to requests with a condition less */
export function decoysOf(
  loaded: LoadedEnvironment,
  { solution, submissionSchema }: Candidate,
  submission: Json,
  weaker: readonly RightEnd[],
): Candidate['decoys'] {
  const domains = new Domains(loaded, submissionSchema);
  const right = submission as JsonObject;
  const seen = new Set([canonicalJson(right)]);
  const decoys: { id: string; plan: SolutionPlan }[] = [];
  const add = (id: string, changed: JsonObject): void => {
    const spelled = canonicalJson(changed);
    if (seen.has(spelled) || decoys.length === MAX_DECOYS) return;
    seen.add(spelled);
    decoys.push({ id, plan: withSubmission(solution, right, changed) });
  };
  for (const [field, value] of Object.entries(right)) {
    for (const { submission: other } of weaker) {
      const theirs = (other as JsonObject | undefined)?.[field];
      if (theirs !== undefined) add(`${field} of a weaker request`, { ...right, [field]: theirs });
    }
    if (typeof value !== 'string') continue;
    const texts = domains.texts(field, value);
    const step = Math.max(1, Math.ceil(texts.length / MAX_TEXTS));
    for (let i = 0; i < texts.length; i += step) {
      add(`${field} of another row`, { ...right, [field]: texts[i]! });
    }
  }
  return decoys;
}

/** The plan handing in something else: by its last call, or as its own submission. */
function withSubmission(plan: SolutionPlan, right: JsonObject, other: JsonObject): SolutionPlan {
  if (plan.submission !== undefined) return { ...plan, submission: other };
  const last = plan.steps.at(-1)!;
  const args = Object.entries(last.arguments).map(([name, value]) => {
    const isAnswer = 'derived' in value && canonicalJson(value.derived) === canonicalJson(right);
    return [name, isAnswer ? { ...value, derived: other } : value] as const;
  });
  const step: PlanStep = { ...last, arguments: Object.fromEntries(args) };
  return { ...plan, steps: [...plan.steps.slice(0, -1), step] };
}
