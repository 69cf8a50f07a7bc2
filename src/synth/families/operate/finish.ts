// Turns what a family has worked out into a candidate: the end state that is expected, alternatives that
// really end there, decoys that really end elsewhere. Decoys are told apart by what they leave behind,
// never by the verifier: a verifier that accepts one is found out by the gates.

import { canonicalJson } from '../../canonical.js';
import { PlanError, PlanRecorder, type Traced } from '../../plan-recorder.js';
import { replay } from '../../replay.js';
import type { Candidate, RowChange, SolutionPlan } from '../../task-types.js';
import { Session, type LoadedEnvironment } from '../../tools/session.js';
import type { Json, JsonObject } from '../../world-types.js';
import { GrammarError } from '../grammar/form.js';
import { isWanted, MIN_DECOYS } from '../horizon.js';
import { submitted } from '../reading.js';
import { Reader } from './reader.js';

const MIN_ALTERNATIVES = 3;
const MAX_DECOYS = 24;

export interface Decoy {
  readonly id: string;
  readonly plan: SolutionPlan;
}

export interface Draft extends Omit<Candidate, 'alternatives' | 'decoys'> {
  readonly alternatives: readonly (SolutionPlan | null)[];
  readonly decoys: readonly Decoy[];
}

/** What a plan leaves behind: its changes and what it hands in, spelled canonically. */
interface Outcome {
  readonly stateHash: string;
  readonly spelled: string;
}

/** Of plans written here: they need not be carried out again. */
const recorded = new WeakMap<SolutionPlan, Outcome>();

function outcomeOf(
  loaded: LoadedEnvironment,
  patch: readonly RowChange[],
  plan: SolutionPlan,
): Outcome {
  const known = recorded.get(plan);
  if (known) return known;
  const session = new Session(loaded, patch);
  replay(plan, session);
  return left(session, session.submission);
}

function left({ db }: Session, submission: Json | undefined): Outcome {
  const stateHash = db.stateHash();
  return { stateHash, spelled: canonicalJson([stateHash, submission ?? null]) };
}

/** null for a task that is too short, too long, or lacks alternatives or decoys. */
export function finish(loaded: LoadedEnvironment, draft: Draft, exact = true): Candidate | null {
  const { patch, solution } = draft;
  if (!isWanted(solution)) return null;
  const right = outcomeOf(loaded, patch, solution);
  const seen = new Set([canonicalJson(solution as unknown as Json)]);
  const alternatives: SolutionPlan[] = [];
  for (const plan of draft.alternatives) {
    if (!plan) continue;
    const spelled = canonicalJson(plan as unknown as Json);
    if (seen.has(spelled)) continue;
    if (exact && outcomeOf(loaded, patch, plan).spelled !== right.spelled) continue;
    seen.add(spelled);
    alternatives.push(plan);
  }
  if (alternatives.length < MIN_ALTERNATIVES) return null;
  const outcomes = new Set([right.spelled]);
  if (!exact) alternatives.forEach((plan) => outcomes.add(outcomeOf(loaded, patch, plan).spelled));
  const decoys: Decoy[] = [];
  for (const decoy of draft.decoys) {
    if (decoys.length >= MAX_DECOYS) break;
    const { spelled } = outcomeOf(loaded, patch, decoy.plan);
    if (outcomes.has(spelled)) continue;
    outcomes.add(spelled);
    decoys.push(decoy);
  }
  if (decoys.length < MIN_DECOYS) return null;
  const verifier = exact
    ? { expectedStateHash: right.stateHash, ...draft.verifier }
    : draft.verifier;
  return { ...draft, verifier, alternatives, decoys };
}

/** A plan written in a fresh session; null where the tools do not allow this route. */
export function record(
  loaded: LoadedEnvironment,
  patch: readonly RowChange[],
  answer: Json,
  work: (reader: Reader) => readonly Traced[] | undefined,
): SolutionPlan | null {
  const reader = new Reader(new PlanRecorder(new Session(loaded, patch)));
  try {
    const more = work(reader) ?? [];
    const plan = submitted(reader.recorder, answer, [...reader.evidence, ...more]);
    recorded.set(plan, left(reader.recorder.session, answer));
    return plan;
  } catch (error) {
    if (error instanceof PlanError) return null;
    throw error;
  }
}

/** Runs a proposal; what does not come off for a known reason is null. */
export function tried(make: () => Candidate | null): Candidate | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof PlanError || error instanceof GrammarError) return null;
    throw error;
  }
}

/** Schema of a submission with exactly these fields. */
export function formOf(fields: Readonly<Record<string, JsonObject>>): JsonObject {
  return {
    type: 'object',
    properties: fields,
    required: Object.keys(fields),
    additionalProperties: false,
  };
}

export const TEXTS: JsonObject = { type: 'array', items: { type: 'string' } };
export const WHOLE: JsonObject = { type: 'integer' };
