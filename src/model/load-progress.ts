// Says how far a long load has come, seldom enough not to slow it down.

const MIN_INTERVAL_MS = 50;

export type OnProgress = (loadedBytes: number, totalBytes: number) => void;

export class LoadProgress {
  readonly #totalBytes: number;
  readonly #report: OnProgress | undefined;
  readonly #now: () => number;
  #loadedBytes = 0;
  #lastReport = Number.NEGATIVE_INFINITY;

  constructor(totalBytes: number, report: OnProgress | undefined, now = () => performance.now()) {
    this.#totalBytes = totalBytes;
    this.#report = report;
    this.#now = now;
  }

  /** The end is always told. */
  add(byteLength: number): void {
    this.#loadedBytes += byteLength;
    const now = this.#now();
    const isDone = this.#loadedBytes === this.#totalBytes;
    if (!isDone && now - this.#lastReport < MIN_INTERVAL_MS) return;
    this.#lastReport = now;
    this.#report?.(this.#loadedBytes, this.#totalBytes);
  }
}
