// What a run has cost, in tokens, by purpose; and what that is for each task that came of it.

export interface Spent {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
}

export class Ledger {
  readonly #byPurpose = new Map<string, Spent & { readonly calls: number }>();

  add(purpose: string, { prompt_tokens, completion_tokens }: Spent): void {
    const before = this.#byPurpose.get(purpose);
    this.#byPurpose.set(purpose, {
      calls: (before?.calls ?? 0) + 1,
      prompt_tokens: (before?.prompt_tokens ?? 0) + prompt_tokens,
      completion_tokens: (before?.completion_tokens ?? 0) + completion_tokens,
    });
  }

  get total(): Spent {
    let [prompt_tokens, completion_tokens] = [0, 0];
    for (const spent of this.#byPurpose.values()) {
      prompt_tokens += spent.prompt_tokens;
      completion_tokens += spent.completion_tokens;
    }
    return { prompt_tokens, completion_tokens };
  }

  /** In the order in which purposes first came. */
  toJSON(): Record<string, Spent & { readonly calls: number }> {
    return Object.fromEntries(this.#byPurpose);
  }

  /** For people. */
  table(tasks: number): string {
    const line = (name: string, calls: number, spent: Spent): string =>
      [
        name.padEnd(18),
        String(calls).padStart(7),
        String(spent.prompt_tokens).padStart(12),
        String(spent.completion_tokens).padStart(12),
      ].join('');
    const rows = [...this.#byPurpose].map(([name, spent]) => line(name, spent.calls, spent));
    const { total } = this;
    const calls = [...this.#byPurpose.values()].reduce((sum, one) => sum + one.calls, 0);
    const both = total.prompt_tokens + total.completion_tokens;
    const each = tasks === 0 ? 'none was accepted' : `${Math.round(both / tasks)} tokens each`;
    return [
      `${'purpose'.padEnd(18)}${'calls'.padStart(7)}${'tokens in'.padStart(12)}${'out'.padStart(12)}`,
      ...rows,
      line('total', calls, total),
      `accepted tasks: ${tasks}, ${each}`,
      '',
    ].join('\n');
  }
}
