// Token ids from completion text that arrives in pieces, for engines that send no ids. Each piece is
// tokenised as it comes (an engine sends about one token a piece, so this mostly gives the very
// tokens it sampled); only what cannot be decided yet is held back: the beginning of a control
// token, and half of a surrogate pair.
// Contract: the bytes of the tokens, and which of them are control, do not depend on the pieces.

import type { Tokenizer } from '../encoding/tokenizer.js';
import type { ControlTexts } from './control-texts.js';

export class TextTokens {
  readonly #tokenizer: Tokenizer;
  readonly #controls: ControlTexts;
  #held = '';

  constructor(tokenizer: Tokenizer, controls: ControlTexts) {
    this.#tokenizer = tokenizer;
    this.#controls = controls;
  }

  /** The tokens that are certain with this piece. */
  push(piece: string): number[] {
    const text = this.#held + piece;
    const tokens: number[] = [];
    let plainStart = 0;
    let at = 0;
    while (at < text.length) {
      const control = this.#controls.at(text, at);
      if (control === 'open') break;
      if (!control) {
        at++;
        continue;
      }
      this.#encodePlain(text.slice(plainStart, at), tokens);
      tokens.push(this.#controls.ids.get(control.text)!);
      at = plainStart = at + control.text.length;
    }
    if (at === text.length && at > plainStart && isHighSurrogate(text.charCodeAt(at - 1))) at--;
    this.#encodePlain(text.slice(plainStart, at), tokens);
    this.#held = text.slice(at);
    return tokens;
  }

  /** The text has ended: what was held is settled now. */
  flush(): number[] {
    const tokens: number[] = [];
    let rest = this.#held;
    this.#held = '';
    // An "open" beginning may hold a shorter control token; take the longest that is complete.
    while (rest !== '') {
      let length = rest.length;
      while (length > 0 && !this.#controls.ids.has(rest.slice(0, length))) length--;
      if (length > 0) {
        tokens.push(this.#controls.ids.get(rest.slice(0, length))!);
        rest = rest.slice(length);
        continue;
      }
      const next = this.#nextControl(rest);
      this.#encodePlain(rest.slice(0, next), tokens);
      rest = rest.slice(next);
    }
    return tokens;
  }

  /** Where the next complete control token starts; the length of the text if there is none. */
  #nextControl(text: string): number {
    for (let start = 1; start < text.length; start++) {
      for (let end = start + 1; end <= text.length; end++) {
        if (this.#controls.ids.has(text.slice(start, end))) return start;
      }
    }
    return text.length;
  }

  #encodePlain(text: string, tokens: number[]): void {
    if (text === '') return;
    for (const token of this.#tokenizer.encode(text, { special: false })) tokens.push(token);
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code < 0xdc00;
}
