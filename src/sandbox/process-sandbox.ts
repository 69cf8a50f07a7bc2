// Untrusted code in processes of its own: programs in the isolate (one-use processes that were started
// before they are needed), or any command over a folder. Both behind walls that keep the network, this
// machine's files, its processes and its memory away; where there are none, nothing runs. At most
// `parallel` processes at once, at most `maxQueued` callers wait.
// Source: agents reference §10.

import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { appBindings, INNER_CHILD, nodeBinding } from './app-bindings.js';
import { copyOpen } from './copy-open.js';
import { findWalls, type Layer } from './find-walls.js';
import type { IsolateJob } from './isolate-child.js';
import {
  DEFAULT_LIMITS,
  type LockedLimits,
  type LockedResult,
  type LockedRun,
} from './locked-limits.js';
import { LockedProcess, type Walls } from './locked-process.js';
import type { Binding } from './private-root.js';
import { readResult } from './read-result.js';
import type { CodeLimits, CodeResult, Program } from './types.js';

/** Nothing on this machine keeps a process from the network: code is not run, rather than run unsafely. */
export class NoSandboxError extends Error {
  constructor(layers: readonly Layer[]) {
    const reasons = layers.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
    super(
      `untrusted code is not run on this machine, for nothing here keeps it from the network (${reasons}). ` +
        'Install bubblewrap, or allow user namespaces, or run as root on Linux; `hadal sandbox` tells more',
    );
  }
}

/** More callers wait than are let in. */
export class SandboxBusyError extends Error {}

export interface ProcessSandboxOptions {
  /** Processes at once. Default: the cores of this machine. */
  readonly parallel?: number;
  /** Callers that may wait besides. */
  readonly maxQueued?: number;
  /** Processes that are started before they are needed. */
  readonly ready?: number;
  /** Wall clock of one program; starting up does not count. */
  readonly wallMs?: number;
  /** Where programs of the system are looked for. Default: $PATH. */
  readonly searchPath?: string;
}

/** From the start of a process until it can be given a program, on a machine that is busy. */
const START_MS = 20_000;

/** Of the isolate's process: nothing is written to disk, and its result is text of a bounded size. */
const CHILD_LIMITS: LockedLimits = {
  ...DEFAULT_LIMITS,
  fileBytes: 0,
  tempBytes: 4096,
  outputBytes: 64 << 20,
};

/** V8's one quick compiler halves the time until the isolate is there. */
const NODE_FLAGS = ['--liftoff-only', '--max-old-space-size=256'];

/** @throws Error if no temporary folder can be made */
export async function openProcessSandbox(
  options: ProcessSandboxOptions = {},
): Promise<ProcessSandbox> {
  const base = await mkdtemp(join(tmpdir(), 'hadal-sandbox-'));
  const mountPoint = join(base, 'root');
  await mkdir(mountPoint);
  // Programs run as somebody else, who must get through to what is handed to them.
  await chmod(base, 0o711);
  const found = await findWalls({
    base,
    mountPoint,
    bindings: [nodeBinding()],
    ...(options.searchPath !== undefined && { searchPath: options.searchPath }),
  });
  return new ProcessSandbox(base, found.walls, found.layers, options);
}

export class ProcessSandbox {
  readonly #base: string;
  readonly #walls: Walls | undefined;
  readonly #layers: readonly Layer[];
  readonly #appBindings = appBindings();
  readonly #parallel: number;
  readonly #maxQueued: number;
  readonly #wallMs: number;
  readonly #numReady: number;
  readonly #ready: LockedProcess[] = [];
  readonly #running = new Set<LockedProcess>();
  readonly #waiting: (() => void)[] = [];
  #numBusy = 0;
  #numFolders = 0;
  #isClosed = false;

  /** Made by openProcessSandbox. */
  constructor(
    base: string,
    walls: Walls | undefined,
    layers: readonly Layer[],
    {
      parallel = availableParallelism(),
      maxQueued = 1_000,
      ready = 1,
      wallMs = 5_000,
    }: ProcessSandboxOptions,
  ) {
    this.#base = base;
    this.#walls = walls;
    this.#layers = layers;
    this.#parallel = parallel;
    this.#maxQueued = maxQueued;
    this.#wallMs = wallMs;
    this.#numReady = ready;
  }

  /** False = `run` and `runLocked` refuse everything. */
  get isAvailable(): boolean {
    return this.#walls !== undefined;
  }

  /** For work that would come to nothing without programs. @throws NoSandboxError as `run` would */
  requireWalls(): void {
    if (!this.#walls) throw new NoSandboxError(this.#layers);
  }

  /** What locks processes up here, strongest first. */
  describe(): readonly Layer[] {
    const isUsed = this.isAvailable;
    const rest: readonly [string, string][] = [
      [
        'bounds',
        'prlimit: processor time, memory, processes, open files, file size, no core files',
      ],
      ['permissions', `node ${permissionFlag()}: programs of the isolate read /app alone`],
      ['isolate', 'QuickJS in WebAssembly inside the process: counted steps, bounded heap'],
      ['clock and caps', 'the process group is killed at the wall clock and at output caps'],
    ];
    return [
      ...this.#layers,
      ...rest.map(([name, detail]) => ({ name, isUsed, detail: isUsed ? detail : 'nothing runs' })),
    ];
  }

  /**
   * As RunProgram, in a process of its own; the result is the same as in the isolate of this process, or
   * the failure `killed`. @throws NoSandboxError, SandboxBusyError
   */
  async run(program: Program, input: string, limits: CodeLimits): Promise<CodeResult> {
    await this.#enter();
    try {
      return await this.#runInChild({ program, input, limits });
    } finally {
      this.#leave();
      this.#prepare();
    }
  }

  /** Runs a command over a copy of a folder. @throws NoSandboxError, SandboxBusyError, Error of the copy */
  async runLocked({ argv, folder, stdin = '', limits }: LockedRun): Promise<LockedResult> {
    await this.#enter();
    const copy = folder === undefined ? undefined : join(this.#base, `work-${this.#numFolders++}`);
    try {
      if (folder !== undefined) await copyOpen(folder, copy!);
      const bindings = [nodeBinding(), ...(copy ? [{ from: copy, to: '/work' }] : [])];
      const all = { ...DEFAULT_LIMITS, ...limits };
      const child = this.#start(argv, bindings, all);
      child.feed(stdin, all.wallMs);
      return await child.ended;
    } finally {
      this.#leave();
      if (copy !== undefined) await rm(copy, { recursive: true, force: true });
    }
  }

  /** Kills what runs and what waits to be given a program. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#ready.length = 0;
    const all = [...this.#running];
    for (const one of all) {
      one.isWaitedFor = true;
      one.kill();
    }
    await Promise.allSettled(all.map((one) => one.ended));
    await rm(this.#base, { recursive: true, force: true });
  }

  async #runInChild(job: IsolateJob): Promise<CodeResult> {
    const child = this.#ready.shift() ?? this.#startChild();
    child.isWaitedFor = true;
    if (!(await child.speaks(START_MS))) child.kill();
    child.feed(JSON.stringify(job), this.#wallMs);
    const locked = await child.ended;
    if (locked.ended === 'wall') return killed(`it takes longer than ${this.#wallMs} ms`);
    const result = locked.exitCode === 0 ? readResult(locked.stdout, job.limits) : undefined;
    if (result) return result;
    const last = locked.stderr.trim().split('\n').at(-1)?.slice(0, 300);
    return killed(`its process ended with ${locked.exitCode}${last ? `: ${last}` : ''}`);
  }

  #startChild(): LockedProcess {
    const argv = ['node', permissionFlag(), '--allow-fs-read=/app/*', ...NODE_FLAGS, INNER_CHILD];
    const seconds = Math.ceil((this.#wallMs + START_MS) / 1000);
    return this.#start(argv, this.#appBindings, { ...CHILD_LIMITS, cpuSeconds: seconds });
  }

  /** Starts what the next programs will run in; this process may end before them. */
  #prepare(): void {
    while (!this.#isClosed && this.#ready.length < this.#numReady) {
      const child = this.#startChild();
      child.isWaitedFor = false;
      this.#ready.push(child);
    }
  }

  #start(argv: readonly string[], bindings: readonly Binding[], limits: LockedLimits) {
    if (!this.#walls) throw new NoSandboxError(this.#layers);
    if (this.#isClosed) throw new Error('the sandbox is closed');
    const child = new LockedProcess(this.#walls, { argv, bindings, limits });
    this.#running.add(child);
    void child.ended.catch(() => {}).finally(() => this.#running.delete(child));
    return child;
  }

  async #enter(): Promise<void> {
    this.requireWalls();
    if (this.#isClosed) throw new Error('the sandbox is closed');
    if (this.#numBusy >= this.#parallel) {
      if (this.#waiting.length >= this.#maxQueued) {
        throw new SandboxBusyError(
          `${this.#waiting.length} programs wait already; try again later`,
        );
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else this.#numBusy++;
  }

  /** Whoever waits takes over the place. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#numBusy--;
  }
}

function permissionFlag(): string {
  const flag = '--permission';
  return process.allowedNodeEnvironmentFlags.has(flag) ? flag : '--experimental-permission';
}

function killed(message: string): CodeResult {
  return { ok: false, failure: 'killed', message, printed: '' };
}
