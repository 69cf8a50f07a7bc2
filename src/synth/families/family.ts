// What a task family is: a way to propose tasks in any environment that has the affordances it needs,
// to read its own texts back, and to solve its tasks by a path of its own. Families know affordances
// and tables, never modules. Source: agents reference §6.4.

import type { Random } from '../random.js';
import type { Candidate, Family, Language, RowChange } from '../task-types.js';
import type { LoadedEnvironment } from '../tools/session.js';
import type { Environment, Json, JsonObject } from '../world-types.js';

/** One right end of a task: what is submitted, and what then differs from the patched start. */
export interface RightEnd {
  readonly submission?: Json;
  readonly changes?: readonly RowChange[];
}

/** Right ends that a solver lists at most; a task with more is no good. */
export const MAX_RIGHT_ENDS = 50;

/** Well-formed ends that meet all demands of a request but one. */
export interface NearEnds {
  /** Id of the check that the demand became, where it would not show: where there are no ends. */
  readonly check?: string;
  readonly ends: readonly RightEnd[];
  /** Whether these are all that there are for that demand. */
  readonly isComplete: boolean;
}

export interface TaskFamily {
  readonly id: Family;
  /** Whether the environment has what the family needs; `propose` may still find nothing. */
  applies(env: Environment): boolean;
  /**
   * One candidate, or null where the drawn one did not come off (no unique answer, no tool shows a
   * column, too short). Deterministic in its arguments. Higher levels are harder.
   */
  propose(
    loaded: LoadedEnvironment,
    random: Random,
    language: Language,
    level: number,
  ): Candidate | null;
  /** The meaning of a request: equal to the candidate's `ir`; null if it has none or several. */
  parse(text: string, env: Environment, language: Language): JsonObject | null;
  /**
   * Every right end, up to MAX_RIGHT_ENDS + 1, worked out from the tables and the IR alone: shares no
   * code with the verifier's expressions.
   */
  solve(
    loaded: LoadedEnvironment,
    patch: readonly RowChange[],
    ir: JsonObject,
  ): readonly RightEnd[];
  /**
   * For each demand that the verifier checks, ends that violate it alone, worked out as `solve` does; for
   * trying how well the verifier tells them. undefined = there is too much to look through.
   */
  near?(
    loaded: LoadedEnvironment,
    patch: readonly RowChange[],
    ir: JsonObject,
  ): readonly NearEnds[] | undefined;
}
