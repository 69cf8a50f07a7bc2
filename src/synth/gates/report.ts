// What the gates say about a candidate: one entry per gate, with the figures it was decided by, and the
// difficulty that the same runs measured. Plain JSON, so that it can be stored as evidence beside the
// task. Source: agents reference §5 and §6.6.

import type { Difficulty } from '../task-types.js';

export const GATES = ['G2', 'G3', 'G4', 'G5', 'G6', 'G7', 'G8'] as const;
export type GateId = (typeof GATES)[number];

export interface GateResult {
  readonly gate: GateId;
  readonly ok: boolean;
  /** Attempts it judged, or whatever else it looked at one by one. */
  readonly runs: number;
  /** The first of the problems. */
  readonly detail?: string;
  /** In words; empty = it is passed. At most MAX_PROBLEMS. */
  readonly problems: readonly string[];
  /** Counts behind the decision. */
  readonly evidence: Readonly<Record<string, number>>;
}

export interface GateReport {
  readonly accepted: boolean;
  /** In order. A candidate whose reference fails (G2) is not looked at any further. */
  readonly gates: readonly GateResult[];
  readonly measured: Difficulty;
}

/** More of the same say nothing new. */
const MAX_PROBLEMS = 8;

export function resultOf(
  gate: GateId,
  runs: number,
  problems: readonly string[],
  evidence: Readonly<Record<string, number>>,
): GateResult {
  const [detail] = problems;
  return {
    gate,
    ok: detail === undefined,
    runs,
    ...(detail !== undefined && { detail }),
    problems: problems.slice(0, MAX_PROBLEMS),
    evidence,
  };
}
