// The spellings of a tokenizer's control tokens: to find them in completion text, and to know
// whether a stop string could touch one. Where an engine sends no token ids, a spelled control token
// is taken for the token itself; there is nothing better to go by (docs/upstream.md says so).

import type { Tokenizer } from '../encoding/tokenizer.js';

export class ControlTexts {
  readonly ids = new Map<string, number>();
  /** Every proper prefix of a control text. */
  readonly prefixes = new Set<string>();
  readonly #suffixes = new Set<string>();
  /** All of them in one string, apart. */
  readonly #all: string;
  readonly #firstUnits = new Set<string>();

  constructor(tokenizer: Tokenizer) {
    for (let id = 0; id < tokenizer.vocabSize; id++) {
      if (!tokenizer.isControl(id)) continue;
      const text = tokenizer.decode([id]);
      if (text === '') continue;
      this.ids.set(text, id);
      this.#firstUnits.add(text[0]!);
      for (let length = 1; length < text.length; length++) {
        this.prefixes.add(text.slice(0, length));
        this.#suffixes.add(text.slice(length));
      }
    }
    this.#all = [...this.ids.keys()].join('\0');
  }

  /** The ones with a meaning; placeholders that no model was trained to say are left out. */
  get meaningful(): string[] {
    return [...this.ids.keys()].filter((text) => !/place.holder/u.test(text));
  }

  /**
   * The longest control text at `start`; `open` when more text could still make (or lengthen) one.
   */
  at(text: string, start: number): { text: string } | 'open' | undefined {
    if (!this.#firstUnits.has(text[start]!)) return undefined;
    let found: { text: string } | undefined;
    for (let end = start + 1; end <= text.length; end++) {
      const piece = text.slice(start, end);
      if (this.ids.has(piece)) found = { text: piece };
      if (!this.prefixes.has(piece)) return found;
    }
    return 'open';
  }

  /** Whether text that holds a control token could contain `stop` with a part of that token. */
  touches(stop: string): boolean {
    if (this.#all.includes(stop)) return true;
    for (let i = 0; i < stop.length; i++) {
      // It ends with the beginning of one, or has one inside ...
      if (this.at(stop, i) !== undefined) return true;
      // ... or begins with the end of one.
      if (this.#suffixes.has(stop.slice(0, i + 1))) return true;
    }
    return false;
  }
}
