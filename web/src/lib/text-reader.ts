// Reads what a growing text has gained since the last time, at the cost of the gain. The last part of
// the text may be divided anew when it ends; what was read before stays read.

import type { GrowingText } from '../../../src/web/growing-text.js';

export class TextReader {
  #part = 0;
  /** Characters before that part. */
  #start = 0;
  #read = 0;

  next({ parts, length }: GrowingText): string {
    let text = '';
    while (this.#read < length) {
      const part = parts[this.#part]!;
      const end = this.#start + part.length;
      text += part.slice(this.#read - this.#start);
      // A part that was cut shorter than what was read of it.
      this.#read = Math.max(this.#read, end);
      if (end < length) {
        this.#start = end;
        this.#part++;
      }
    }
    return text;
  }
}
