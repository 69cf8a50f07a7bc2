// A bounded map of what was read from the database. `invalidate` makes every value stale at once;
// stale values stay readable, for the time in which the database cannot be asked. Tickets order
// reads that overlap: take one before reading (or inside the transaction), hand it to `set`.

export class EpochCache<T> {
  readonly #entries = new Map<string, { value: T; ticket: number }>();
  #clock = 0;
  #invalidatedAt = 0;

  constructor(private readonly maxEntries: number) {}

  ticket(): number {
    return (this.#clock += 1);
  }

  invalidate(): void {
    this.#invalidatedAt = this.ticket();
  }

  isFresh(key: string): boolean {
    const entry = this.#entries.get(key);
    return entry !== undefined && entry.ticket > this.#invalidatedAt;
  }

  /** Fresh or stale. */
  get(key: string): T | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Ignored when a later ticket was here before; stale when `invalidate` came in between. */
  set(key: string, value: T, ticket: number): void {
    const known = this.#entries.get(key);
    if (known !== undefined && known.ticket > ticket) return;
    this.#entries.delete(key); // to the end: the least recently read goes first
    this.#entries.set(key, { value, ticket });
    if (this.#entries.size <= this.maxEntries) return;
    const [oldest] = this.#entries.keys();
    this.#entries.delete(oldest!);
  }
}
