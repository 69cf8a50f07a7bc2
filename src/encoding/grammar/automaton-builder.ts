// Builds automata from parts (Thompson's construction) and removes the silent edges at the end.
// Bounded, because patterns come from clients: what grows past the limit is given up.

import type { Automaton } from './automaton.js';
import type { CharRanges } from './char-ranges.js';

/** `a{1,200}` in a JSON string is about the most that a compiler should be asked to hold. */
const MAX_STATES = 1500;

/** The automaton would have too many states. */
export class AutomatonTooLargeError extends Error {
  override name = 'AutomatonTooLargeError';
}

/** A part under construction: leads from `start` to `end`. */
export interface Part {
  start: number;
  end: number;
}

export class AutomatonBuilder {
  readonly #edges: { chars: CharRanges; to: number }[][] = [];
  readonly #silent: number[][] = [];

  state(): number {
    if (this.#edges.length >= MAX_STATES) throw new AutomatonTooLargeError();
    this.#silent.push([]);
    return this.#edges.push([]) - 1;
  }

  edge(from: number, chars: CharRanges, to: number): void {
    if (chars.length > 0) this.#edges[from]!.push({ chars, to });
  }

  silent(from: number, to: number): void {
    this.#silent[from]!.push(to);
  }

  char(chars: CharRanges): Part {
    const part = { start: this.state(), end: this.state() };
    this.edge(part.start, chars, part.end);
    return part;
  }

  sequence(parts: readonly Part[]): Part {
    if (parts.length === 0) {
      const state = this.state();
      return { start: state, end: state };
    }
    parts.reduce((before, after) => {
      this.silent(before.end, after.start);
      return after;
    });
    return { start: parts[0]!.start, end: parts.at(-1)!.end };
  }

  choice(parts: readonly Part[]): Part {
    const whole = { start: this.state(), end: this.state() };
    for (const part of parts) {
      this.silent(whole.start, part.start);
      this.silent(part.end, whole.end);
    }
    return whole;
  }

  /** `make` is called once per copy. `max` may be infinite. */
  repeat(make: () => Part, min: number, max: number): Part {
    const parts: Part[] = [];
    for (let i = 0; i < min; i++) parts.push(make());
    if (max === Infinity) {
      const loop = { start: this.state(), end: this.state() };
      const inner = make();
      this.silent(loop.start, inner.start);
      this.silent(inner.end, loop.start);
      this.silent(loop.start, loop.end);
      return this.sequence([...parts, loop]);
    }
    const optional: Part[] = [];
    for (let i = min; i < max; i++) optional.push(make());
    const end = this.state();
    for (const part of optional) this.silent(part.start, end);
    return this.sequence([...parts, ...optional, { start: end, end }]);
  }

  /** The automaton of a part, its start renumbered to 0. */
  finish({ start, end }: Part): Automaton {
    const numbers = new Map([[start, 0]]);
    const order = [start];
    const edges: Automaton['edges'] = [];
    const accepting = new Set<number>();
    for (const [index, state] of order.entries()) {
      const closure = this.#closure(state);
      if (closure.has(end)) accepting.add(index);
      edges[index] = [...closure].flatMap((member) =>
        this.#edges[member]!.map(({ chars, to }) => {
          if (!numbers.has(to)) numbers.set(to, order.push(to) - 1);
          return { chars, to: numbers.get(to)! };
        }),
      );
    }
    return { edges, accepting };
  }

  #closure(state: number): Set<number> {
    const reached = new Set([state]);
    for (const member of reached) for (const next of this.#silent[member]!) reached.add(next);
    return reached;
  }
}
