// What crosses between the bench and the process of one contender. The parent sends one request and
// waits for its reply; times are taken in the child, around the operation alone.

import type { About, ContenderOptions } from './contender.js';

export type ContenderKind = 'hadal' | 'peer';

export type Request =
  | { do: 'open'; kind: ContenderKind; options: ContenderOptions }
  | { do: 'prefill'; tokens: Int32Array }
  | { do: 'step' }
  | { do: 'rewind'; length: number }
  | { do: 'save'; path: string }
  | { do: 'fill'; path: string; length: number }
  | { do: 'close' };

export interface Done {
  /** Time of the operation, and CPU time of the process in it, all threads together. */
  ms: number;
  cpuMs: number;
  /** Time since the operation before, and CPU time that this process used in it: what an idle
   *  contender takes from the one that works. */
  idleMs: number;
  idleCpuMs: number;
  about: About;
}

export type Reply = Done | { error: string };
