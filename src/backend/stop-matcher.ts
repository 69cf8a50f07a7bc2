// Stop strings over a stream of tokens. Works on bytes, because a stop string may begin or end in
// the middle of a token or of a UTF-8 character. Tokens that could be the start of a stop string
// are held back until that is decided, so stop text is never emitted.
// Contract: the result does not depend on how the bytes are cut into tokens.

/** A token with its visible bytes; control tokens have none and interrupt any match. */
export interface PendingToken<T> {
  value: T;
  bytes: Uint8Array;
  isControl: boolean;
}

export interface Released<T> {
  value: T;
  /** Set when only the first bytes of the token come before the stop text. */
  visibleBytes?: number;
}

export interface StopMatch {
  /** The stop string that was found. */
  stop: string;
}

export class StopMatcher<T> {
  readonly #stops: { text: string; bytes: Buffer }[];
  #held: PendingToken<T>[] = [];
  #heldBytes = Buffer.alloc(0);

  constructor(stopStrings: readonly string[]) {
    this.#stops = stopStrings
      .filter((text) => text !== '')
      .map((text) => ({ text, bytes: Buffer.from(text) }));
  }

  /** Takes the next token; returns what may be emitted now, and the match that ends generation. */
  push(token: PendingToken<T>): { released: Released<T>[]; match?: StopMatch } {
    if (token.isControl) return { released: [...this.flush(), { value: token.value }] };
    this.#held.push(token);
    this.#heldBytes = Buffer.concat([this.#heldBytes, token.bytes]);

    const found = this.#earliestMatch();
    if (found) return { released: this.#cutAt(found.start), match: { stop: found.stop } };
    return { released: this.#releaseUpTo(this.#heldBytes.length - this.#possibleStopLength()) };
  }

  /** Generation ended otherwise: what was held is ordinary text after all. */
  flush(): Released<T>[] {
    return this.#releaseUpTo(this.#heldBytes.length);
  }

  /** The match whose last byte comes first; of those ending together, the longest. */
  #earliestMatch(): { start: number; stop: string } | undefined {
    let best: { start: number; end: number; stop: string } | undefined;
    for (const { text, bytes } of this.#stops) {
      const start = this.#heldBytes.indexOf(bytes);
      if (start < 0) continue;
      const end = start + bytes.length;
      if (!best || end < best.end || (end === best.end && start < best.start)) {
        best = { start, end, stop: text };
      }
    }
    return best;
  }

  /** Length of the longest suffix of the held bytes that a stop string could begin with. */
  #possibleStopLength(): number {
    let longest = 0;
    for (const { bytes } of this.#stops) {
      const most = Math.min(bytes.length - 1, this.#heldBytes.length);
      for (let length = most; length > longest; length--) {
        const suffix = this.#heldBytes.subarray(this.#heldBytes.length - length);
        if (suffix.equals(bytes.subarray(0, length))) longest = length;
      }
    }
    return longest;
  }

  /** Releases the tokens that lie wholly in the first `end` bytes. */
  #releaseUpTo(end: number): Released<T>[] {
    let position = 0;
    let count = 0;
    for (const token of this.#held) {
      if (position + token.bytes.length > end) break;
      position += token.bytes.length;
      count++;
    }
    this.#heldBytes = this.#heldBytes.subarray(position);
    return this.#held.splice(0, count).map(({ value }) => ({ value }));
  }

  /** Releases what precedes the stop text, the last token perhaps in part; drops the rest. */
  #cutAt(start: number): Released<T>[] {
    const before = this.#heldBytes.length;
    const whole = this.#releaseUpTo(start);
    const left = start - (before - this.#heldBytes.length);
    const partial = this.#held[0];
    this.#held = [];
    this.#heldBytes = Buffer.alloc(0);
    return left > 0 && partial ? [...whole, { value: partial.value, visibleBytes: left }] : whole;
  }
}
