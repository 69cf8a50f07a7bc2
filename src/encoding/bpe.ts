// Byte-pair encoding of pieces: UTF-16 units -> UTF-8 byte tokens -> merges by rank -> token ids.
// A sink for the pre-tokenizer: collects ids in one growing buffer. Knows nothing of added tokens or
// of how text was cut. Work in slices may be paused; other texts can be encoded meanwhile.

import { MAX_CACHED_UNITS, PieceCache } from './bpe-cache.js';
import { LongPieceMerge } from './bpe-long-piece.js';
import { MergeTable, NO_RANK, type MergeList } from './bpe-merges.js';
import type { PieceSink } from './pre-tokenizer.js';
import { runToEnd } from './steps.js';

/** Up to this many bytes rescanning all pairs for the lowest rank beats a heap. */
const SHORT_PIECE_BYTES = 64;
const CACHE_ENTRIES = 1 << 16;
const INITIAL_IDS = 1024;
/** A larger id buffer is given back, so that one huge text does not stay in memory. */
const MAX_KEPT_IDS = 1 << 20;

export class BytePairEncoder implements PieceSink {
  readonly #merges: MergeTable;
  readonly #byteIds: Int32Array;
  readonly #cache = new PieceCache(CACHE_ENTRIES);
  readonly #ranks = new Int32Array(SHORT_PIECE_BYTES);
  /** Heap work done for long pieces so far (see LongPieceMerge.operations). */
  longPieceOperations = 0;
  /** Ids collected so far; symbols of the current piece are merged in place at its end. */
  #ids = new Int32Array(INITIAL_IDS);
  #length = 0;

  /** `byteIds`: token id of each of the 256 bytes. */
  constructor(merges: MergeList, byteIds: Int32Array) {
    this.#merges = new MergeTable(merges);
    this.#byteIds = byteIds;
  }

  /** Starts a new list of ids, dropping what an interrupted call may have left. */
  reset(): void {
    this.#length = 0;
    if (this.#ids.length > MAX_KEPT_IDS) this.#ids = new Int32Array(INITIAL_IDS);
  }

  addId(id: number): void {
    this.#reserve(1);
    this.#ids[this.#length++] = id;
  }

  addPiece(units: Uint16Array, start: number, end: number): void {
    const length = end - start;
    this.#reserve(length * 3); // a UTF-16 unit takes at most 3 bytes of UTF-8
    if (length > MAX_CACHED_UNITS) {
      this.#length += this.#encode(units, start, end);
      return;
    }
    const cached = this.#cache.read(units, start, end, this.#ids, this.#length);
    if (cached > 0) {
      this.#length += cached;
      return;
    }
    const count = this.#encode(units, start, end);
    this.#cache.write(units, start, end, this.#ids, this.#length, count);
    this.#length += count;
  }

  /** As `addPiece`, for a piece of any length: yields after each `slice` units or merges. */
  *addPieceInSlices(
    units: Uint16Array,
    { start, end }: { start: number; end: number },
    slice: number,
  ): Generator<void, void> {
    let byteCount = 0;
    for (let at = start; at < end;) {
      let next = Math.min(end, at + slice);
      if (next < end && (units[next]! & 0xfc00) === 0xdc00) next++; // the second half of a pair
      this.#reserve(byteCount + (next - at) * 3);
      byteCount += this.#writeBytes(units, { start: at, end: next }, this.#length + byteCount);
      at = next;
      yield* this.pause();
    }
    const merge = new LongPieceMerge(this.#merges);
    const symbols = this.#ids.subarray(this.#length, this.#length + byteCount);
    const steps = merge.run(symbols, byteCount, slice);
    let step = steps.next();
    for (; !step.done; step = steps.next()) yield* this.pause();
    this.longPieceOperations += merge.operations;
    this.#length += step.value;
  }

  /** Lets another list of ids be collected until this one is taken up again. */
  *pause(): Generator<void, void> {
    const ids = this.#ids;
    const length = this.#length;
    this.#ids = new Int32Array(INITIAL_IDS);
    this.#length = 0;
    yield;
    this.#ids = ids;
    this.#length = length;
  }

  /** A copy of the ids collected since `reset`. */
  take(): Int32Array {
    return this.#ids.slice(0, this.#length);
  }

  /** Forgets cached pieces; for measuring. */
  clearCache(): void {
    this.#cache.clear();
  }

  /** Writes the ids of a piece at #length and returns their number. */
  #encode(units: Uint16Array, start: number, end: number): number {
    const byteCount = this.#writeBytes(units, { start, end }, this.#length);
    if (byteCount <= SHORT_PIECE_BYTES) return this.#mergeShort(byteCount);
    const merge = new LongPieceMerge(this.#merges);
    const symbols = this.#ids.subarray(this.#length, this.#length + byteCount);
    const count = runToEnd(merge.run(symbols, byteCount, Infinity));
    this.longPieceOperations += merge.operations;
    return count;
  }

  /** UTF-8 of well-formed units as byte tokens at `base`. Returns the number of bytes. */
  #writeBytes(
    units: Uint16Array,
    { start, end }: { start: number; end: number },
    base: number,
  ): number {
    const ids = this.#ids;
    const byteIds = this.#byteIds;
    let at = base;
    for (let i = start; i < end; i++) {
      const unit = units[i]!;
      if (unit < 0x80) {
        ids[at++] = byteIds[unit]!;
      } else if (unit < 0x800) {
        ids[at++] = byteIds[0xc0 | (unit >> 6)]!;
        ids[at++] = byteIds[0x80 | (unit & 0x3f)]!;
      } else if (unit < 0xd800 || unit > 0xdfff) {
        ids[at++] = byteIds[0xe0 | (unit >> 12)]!;
        ids[at++] = byteIds[0x80 | ((unit >> 6) & 0x3f)]!;
        ids[at++] = byteIds[0x80 | (unit & 0x3f)]!;
      } else {
        const codePoint = ((unit - 0xd800) << 10) + (units[++i]! - 0xdc00) + 0x10000;
        ids[at++] = byteIds[0xf0 | (codePoint >> 18)]!;
        ids[at++] = byteIds[0x80 | ((codePoint >> 12) & 0x3f)]!;
        ids[at++] = byteIds[0x80 | ((codePoint >> 6) & 0x3f)]!;
        ids[at++] = byteIds[0x80 | (codePoint & 0x3f)]!;
      }
    }
    return at - base;
  }

  /** Merges the `length` symbols at #length in place: lowest rank first, leftmost first. */
  #mergeShort(length: number): number {
    const ids = this.#ids;
    const ranks = this.#ranks; // ranks[i]: merge of symbols i and i + 1
    const merges = this.#merges;
    const base = this.#length;
    let last = length - 1;
    for (let i = 0; i < last; i++) ranks[i] = merges.rank(ids[base + i]!, ids[base + i + 1]!);
    while (last > 0) {
      let best = 0;
      let rank = ranks[0]!;
      for (let i = 1; i < last; i++) {
        if (ranks[i]! < rank) {
          rank = ranks[i]!;
          best = i;
        }
      }
      if (rank === NO_RANK) break;
      ids[base + best] = merges.results[rank]!;
      for (let i = best + 1; i < last; i++) {
        ids[base + i] = ids[base + i + 1]!;
        ranks[i - 1] = ranks[i]!;
      }
      last--;
      if (best > 0) ranks[best - 1] = merges.rank(ids[base + best - 1]!, ids[base + best]!);
      if (best < last) ranks[best] = merges.rank(ids[base + best]!, ids[base + best + 1]!);
    }
    return last + 1;
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#ids.length) return;
    const grown = new Int32Array(Math.max(needed, this.#ids.length * 2));
    grown.set(this.#ids); // bytes of a piece still being written lie behind #length
    this.#ids = grown;
  }
}
