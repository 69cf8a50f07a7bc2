// Signs of life while a client waits (api reference §8): the first after a second, then every five,
// and between data only after ten silent seconds. What a sign looks like is the caller's business.

import type { Timers } from './timers.js';

export interface KeepAliveTimes {
  firstMs: number;
  everyMs: number;
  /** Silence inside a running reply. */
  idleMs: number;
}

export const KEEP_ALIVE_TIMES: KeepAliveTimes = { firstMs: 1000, everyMs: 5000, idleMs: 10_000 };

export class KeepAlive {
  #cancel: () => void;
  #isStopped = false;

  constructor(
    private readonly timers: Timers,
    private readonly times: KeepAliveTimes,
    private readonly beat: () => void,
  ) {
    this.#cancel = timers.after(times.firstMs, () => this.#tick(times.everyMs));
  }

  /** Data went out: the next sign is due only after a long silence. */
  dataSent(): void {
    this.#cancel();
    const { idleMs } = this.times;
    if (!this.#isStopped) this.#cancel = this.timers.after(idleMs, () => this.#tick(idleMs));
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
  }

  #tick(nextMs: number): void {
    this.beat();
    this.#cancel = this.timers.after(nextMs, () => this.#tick(nextMs));
  }
}
