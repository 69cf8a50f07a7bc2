// Token bytes to text. Tokens of a byte-level vocabulary may end in the middle of a character;
// the rest is kept until the next token completes it. Broken sequences become U+FFFD.

export class Utf8Stream {
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });

  /** The text that is complete with these bytes; never half a surrogate pair. */
  push(bytes: Uint8Array): string {
    return this.decoder.decode(bytes, { stream: true });
  }

  /** Ends the sequence: an unfinished character becomes U+FFFD. The stream can be used again. */
  flush(): string {
    return this.decoder.decode();
  }
}
