// A probe is an attempt to get out of the sandbox or to abuse it, with what must be seen when it is stopped
// for the right reason, and, where that is safe, the same attempt without a sandbox, which must succeed.

import type { ProcessSandbox } from './process-sandbox.js';

export interface ProbeVerdict {
  readonly held: boolean;
  /** What was seen. */
  readonly seen: string;
}

/** What probes aim at, on this machine, outside of the sandbox. */
export interface ProbeTargets {
  /** Holds `secret` in a file, that anybody may read. */
  readonly folder: string;
  readonly secretFile: string;
  readonly secret: string;
  readonly tcpPort: number;
  readonly udpPort: number;
  /** Connections and datagrams that arrived since the last call. */
  arrivals(): number;
  /** Processes on this machine with a word in their command line. */
  processesWith(word: string): number[];
}

export interface Probe {
  readonly name: string;
  /** It must be over so long after its start, and a second. */
  readonly limitMs: number;
  attempt(sandbox: ProcessSandbox, targets: ProbeTargets): Promise<ProbeVerdict>;
  /** Whether the attempt succeeds without a sandbox. Absent where that would harm this machine. */
  control?(targets: ProbeTargets): Promise<boolean>;
}
