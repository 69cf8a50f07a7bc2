// What a locked process may use, and what is told of its end. All bounds hold together.

export interface LockedLimits {
  /** Wall clock; then the whole process group and everything it started is killed. */
  readonly wallMs: number;
  readonly cpuSeconds: number;
  /** Private memory of each process: heap, stacks, WebAssembly. */
  readonly memoryBytes: number;
  /** Threads count as processes; Node.js alone has about eleven. */
  readonly processes: number;
  readonly openFiles: number;
  /** Of one file. */
  readonly fileBytes: number;
  /** Of everything under /tmp, which is memory. */
  readonly tempBytes: number;
  /** Of stdout and of stderr, each; more of either kills. */
  readonly outputBytes: number;
}

export const DEFAULT_LIMITS: LockedLimits = {
  wallMs: 10_000,
  cpuSeconds: 10,
  memoryBytes: 1 << 30,
  processes: 64,
  openFiles: 128,
  fileBytes: 16 << 20,
  tempBytes: 64 << 20,
  outputBytes: 1 << 20,
};

export interface LockedRun {
  /** Program and arguments as they are: no shell reads them. `node` is this process's own Node.js. */
  readonly argv: readonly string[];
  /** Folder of this machine, seen as /work, read-only, and current. Without one /work is empty. */
  readonly folder?: string;
  readonly stdin?: string;
  readonly limits?: Partial<LockedLimits>;
  /** There is none to be had; the word stands here so that nobody looks for it. */
  readonly network?: false;
}

export interface LockedResult {
  /** `exit`: by itself, with `exitCode` (128 + n for signal n). The others: killed, and by which bound. */
  readonly ended: 'exit' | 'wall' | 'output';
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly wallMs: number;
}
