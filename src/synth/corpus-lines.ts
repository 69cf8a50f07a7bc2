// Where the lines of a JSONL file lie, read in pieces of fixed size: a shard of any length is indexed in
// constant memory.

import { closeSync, openSync, readSync } from 'node:fs';

export interface Line {
  /** Byte offset and length, without the line break. */
  readonly start: number;
  readonly length: number;
  /** Its first characters, as far as one needs them to find its key. */
  readonly head?: string;
}

const PIECE_BYTES = 1 << 18;
const HEAD_BYTES = 512;
const LINE_BREAK = 10;

/** Empty lines are passed over. @throws Error of node:fs */
export function* linesOf(path: string): Generator<Line> {
  const descriptor = openSync(path, 'r');
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  // Of the line that began before this piece.
  let start = 0;
  let head = Buffer.alloc(0);
  try {
    for (let offset = 0; ;) {
      const size = readSync(descriptor, piece, 0, PIECE_BYTES, offset);
      if (size === 0) break;
      let at = 0;
      while (at < size) {
        const found = piece.subarray(0, size).indexOf(LINE_BREAK, at);
        const end = found === -1 ? size : found;
        const wanted = Math.min(end - at, HEAD_BYTES - head.length);
        if (wanted > 0) head = Buffer.concat([head, piece.subarray(at, at + wanted)]);
        if (found === -1) break;
        const length = offset + end - start;
        if (length > 0) yield { start, length, head: head.toString() };
        head = Buffer.alloc(0);
        at = end + 1;
        start = offset + at;
      }
      offset += size;
      if (size < PIECE_BYTES) {
        if (offset > start) yield { start, length: offset - start, head: head.toString() };
        break;
      }
    }
  } finally {
    closeSync(descriptor);
  }
}
