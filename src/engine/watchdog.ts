// Notices a child that is alive but does not answer. Computation runs off its main thread, so its loop
// turns all the time, however long a forward pass takes: silence for a long while is a hang. Time in
// which this process did not look (stopped, asleep with the machine) says nothing: the answer may lie
// unread, and the child may have been stopped too.
// Knows no process: it asks, is told of answers, and says when it has given up.

/** A round that comes later than so many intervals counts as that many. */
const MAX_LATENESS = 2;

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
  /** Since the oldest question that nothing has been heard since; undefined when there is none. */
  #silentMs: number | undefined;
  #lookedAt: number;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#lookedAt = options.now();
    this.#timer = setInterval(() => this.check(), options.intervalMs);
    this.#timer.unref();
  }

  /** The child has said something. */
  heard(): void {
    this.#silentMs = undefined;
  }

  /** One round of looking after it; the timer's. */
  check(): void {
    const { intervalMs, patienceMs, isBusy, ask, now, onHang } = this.#options;
    const time = now();
    const passedMs = Math.min(time - this.#lookedAt, MAX_LATENESS * intervalMs);
    this.#lookedAt = time;
    if (!isBusy()) {
      this.#silentMs = undefined;
      return;
    }
    if (this.#silentMs === undefined) {
      this.#silentMs = 0;
      ask();
      return;
    }
    this.#silentMs += passedMs;
    if (this.#silentMs < patienceMs) return;
    const silentMs = this.#silentMs;
    this.#silentMs = undefined; // whoever comes next is asked anew
    onHang(silentMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
