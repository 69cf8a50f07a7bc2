// One producer, one consumer: events pushed from callbacks, read with `for await`. Unbounded, which
// is safe here because a request produces at most `maxTokens` small events.

export class EventQueue<T> implements AsyncIterable<T> {
  #items: T[] = [];
  #isEnded = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  push(item: T): void {
    this.#items.push(item);
    this.#wake?.();
  }

  /** What was pushed before is still delivered. */
  end(): void {
    this.#isEnded = true;
    this.#wake?.();
  }

  /** Ends the queue: what was pushed before is still delivered, then reading throws. */
  fail(error: Error): void {
    this.#error = error;
    this.end();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    for (;;) {
      const items = this.#items;
      this.#items = [];
      yield* items;
      if (this.#items.length > 0) continue;
      if (this.#error) throw this.#error;
      if (this.#isEnded) return;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
  }
}
