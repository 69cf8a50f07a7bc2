// The memory of one sequence: a slab of cache rows, as two tensors with a slice of rows per layer. Rows
// grow by doubling up to the capacity, so a short answer does not pay for a long context. It knows
// rows, not graphs: whoever has graphs over the slab is told to let go of it before it is freed.

import { bytesOf, I8_GROUP_ROWS } from '../tensor/dtype.js';
import { DeviceBusyError } from '../tensor/errors.js';
import type { Allocation, Device, DeviceTensor, TensorSpec } from '../tensor/types.js';
import { latentWidth, type ModelConfig } from './config.js';
import type { CacheTypes, SequenceCache } from './types.js';

/** Slabs have whole buckets of rows; composed graphs read whole buckets, so one serves many steps. */
const CONTEXT_BUCKET = 256;

const INITIAL_ROWS = 512;

export interface SlabOptions {
  config: ModelConfig;
  cacheTypes: CacheTypes;
  /** Layers that have rows: the main ones, and the drafting block when it is loaded. */
  numLayers: number;
}

export interface SlabOwner {
  /** The slab is about to be freed or replaced: graphs must no longer point at it. */
  onRelease(cache: SlabCache): void;
  onDispose(cache: SlabCache): void;
}

/** One layer of one tensor of the slab, in host memory. */
interface HostRows {
  bytes: Uint8Array;
  rowBytes: number;
}

export class SlabCache implements SequenceCache {
  /** A forward is reading and writing rows. */
  isComputing = false;
  #length = 0;
  /** Valid as long as the slab is. */
  #views: readonly HostRows[] | undefined;
  #slab: Allocation;
  #numRows: number;
  #isDisposed = false;

  /** @param id unique among the caches of a model; part of the keys of composed graphs */
  constructor(
    private readonly device: Device,
    private readonly options: SlabOptions,
    readonly capacity: number,
    readonly id: number,
    private readonly owner: SlabOwner,
  ) {
    this.#numRows = Math.min(roundUp(capacity), INITIAL_ROWS);
    this.#slab = device.allocate(slabSpecs(options, this.#numRows));
  }

  get length(): number {
    return this.#length;
  }

  /** For forwards: rows up to here hold tokens. */
  set length(length: number) {
    this.#length = length;
  }

  get byteLength(): number {
    return this.#slab.byteLength;
  }

  get rowBytes(): number {
    return rowBytes(this.options);
  }

  /** [kv_lora + rope, rows, layers] */
  get latent(): DeviceTensor {
    return this.#slab.get('latent');
  }

  /** [index head dim, rows, layers]; null without an indexer. */
  get keys(): DeviceTensor | null {
    return this.options.config.indexer === null ? null : this.#slab.get('keys');
  }

  /** Makes room for rows 0 .. numRows, keeping those that hold tokens. */
  reserve(numRows: number): void {
    if (numRows <= this.#numRows) return;
    const grown = Math.min(roundUp(this.capacity), Math.max(roundUp(numRows), 2 * this.#numRows));
    const next = this.device.allocate(slabSpecs(this.options, grown));
    const used = roundUpTo(this.#length, I8_GROUP_ROWS);
    for (const tensor of this.#slab.tensors()) {
      const target = next.get(tensor.name);
      const bytesPerRow = bytesOf(tensor.dtype, tensor.shape[0]);
      for (let layer = 0; used > 0 && layer < this.options.numLayers; layer++) {
        const rows = tensor.download(layer * this.#numRows * bytesPerRow, used * bytesPerRow);
        target.upload(rows, layer * grown * bytesPerRow);
      }
    }
    this.#release();
    this.#slab = next;
    this.#numRows = grown;
  }

  exportRows(firstRow: number, numRows: number): Uint8Array {
    requireRows('exportRows', firstRow, numRows, this.#length);
    this.#requireWholeGroups('exportRows', firstRow, numRows);
    const block = new Uint8Array(numRows * this.rowBytes);
    let offset = 0;
    for (const { bytes, rowBytes } of this.#hostRows('rows were read')) {
      const rows = bytes.subarray(firstRow * rowBytes, (firstRow + numRows) * rowBytes);
      block.set(rows, offset);
      offset += rows.length;
    }
    return block;
  }

  importRows(blocks: readonly Uint8Array[], rowsPerBlock: number): void {
    const start = this.#length;
    const end = start + blocks.length * rowsPerBlock;
    requireRows('importRows', start, end - start, this.capacity);
    this.#requireWholeGroups('importRows', start, rowsPerBlock);
    const expected = rowsPerBlock * this.rowBytes;
    for (const { byteLength } of blocks) {
      if (byteLength === expected) continue;
      throw new RangeError(`importRows: a block has ${byteLength} bytes; expected ${expected}`);
    }
    this.#requireIdle('rows were written');
    this.reserve(end);
    let offset = 0;
    for (const { bytes, rowBytes } of this.#hostRows('rows were written')) {
      const length = rowsPerBlock * rowBytes;
      let at = start * rowBytes;
      for (const block of blocks) {
        bytes.set(block.subarray(offset, offset + length), at);
        at += length;
      }
      offset += length;
    }
    this.#length = end;
  }

  truncate(length: number): void {
    this.#requireIdle('rows were forgotten');
    if (!Number.isInteger(length) || length < 0 || length > this.#length) {
      throw new RangeError(`truncate: length is ${length}; the cache holds ${this.#length} tokens`);
    }
    this.#length = length;
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#requireIdle('the cache was disposed');
    this.#release();
    this.#isDisposed = true;
    this.owner.onDispose(this);
  }

  #release(): void {
    this.owner.onRelease(this);
    this.#views = undefined;
    this.#slab.dispose();
  }

  /** The slab's memory, layer by layer; a view costs as much as copying a megabyte, so each is made
   *  once. */
  #hostRows(what: string): readonly HostRows[] {
    this.#requireIdle(what);
    this.#views ??= Array.from(this.#slab.tensors()).flatMap((tensor) => {
      const bytes = tensor.hostBytes();
      if (!bytes) throw new Error('rows of a cache that is not in host memory');
      const rowBytes = bytesOf(tensor.dtype, tensor.shape[0]);
      const layerBytes = rowBytes * this.#numRows;
      return Array.from({ length: this.options.numLayers }, (_, layer) => ({
        bytes: bytes.subarray(layer * layerBytes, (layer + 1) * layerBytes),
        rowBytes,
      }));
    });
    return this.#views;
  }

  #requireIdle(what: string): void {
    if (this.isComputing) throw new DeviceBusyError(what);
  }

  #requireWholeGroups(what: string, firstRow: number, numRows: number): void {
    const { config, cacheTypes } = this.options;
    if (config.indexer === null || cacheTypes.indexer !== 'i8_rows') return;
    if (firstRow % I8_GROUP_ROWS === 0 && numRows % I8_GROUP_ROWS === 0) return;
    throw new RangeError(
      `${what}: ${numRows} rows from ${firstRow}; rows of i8_rows keys move in groups of ${I8_GROUP_ROWS}`,
    );
  }
}

/** Bytes of a slab of this many tokens when fully grown. */
export function slabBytes(options: SlabOptions, capacity: number): number {
  return roundUp(capacity) * rowBytes(options);
}

/** Bytes of one token, all layers together. */
export function rowBytes(options: SlabOptions): number {
  return slabSpecs(options, 1).reduce(
    (sum, { dtype, shape }) => sum + options.numLayers * bytesOf(dtype, shape[0]!),
    0,
  );
}

/** Rows that a composed graph reads when a sequence ends at `end`: the context bucket. */
export function roundUp(end: number): number {
  return roundUpTo(end, CONTEXT_BUCKET);
}

function roundUpTo(count: number, step: number): number {
  return Math.ceil(count / step) * step;
}

function slabSpecs({ config, cacheTypes, numLayers }: SlabOptions, numRows: number): TensorSpec[] {
  const shape = [latentWidth(config), numRows, numLayers];
  const specs: TensorSpec[] = [{ name: 'latent', dtype: cacheTypes.latent, shape }];
  if (config.indexer !== null) {
    const keyShape = [config.indexer.headDim, numRows, numLayers];
    specs.push({ name: 'keys', dtype: cacheTypes.indexer, shape: keyShape });
  }
  return specs;
}

function requireRows(what: string, firstRow: number, numRows: number, limit: number): void {
  const isValid = Number.isInteger(firstRow) && firstRow >= 0 && numRows >= 0;
  if (isValid && firstRow + numRows <= limit) return;
  throw new RangeError(`${what}: ${numRows} rows from ${firstRow}; there are ${limit}`);
}
