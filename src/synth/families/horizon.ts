// How long reference plans should be, and how many tempting wrong answers a family must know itself.

import type { SolutionPlan } from '../task-types.js';

/** Shorter plans are solved by anyone, longer ones by nobody (agents reference §6.6). */
export const MIN_CALLS = 10;
export const MAX_CALLS = 55;
/** Requests of several parts are drawn until they take about this many: not every call is needed. */
export const AMPLE_CALLS = 14;

/** The gates add their own up to twenty and more. */
export const MIN_DECOYS = 8;

export function isWanted({ steps }: SolutionPlan): boolean {
  return steps.length >= MIN_CALLS && steps.length <= MAX_CALLS;
}
