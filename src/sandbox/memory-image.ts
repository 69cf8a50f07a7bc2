// A picture of a WebAssembly memory, and the way back to it. Only blocks that hold something are kept
// (QuickJS after start: about a megabyte of sixteen). What was zero and beyond the picture's last block is
// not cleaned on the way back: an allocator that is itself back at the start gives none of it out unwritten.

const BLOCK = 4096;

/** A WebAssembly.Memory. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

interface Piece {
  readonly at: number;
  readonly bytes: Uint8Array;
}

export class MemoryImage {
  readonly #memory: WasmMemory;
  readonly #pieces: Piece[] = [];

  constructor(memory: WasmMemory) {
    this.#memory = memory;
    const all = new Uint8Array(memory.buffer);
    let start = -1;
    for (let at = 0; at <= all.length; at += BLOCK) {
      const isUsed = at < all.length && all.subarray(at, at + BLOCK).some((byte) => byte !== 0);
      if (isUsed && start < 0) start = at;
      if (isUsed || start < 0) continue;
      this.#pieces.push({ at: start, bytes: all.slice(start, at) });
      start = -1;
    }
  }

  /** Bytes that are kept, and copied at each way back. */
  get bytes(): number {
    return this.#pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  restore(): void {
    const all = new Uint8Array(this.#memory.buffer);
    for (const { at, bytes } of this.#pieces) all.set(bytes, at);
  }
}
