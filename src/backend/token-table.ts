// The bytes each token id stands for, packed so that the table crosses a process boundary cheaply
// (128,000 tokens are about 1 MB). Backends need it for stop strings and, later, grammars; they
// never turn the bytes into roles or markup.

export interface TokenTable {
  /** Bytes of all tokens, one after the other. */
  bytes: Uint8Array;
  /** `numTokens + 1` positions: token t owns `bytes[offsets[t] .. offsets[t + 1])`. */
  offsets: Uint32Array;
  /** 1 where the token is control (BOS, `</think>`, the DSML mark ...): it has no visible text. */
  control: Uint8Array;
}

const NO_BYTES = new Uint8Array(0);

/** @param entries one per token id, in id order; undefined = an unused id (no bytes, control). */
export function packTokenTable(
  entries: readonly ({ bytes: Uint8Array; isControl: boolean } | undefined)[],
): TokenTable {
  const offsets = new Uint32Array(entries.length + 1);
  entries.forEach((entry, token) => {
    offsets[token + 1] = offsets[token]! + (entry?.bytes.length ?? 0);
  });
  const bytes = new Uint8Array(offsets[entries.length]!);
  const control = new Uint8Array(entries.length);
  entries.forEach((entry, token) => {
    if (entry) bytes.set(entry.bytes, offsets[token]);
    control[token] = entry === undefined || entry.isControl ? 1 : 0;
  });
  return { bytes, offsets, control };
}

export function numTokens(table: TokenTable): number {
  return table.control.length;
}

/** A view into the table; empty for ids outside it (rows a model has beyond its tokenizer). */
export function bytesOfToken(table: TokenTable, token: number): Uint8Array {
  if (token < 0 || token >= table.control.length) return NO_BYTES;
  return table.bytes.subarray(table.offsets[token]!, table.offsets[token + 1]!);
}

export function isControlToken(table: TokenTable, token: number): boolean {
  return table.control[token] !== 0;
}
