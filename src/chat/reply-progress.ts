// How far a running reply is: counted where tokens arrive, read by whoever shows or explains it. One
// integer per token and, up to a bound, the token itself: what the cache will know of this reply.

/** Of one reply; a longer one is known by its beginning. */
const MAX_TOKENS = 16_384;

export class ReplyProgress {
  cacheHitTokens = 0;
  completionTokens = 0;
  readonly #tokens: number[] = [];

  constructor(
    /** All of it, with what the completion was made to begin with. */
    readonly prompt: Int32Array,
    readonly promptTokens: number,
  ) {}

  accept(token: number): void {
    this.completionTokens++;
    if (this.#tokens.length < MAX_TOKENS) this.#tokens.push(token);
  }

  /** Prompt and completion as one sequence. */
  sequence(): Int32Array {
    const tokens = new Int32Array(this.prompt.length + this.#tokens.length);
    tokens.set(this.prompt);
    tokens.set(this.#tokens, this.prompt.length);
    return tokens;
  }
}
