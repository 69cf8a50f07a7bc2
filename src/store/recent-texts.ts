// Recently remembered texts, each under several names, bounded by characters; the oldest go first.

interface Recent {
  id: string;
  text: string;
  /** Milliseconds since 1970. */
  expiresAt: number;
}

export class RecentTexts {
  readonly #byName = new Map<string, Recent>();
  readonly #byAge = new Map<string, { entry: Recent; names: readonly string[] }>();
  #characters = 0;

  constructor(private readonly maxCharacters: number) {}

  get(name: string, at: number): Recent | undefined {
    const entry = this.#byName.get(name);
    return entry !== undefined && entry.expiresAt > at ? entry : undefined;
  }

  set(names: readonly string[], entry: Recent): void {
    for (const name of names) this.#byName.set(name, entry);
    this.#byAge.set(entry.id, { entry, names });
    this.#characters += weight(entry, names);
    for (const [id, { entry: old, names: oldNames }] of this.#byAge) {
      if (this.#characters <= this.maxCharacters) break;
      this.#byAge.delete(id);
      this.#characters -= weight(old, oldNames);
      for (const name of oldNames) if (this.#byName.get(name) === old) this.#byName.delete(name);
    }
  }
}

/** Names cost too: empty texts must not be free. */
function weight({ text }: Recent, names: readonly string[]): number {
  return text.length + 64 * (names.length + 1);
}
