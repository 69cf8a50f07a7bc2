// Tokens to text, for one stream. Nearly every token is whole characters, and its text is known to
// the tokenizer; only tokens that end inside a character go through a decoder. The text is that of
// all bytes joined.

import type { Tokenizer } from './tokenizer.js';
import { Utf8Stream } from './utf8-stream.js';

export class TokenTextStream {
  readonly #tokenizer: Tokenizer;
  readonly #utf8 = new Utf8Stream();
  /** The decoder may hold the beginning of a character. */
  #isOpen = false;

  constructor(tokenizer: Tokenizer) {
    this.#tokenizer = tokenizer;
  }

  /** The text that is complete with this token; `visibleBytes` cuts the token's bytes. */
  push(token: number, visibleBytes?: number): string {
    if (visibleBytes === undefined) {
      const text = this.#tokenizer.tokenText(token);
      if (text !== undefined) return this.#isOpen && text !== '' ? this.flush() + text : text;
    }
    this.#isOpen = true;
    return this.#utf8.push(this.#tokenizer.tokenBytes(token).subarray(0, visibleBytes));
  }

  /** Ends the sequence: an unfinished character becomes U+FFFD. The stream can be used again. */
  flush(): string {
    if (!this.#isOpen) return '';
    this.#isOpen = false;
    return this.#utf8.flush();
  }
}
