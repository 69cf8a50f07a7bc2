// Piece cache: short piece (UTF-16 units) -> token ids. Fixed memory, no allocation per entry and no
// reference to the texts it saw. Two-way buckets: a new entry takes the first way and pushes the one
// there to the second, so of two pieces that collide the older one goes.

/** Longest piece kept, in UTF-16 units. */
export const MAX_CACHED_UNITS = 20;
/** Most ids kept for one piece. */
const MAX_CACHED_IDS = 7;

const ID_STRIDE = MAX_CACHED_IDS + 1; // count, then ids

export class PieceCache {
  readonly #bucketMask: number;
  /** Per entry: length in units (0 = empty), padded to a power-of-two stride with the units. */
  readonly #keys: Uint16Array;
  readonly #lengths: Uint8Array;
  readonly #ids: Int32Array;

  /** `capacity` entries, a power of two. */
  constructor(capacity: number) {
    this.#bucketMask = capacity / 2 - 1;
    this.#keys = new Uint16Array(capacity * MAX_CACHED_UNITS);
    this.#lengths = new Uint8Array(capacity);
    this.#ids = new Int32Array(capacity * ID_STRIDE);
  }

  /** Copies the ids of units[start, end) to out[at...]. Returns how many, 0 when not cached. */
  read(units: Uint16Array, start: number, end: number, out: Int32Array, at: number): number {
    const first = this.#bucket(units, start, end) * 2;
    for (let entry = first; entry < first + 2; entry++) {
      if (this.#holds(entry, units, start, end)) {
        const ids = this.#ids;
        const base = entry * ID_STRIDE;
        const count = ids[base]!;
        for (let i = 0; i < count; i++) out[at + i] = ids[base + 1 + i]!;
        return count;
      }
    }
    return 0;
  }

  /** Stores ids[at, at + count) for a piece of at most MAX_CACHED_UNITS; long id lists are skipped. */
  write(
    units: Uint16Array,
    start: number,
    end: number,
    ids: Int32Array,
    at: number,
    count: number,
  ): void {
    if (count > MAX_CACHED_IDS) return;
    const entry = this.#bucket(units, start, end) * 2;
    this.#moveToSecondWay(entry);
    this.#lengths[entry] = end - start;
    const key = entry * MAX_CACHED_UNITS;
    for (let i = start; i < end; i++) this.#keys[key + i - start] = units[i]!;
    const base = entry * ID_STRIDE;
    this.#ids[base] = count;
    for (let i = 0; i < count; i++) this.#ids[base + 1 + i] = ids[at + i]!;
  }

  clear(): void {
    this.#lengths.fill(0);
  }

  #moveToSecondWay(entry: number): void {
    this.#lengths[entry + 1] = this.#lengths[entry]!;
    const key = entry * MAX_CACHED_UNITS;
    this.#keys.copyWithin(key + MAX_CACHED_UNITS, key, key + MAX_CACHED_UNITS);
    const base = entry * ID_STRIDE;
    this.#ids.copyWithin(base + ID_STRIDE, base, base + ID_STRIDE);
  }

  #holds(entry: number, units: Uint16Array, start: number, end: number): boolean {
    if (this.#lengths[entry] !== end - start) return false;
    const keys = this.#keys;
    let key = entry * MAX_CACHED_UNITS;
    for (let i = start; i < end; i++) if (keys[key++] !== units[i]) return false;
    return true;
  }

  /** FNV-1a over units with a final mix. */
  #bucket(units: Uint16Array, start: number, end: number): number {
    let hash = 0x811c9dc5;
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ units[i]!, 0x01000193);
    return (hash ^ (hash >>> 15)) & this.#bucketMask;
  }
}
