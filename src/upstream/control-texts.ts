// The spellings of a tokenizer's control tokens: to find them in completion text, and to know
// whether a stop string could touch one. Where an engine sends no token ids, a spelled control token
// is taken for the token itself; there is nothing better to go by (docs/upstream.md says so).

import type { Tokenizer } from '../encoding/tokenizer.js';

export class ControlTexts {
  readonly ids = new Map<string, number>();
  /** Every proper prefix of a control text. */
  readonly prefixes = new Set<string>();
  readonly #firstUnits = new Set<string>();

  constructor(tokenizer: Tokenizer) {
    for (let id = 0; id < tokenizer.vocabSize; id++) {
      if (!tokenizer.isControl(id)) continue;
      const text = tokenizer.decode([id]);
      if (text === '') continue;
      this.ids.set(text, id);
      this.#firstUnits.add(text[0]!);
      for (let length = 1; length < text.length; length++) this.prefixes.add(text.slice(0, length));
    }
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
    for (const control of this.ids.keys()) {
      if (stop.includes(control) || control.includes(stop)) return true;
      const most = Math.min(stop.length, control.length) - 1;
      for (let length = 1; length <= most; length++) {
        if (control.endsWith(stop.slice(0, length))) return true;
        if (control.startsWith(stop.slice(stop.length - length))) return true;
      }
    }
    return false;
  }
}
