// Time that moves only when a test says so.

import type { Timers } from '../../src/server/timers.js';

export class ManualTimers implements Timers {
  #now = 0;
  #pending: { at: number; callback: () => void }[] = [];

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, callback };
    this.#pending.push(timer);
    return () => {
      this.#pending = this.#pending.filter((other) => other !== timer);
    };
  }

  get numPending(): number {
    return this.#pending.length;
  }

  /** Runs everything due within the next `ms`, in order, what they schedule included. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#pending.filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#pending = this.#pending.filter((other) => other !== next);
      this.#now = next.at;
      next.callback();
    }
    this.#now = end;
  }
}
