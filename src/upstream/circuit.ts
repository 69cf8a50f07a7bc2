// Whether an endpoint gets requests. `ready` and `suspect` do, suspects only when no other can;
// `down` does not until a health check passes, and then one request at a time (half-open) until one
// succeeds. Pure: told of events, asked for a state.

export type CircuitState = 'ready' | 'suspect' | 'down';

/** Failures in a row, of requests or of checks, that take an endpoint out. */
const MAX_FAILURES = 3;

export class Circuit {
  #failures = 0;
  #isDown = false;
  #isHalfOpen = false;
  #detail: string | undefined;

  get state(): CircuitState {
    if (this.#isDown) return 'down';
    return this.#failures > 0 || this.#isHalfOpen ? 'suspect' : 'ready';
  }

  /** One request may pass, as a trial. */
  get isHalfOpen(): boolean {
    return this.#isHalfOpen;
  }

  /** What failed last; undefined when ready. */
  get detail(): string | undefined {
    return this.#detail;
  }

  /** A request was answered. */
  succeed(): void {
    if (this.#isDown) return; // an answer from before it went down
    this.#failures = 0;
    this.#isHalfOpen = false;
    this.#detail = undefined;
  }

  /** A request or a health check failed. */
  fail(detail: string): void {
    this.#failures++;
    this.#detail = detail;
    if (this.#isHalfOpen || this.#failures >= MAX_FAILURES) this.open(detail);
  }

  /** Out at once: it cannot work as it is. */
  open(detail: string): void {
    this.#isDown = true;
    this.#isHalfOpen = false;
    this.#detail = detail;
  }

  /** A health check passed. Suspects are trusted again; what was down gets a trial. */
  passCheck(): void {
    this.#isHalfOpen ||= this.#isDown;
    this.#isDown = false;
    this.#failures = 0;
    if (!this.#isHalfOpen) this.#detail = undefined;
  }
}
