// Notices a child that is alive but does not answer. Computation runs off its main thread, so its loop
// turns all the time, however long a forward pass takes: silence for a long while is a hang.
// Knows no process: it asks, is told of answers, and says when it has given up.

export interface WatchdogOptions {
  /** How often to ask while somebody waits for the child. */
  intervalMs: number;
  /** Silence after a question for so long is a hang. */
  patienceMs: number;
  /** Whether the child has something to do. */
  isBusy: () => boolean;
  /** Any answer will do. */
  ask: () => void;
  onHang: (silentMs: number) => void;
  /** Milliseconds. */
  now: () => number;
}

export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #timer: NodeJS.Timeout;
  /** When the oldest question was asked that nothing has been heard since. */
  #askedAt: number | undefined;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.check(), options.intervalMs);
    this.#timer.unref();
  }

  /** The child has said something. */
  heard(): void {
    this.#askedAt = undefined;
  }

  /** One round of looking after it; the timer's. */
  check(): void {
    const { isBusy, ask, now, patienceMs, onHang } = this.#options;
    if (!isBusy()) {
      this.#askedAt = undefined;
      return;
    }
    if (this.#askedAt === undefined) {
      this.#askedAt = now();
      ask();
      return;
    }
    const silentMs = now() - this.#askedAt;
    if (silentMs < patienceMs) return;
    this.#askedAt = undefined; // whoever comes next is asked anew
    onHang(silentMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
