// Long contexts for llama.cpp without computing them: reads the file that it saves a sequence to and
// makes that of a longer sequence, whose rows are those of the short one, repeated. Layout as read at
// the pinned version (its src/llama-context.cpp and src/llama-kv-cache.cpp), little-endian:
//   u32 magic, version, numTokens; i32 tokens; then the caches, latent rows and indexer keys, each
//   u32 streams (1), cells; per cell i32 position, u32 sequences (1), i32 sequence;
//   u32 values transposed (0), layers; per layer i32 type, u64 bytes per row, rows.
// This architecture caches no values beside the latent rows. Anything else is refused.

const MAGIC = 0x67677371; // 'ggsq'
const VERSION = 3;
const NUM_CACHES = 2;
const CELL_BYTES = 12;

/** @throws Error for another layout, or a length that is no multiple of the saved one */
export function repeatState(state: Buffer, length: number): Buffer {
  const input = new Reader(state);
  input.expect('magic number', MAGIC);
  input.expect('version', VERSION);
  const saved = input.u32();
  if (saved === 0 || length % saved !== 0) {
    throw new Error(`a saved sequence of ${saved} tokens cannot be repeated to ${length}`);
  }
  const times = length / saved;
  const repeat = (bytes: Buffer): Buffer[] => Array<Buffer>(times).fill(bytes);
  const pieces = [u32(MAGIC, VERSION, length), ...repeat(input.take(4 * saved))];
  for (let cache = 0; cache < NUM_CACHES; cache++) {
    input.expect('number of streams', 1);
    input.expect('number of cells', saved);
    input.take(saved * CELL_BYTES);
    input.expect('transposed values', 0);
    const numLayers = input.u32();
    pieces.push(u32(1, length), cells(length), u32(0, numLayers));
    for (let layer = 0; layer < numLayers; layer++) {
      const header = input.take(12);
      const rowBytes = Number(header.readBigUInt64LE(4));
      pieces.push(header, ...repeat(input.take(saved * rowBytes)));
    }
  }
  if (input.left > 0) throw new Error(`a saved sequence goes on for ${input.left} bytes`);
  return Buffer.concat(pieces);
}

/** Positions 0, 1, ... of sequence 0. */
function cells(length: number): Buffer {
  const values = new Uint32Array(3 * length);
  for (let i = 0; i < length; i++) values.set([i, 1, 0], 3 * i);
  return Buffer.from(values.buffer);
}

function u32(...values: number[]): Buffer {
  return Buffer.from(Uint32Array.from(values).buffer);
}

class Reader {
  private offset = 0;

  constructor(private readonly bytes: Buffer) {}

  get left(): number {
    return this.bytes.length - this.offset;
  }

  take(length: number): Buffer {
    if (length > this.left) throw new Error('a saved sequence ends early');
    this.offset += length;
    return this.bytes.subarray(this.offset - length, this.offset);
  }

  u32(): number {
    return this.take(4).readUInt32LE();
  }

  expect(what: string, value: number): void {
    const found = this.u32();
    if (found !== value)
      throw new Error(`${what} of a saved sequence is ${found}; known: ${value}`);
  }
}
