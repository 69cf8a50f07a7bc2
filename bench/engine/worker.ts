// A contender in a process of its own, seen from the bench: calls that return the milliseconds which
// the operation took over there.

import { fork, type ChildProcess } from 'node:child_process';

import type { About, ContenderOptions } from './contender.js';
import type { ContenderKind, Done, Reply, Request } from './messages.js';

/** `cpu` is CPU time per thread: what an operation takes on a machine that has other jobs. */
export type Clock = 'wall' | 'cpu';

const ENTRY = new URL('./worker-main.js', import.meta.url);
/** Shorter waits say nothing: they hold the end of the operation before. */
const MIN_IDLE_MS = 100;

export class Worker {
  private opened: About | undefined;
  private idleMs = 0;
  private idleCpuMs = 0;

  /** @throws Error with what the child said when the model cannot be opened */
  static async open(kind: ContenderKind, clock: Clock, options: ContenderOptions): Promise<Worker> {
    const child = fork(ENTRY, { serialization: 'advanced' });
    const worker = new Worker(kind, clock, options.threads, child);
    try {
      await worker.ask({ do: 'open', kind, options });
    } catch (error) {
      worker.child.kill();
      throw error;
    }
    return worker;
  }

  private constructor(
    readonly kind: ContenderKind,
    private readonly clock: Clock,
    private readonly threads: number,
    private readonly child: ChildProcess,
  ) {}

  get about(): About {
    return this.opened!;
  }

  /** CPU cores that the process kept busy while the other one was working; 0 is as it should be. */
  get idleLoad(): number {
    return this.idleMs === 0 ? 0 : this.idleCpuMs / this.idleMs;
  }

  prefill(tokens: Int32Array): Promise<number> {
    return this.ask({ do: 'prefill', tokens });
  }

  step(): Promise<number> {
    return this.ask({ do: 'step' });
  }

  rewind(length: number): Promise<number> {
    return this.ask({ do: 'rewind', length });
  }

  save(path: string): Promise<number> {
    return this.ask({ do: 'save', path });
  }

  fill(path: string, length: number): Promise<number> {
    return this.ask({ do: 'fill', path, length });
  }

  async close(): Promise<void> {
    try {
      await this.ask({ do: 'close' });
    } finally {
      this.child.kill();
    }
  }

  private async ask(request: Request): Promise<number> {
    const reply = await this.exchange(request);
    if ('error' in reply) throw new Error(`${this.kind}, ${request.do}: ${reply.error}`);
    this.opened = reply.about;
    this.countIdle(reply);
    return this.clock === 'wall' ? reply.ms : reply.cpuMs / this.threads;
  }

  private exchange(request: Request): Promise<Reply> {
    const { child } = this;
    return new Promise((resolve) => {
      const finish = (reply: Reply): void => {
        child.off('message', finish);
        child.off('exit', onExit);
        child.off('error', onError);
        resolve(reply);
      };
      const onExit = (code: number | null, signal: string | null): void => {
        finish({ error: `its process ended with ${signal ?? code}` });
      };
      const onError = (error: Error): void => finish({ error: error.message });
      child.on('message', finish);
      child.on('exit', onExit);
      child.on('error', onError);
      child.send(request);
    });
  }

  private countIdle({ idleMs, idleCpuMs }: Done): void {
    if (idleMs < MIN_IDLE_MS) return;
    this.idleMs += idleMs;
    this.idleCpuMs += idleCpuMs;
  }
}
