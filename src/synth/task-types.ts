// What a task is: a request in words, the state it starts from, and privately how it is judged and
// solved. Tasks are data; behaviour is in families/, gates/ and the evaluator of expressions.
// Source: agents reference §2, §5 and §6.4.

import type { Bilingual, Expr, Json, JsonObject, Row, Value } from './world-types.js';

/** Families of agents reference §6.4. */
export const FAMILIES = [
  'selection',
  'optimum',
  'policy-edit',
  'aggregate',
  'repair',
  'schedule',
  'plan',
  'diagnosis',
  'conditional',
  'batch',
  'infeasible',
  'clauses',
  'code',
  'search',
  /** Written by a model (model-loop/), not by a grammar. */
  'proposed',
] as const;
export type Family = (typeof FAMILIES)[number];

export type Language = keyof Bilingual;

/** A change of one row: `after` null = deleted, `before` null = inserted. */
export interface RowChange {
  readonly table: string;
  readonly key: string;
  readonly before: Row | null;
  readonly after: Row | null;
}

/** A call of the reference solution. Arguments are literals of the prompt or come from earlier results. */
export interface PlanStep {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, PlanValue>>;
  /** Name for the result; later steps refer to it. */
  readonly bind?: string;
}

/** A literal that the prompt contains (or the policy, or the schema of the tool), or a place in the
 *  result of an earlier step: path of keys and indices. */
export type PlanValue =
  | { readonly literal: Json }
  | { readonly from: string; readonly path: readonly (string | number)[] }
  /** Worked out by the solver from what earlier steps returned: the steps are named. */
  | { readonly derived: Json; readonly using: readonly string[] };

export interface SolutionPlan {
  readonly steps: readonly PlanStep[];
  readonly submission?: Json;
  /** What the final message says, when the task asks for words. */
  readonly message?: string;
}

export interface VerifierCheck {
  readonly id: string;
  readonly expr: Expr;
}

/**
 * The program in a folder gives these results. Files are rows of a table; the one named `entry` has the
 * function as its default export.
 */
export interface ProgramCheck {
  readonly id: string;
  readonly table: string;
  /** Columns. */
  readonly path: string;
  readonly source: string;
  readonly folder: string;
  readonly entry: string;
  readonly cases: readonly { readonly args: readonly Json[]; readonly result: Json }[];
}

/**
 * The verdict is the product of the parts that are present. `submission` and `args` are variables of
 * the expressions. Every part is total: no state or submission makes it throw.
 */
export interface Verifier {
  /** Of all tables after the right solution; absent where several end states are right. */
  readonly expectedStateHash?: string;
  readonly stateChecks?: readonly VerifierCheck[];
  readonly submissionChecks?: readonly VerifierCheck[];
  /** Programs that must give the right results on cases that no agent sees. */
  readonly programs?: readonly ProgramCheck[];
  /** Texts that the final message must contain (case and commas do not matter). */
  readonly communicate?: readonly string[];
  /** Writes are allowed in these rows and columns only; absent = everything else is judged by the rest. */
  readonly allowedWrites?: readonly {
    readonly table: string;
    readonly keys: readonly string[] | 'new';
    readonly columns: readonly string[] | 'all';
  }[];
}

/** What a rollout leaves behind to be judged. */
export interface Attempt {
  readonly after: ReadonlyMap<string, ReadonlyMap<string, Row>>;
  readonly submission: Json | undefined;
  readonly finalMessage: string;
}

export interface Verdict {
  readonly reward: 0 | 1;
  readonly checks: readonly { readonly id: string; readonly ok: boolean }[];
}

/** Measured, not declared (agents reference §6.6). */
export interface Difficulty {
  readonly minCalls: number;
  readonly tablesTouched: number;
  readonly writes: number;
  readonly constraints: number;
  readonly solutions: number;
  /** log10 of the candidates that the constraints choose among. */
  readonly candidatesLog10: number;
  readonly solverNodes: number;
  /** Share of seeds at which each ladder agent passes, in percent. */
  readonly ladder: Readonly<Record<string, number>>;
  readonly level: number;
}

export interface PublicTask {
  readonly taskId: string;
  /** Stable over content changes; `hash` is of the exact content. */
  readonly key: string;
  readonly hash: string;
  readonly envId: string;
  readonly envVersion: string;
  readonly split: 'train' | 'val' | 'test';
  readonly family: Family;
  readonly skeleton: string;
  readonly language: Language;
  readonly request: string;
  /** Changes of the environment's rows before the task begins. */
  readonly patch: readonly RowChange[];
  readonly submissionSchema?: JsonObject;
  /** What the simulated user answers, where the user takes part. */
  readonly user?: UserScript;
  readonly difficulty: Difficulty;
}

/** Never shown to an agent; kept in a sibling file. */
export interface PrivateTask {
  readonly taskId: string;
  readonly hash: string;
  readonly ir: JsonObject;
  readonly verifier: Verifier;
  readonly solution: SolutionPlan;
  readonly alternatives: readonly SolutionPlan[];
}

/** Something that the user knows and tells when asked for it. */
export interface UserFact {
  readonly id: string;
  readonly ask: Bilingual;
  /** As it is when the task begins. */
  readonly answer: string;
  /** What it is about, in a word or two; without it, the words of `ask` have to be in a question. */
  readonly topic?: Bilingual;
  /** Name of the thing it is about: it is told only to those who name it. */
  readonly subject?: string;
  /** Where it stands: what is told is what stands there at the time. */
  readonly row?: { readonly table: string; readonly key: string; readonly column: string };
}

/** A finite automaton: what the user says when asked, and which tools the user runs when told to. */
export interface UserScript {
  readonly opening: string;
  readonly facts: readonly UserFact[];
  /** Tools of side `user` that the user runs on request and reports about. */
  readonly tools: readonly string[];
}

/** A candidate as a family proposes it, before the gates. */
export interface Candidate {
  readonly family: Family;
  readonly skeleton: string;
  readonly language: Language;
  /** The meaning of the request: what the text was made from and what parsing it must give back. */
  readonly ir: JsonObject;
  readonly request: string;
  readonly patch: readonly RowChange[];
  readonly submissionSchema?: JsonObject;
  readonly user?: UserScript;
  readonly verifier: Verifier;
  readonly solution: SolutionPlan;
  readonly alternatives: readonly SolutionPlan[];
  readonly size: Pick<Difficulty, 'constraints' | 'candidatesLog10' | 'solverNodes'>;
  /** The most common or most obvious wrong answers of the family, for the gates; submissions or plans. */
  readonly decoys: readonly { readonly id: string; readonly plan: SolutionPlan }[];
}

export type { Value };
