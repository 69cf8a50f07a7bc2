// One process behind the walls of private-root.ts, from its start to its end: bounds by prlimit, an
// environment of four names, three descriptors, and a wall clock and output caps after which everything it
// started is killed. Knows nothing of what it runs.

import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { LockedLimits, LockedResult } from './locked-limits.js';
import { behindWalls, type Binding, type Mechanism } from './private-root.js';

/** Where Node.js is seen inside. */
export const INNER_BIN = '/app/bin';

const ENVIRONMENT = {
  PATH: `${INNER_BIN}:/usr/sbin:/usr/bin:/sbin:/bin`,
  HOME: '/tmp',
  TMPDIR: '/tmp',
  TZ: 'UTC',
};

export interface Walls {
  readonly mechanism: Mechanism;
  readonly mountPoint: string;
  /** Full path of a program of the system. */
  readonly tool: (name: string) => string;
  /** A number that no other process has; undefined where this process is not root. */
  readonly nextUid: () => number | undefined;
}

export interface LockedStart {
  readonly argv: readonly string[];
  readonly bindings: readonly Binding[];
  readonly limits: LockedLimits;
}

export class LockedProcess {
  /** Resolves at its end, with everything it started dead. */
  readonly ended: Promise<LockedResult>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #limits: LockedLimits;
  readonly #output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  readonly #startedAt = performance.now();
  readonly #firstOutput: Promise<unknown>;
  #cause: LockedResult['ended'] = 'exit';
  #timer: NodeJS.Timeout | undefined;
  #hasEnded = false;

  constructor(walls: Walls, { argv, bindings, limits }: LockedStart) {
    const plan = {
      mountPoint: walls.mountPoint,
      bindings,
      tempBytes: limits.tempBytes,
      uid: walls.nextUid(),
    };
    const bounded = [walls.tool('prlimit'), ...resourceLimits(limits), '--', ...argv];
    const [program, ...args] = behindWalls(walls.mechanism, plan, bounded, walls.tool);
    this.#limits = limits;
    // A group of its own, so that one signal reaches all of it. Other descriptors close at exec.
    this.#child = spawn(program!, args, { env: ENVIRONMENT, cwd: '/', detached: true });
    // Who goes away before it has read everything is no failure of ours.
    this.#child.stdin.on('error', () => {});
    this.#firstOutput = new Promise((resolve) => this.#child.stdout.once('data', resolve));
    this.#collect('stdout');
    this.#collect('stderr');
    this.ended = new Promise((resolve, reject) => {
      const end = (): void => {
        this.#hasEnded = true;
        clearTimeout(this.#timer);
      };
      this.#child.once('error', (error) => {
        end();
        reject(error);
      });
      this.#child.once('close', (code) => {
        end();
        resolve(this.#result(code));
      });
    });
    // Whoever waits hears of it; a process that nobody waits for may fail alone.
    this.ended.catch(() => {});
  }

  /** Whether it writes to stdout within so long. */
  async speaks(withinMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), withinMs);
    });
    try {
      const spoke = this.#firstOutput.then(() => true);
      return await Promise.race([spoke, this.ended.then(() => false), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Gives the input and starts the wall clock. */
  feed(stdin: string, wallMs: number): void {
    if (this.#hasEnded) return;
    this.#timer = setTimeout(() => this.kill('wall'), wallMs);
    this.#child.stdin.end(stdin);
  }

  kill(cause: LockedResult['ended'] = 'wall'): void {
    if (this.#hasEnded) return;
    if (this.#cause === 'exit') this.#cause = cause;
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has just ended.
    }
  }

  /** Whether this process may end before it does. */
  set isWaitedFor(isWaitedFor: boolean) {
    const pipes = [this.#child.stdin, this.#child.stdout, this.#child.stderr] as unknown[];
    for (const one of [this.#child, ...(pipes as { ref(): void; unref(): void }[])]) {
      if (isWaitedFor) one.ref();
      else one.unref();
    }
  }

  #collect(name: 'stdout' | 'stderr'): void {
    let bytes = 0;
    this.#child[name].on('data', (piece: Buffer) => {
      const room = this.#limits.outputBytes - bytes;
      bytes += piece.length;
      if (room > 0) this.#output[name].push(piece.subarray(0, room));
      if (bytes > this.#limits.outputBytes) this.kill('output');
    });
  }

  #result(code: number | null): LockedResult {
    return {
      ended: this.#cause,
      // A process killed from here has no code of its own.
      exitCode: code ?? 128 + 9,
      stdout: Buffer.concat(this.#output.stdout).toString(),
      stderr: Buffer.concat(this.#output.stderr).toString(),
      wallMs: Math.round(performance.now() - this.#startedAt),
    };
  }
}

function resourceLimits(limits: LockedLimits): string[] {
  return [
    `--cpu=${limits.cpuSeconds}`,
    // Not the address space: V8 and WebAssembly reserve far more of it than they ever use.
    `--data=${limits.memoryBytes}`,
    `--nproc=${limits.processes}`,
    `--nofile=${limits.openFiles}`,
    `--fsize=${limits.fileBytes}`,
    '--core=0',
  ];
}
