// What a build says of itself while it goes on.

import type { Tally } from './tally.js';

export interface BuildProgress {
  readonly phase: 'environments' | 'tasks';
  readonly environmentsWanted: number;
  /** Chosen, in the first phase; with their tasks drawn, in the second. */
  readonly environmentsDone: number;
  /** Of the environments not chosen: unsound, or too like one before. */
  readonly unsound: number;
  readonly alike: number;
  readonly tasksWanted: number;
  /** Tasks that an earlier run has left: of no use to reckon a rate by. */
  readonly tasksResumed: number;
  readonly tally: Tally;
}
