// The memory of one sequence: a slab of cache rows per layer, and the graphs compiled over it. Rows
// grow by doubling up to the capacity, so a short answer does not pay for a long context. It knows
// rows and graphs, not what a forward pass computes.

import { bytesOf } from '../tensor/dtype.js';
import { DeviceBusyError } from '../tensor/errors.js';
import type { Allocation, CompiledGraph, Device, TensorSpec } from '../tensor/types.js';
import { latentWidth, type ModelConfig } from './config.js';
import type { GraphShape, LayerSlab } from './forward.js';
import type { CacheTypes, SequenceCache } from './types.js';

/** Context lengths are rounded up to this, so one decode graph serves this many steps. */
const CONTEXT_BUCKET = 256;

const INITIAL_ROWS = 512;

/** Graphs kept per sequence: decoding, its next bucket, and chunks of the prompt. */
const MAX_GRAPHS = 4;

/** A compiled graph and what is known of its inputs. */
export interface CachedGraph {
  readonly graph: CompiledGraph;
  /** Position for which the mask was written last; -1 when never. */
  maskedUpTo: number;
}

export interface SlabOptions {
  config: ModelConfig;
  cacheTypes: CacheTypes;
}

/** One tensor of a slab. */
interface HostRows {
  bytes: Uint8Array;
  rowBytes: number;
}

export class SlabCache implements SequenceCache {
  length = 0;
  /** A forward is writing rows. */
  isComputing = false;
  /** Valid as long as the slab is. */
  private views: readonly HostRows[] | undefined;
  private slab: Allocation;
  private numRows: number;
  private layerSlabs: LayerSlab[];
  private readonly graphs = new Map<string, CachedGraph>();
  private isDisposed = false;

  constructor(
    private readonly device: Device,
    private readonly options: SlabOptions,
    readonly capacity: number,
    private readonly onDispose: (cache: SlabCache) => void,
  ) {
    this.numRows = Math.min(roundUp(capacity), INITIAL_ROWS);
    this.slab = device.allocate(slabSpecs(options, this.numRows));
    this.layerSlabs = nameSlab(this.slab, options.config);
  }

  get byteLength(): number {
    return this.slab.byteLength;
  }

  get disposed(): boolean {
    return this.isDisposed;
  }

  get layers(): readonly LayerSlab[] {
    return this.layerSlabs;
  }

  /** Makes room for rows 0 .. numRows, keeping what is there. */
  reserve(numRows: number): void {
    if (numRows <= this.numRows) return;
    const grown = Math.min(roundUp(this.capacity), Math.max(roundUp(numRows), 2 * this.numRows));
    const next = this.device.allocate(slabSpecs(this.options, grown));
    for (const tensor of this.slab.tensors()) {
      next.get(tensor.name).upload(tensor.download());
    }
    this.dropGraphs();
    this.views = undefined;
    this.slab.dispose();
    this.slab = next;
    this.layerSlabs = nameSlab(next, this.options.config);
    this.numRows = grown;
  }

  /** The graph of this shape, compiled by `compile` when it is not at hand. */
  graph(shape: GraphShape, compile: () => CompiledGraph): CachedGraph {
    const key = `${shape.numTokens}/${shape.numKeys}/${shape.numOutputs}/${shape.selection}/${shape.isTraced}`;
    let entry = this.graphs.get(key);
    if (entry === undefined) {
      while (this.graphs.size >= MAX_GRAPHS) this.dropOldest();
      entry = { graph: compile(), maskedUpTo: -1 };
    } else {
      this.graphs.delete(key);
    }
    // Insertion order is order of use.
    this.graphs.set(key, entry);
    return entry;
  }

  get rowBytes(): number {
    return rowBytes(this.options);
  }

  exportRows(firstRow: number, numRows: number): Uint8Array {
    requireRows('exportRows', firstRow, numRows, this.length);
    const block = new Uint8Array(numRows * this.rowBytes);
    let offset = 0;
    for (const { bytes, rowBytes } of this.hostRows('rows were read')) {
      const rows = bytes.subarray(firstRow * rowBytes, (firstRow + numRows) * rowBytes);
      block.set(rows, offset);
      offset += rows.length;
    }
    return block;
  }

  importRows(blocks: readonly Uint8Array[], rowsPerBlock: number): void {
    const end = this.length + blocks.length * rowsPerBlock;
    requireRows('importRows', this.length, end - this.length, this.capacity);
    const expected = rowsPerBlock * this.rowBytes;
    for (const { byteLength } of blocks) {
      if (byteLength === expected) continue;
      throw new RangeError(`importRows: a block has ${byteLength} bytes; expected ${expected}`);
    }
    this.reserve(end);
    let offset = 0;
    for (const { bytes, rowBytes } of this.hostRows('rows were written')) {
      const length = rowsPerBlock * rowBytes;
      let start = this.length * rowBytes;
      for (const block of blocks) {
        bytes.set(block.subarray(offset, offset + length), start);
        start += length;
      }
      offset += length;
    }
    this.length = end;
  }

  /** The slab's memory; a view costs as much as copying a megabyte, so each is made once. */
  private hostRows(what: string): readonly HostRows[] {
    if (this.isComputing) throw new DeviceBusyError(what);
    this.views ??= Array.from(this.slab.tensors(), (tensor) => {
      const bytes = tensor.hostBytes();
      if (!bytes) throw new Error('rows of a cache that is not in host memory');
      return { bytes, rowBytes: bytesOf(tensor.dtype, tensor.shape[0]) };
    });
    return this.views;
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.dropGraphs();
    this.views = undefined;
    this.slab.dispose();
    this.isDisposed = true;
    this.onDispose(this);
  }

  private dropOldest(): void {
    const [key, entry] = this.graphs.entries().next().value!;
    entry.graph.dispose();
    this.graphs.delete(key);
  }

  private dropGraphs(): void {
    while (this.graphs.size > 0) this.dropOldest();
  }
}

/** Bytes of a slab of this many tokens when fully grown. */
export function slabBytes(options: SlabOptions, capacity: number): number {
  return roundUp(capacity) * rowBytes(options);
}

/** Bytes of one token, all layers together. */
export function rowBytes(options: SlabOptions): number {
  return slabSpecs(options, 1).reduce(
    (sum, { dtype, shape }) => sum + bytesOf(dtype, shape[0]!),
    0,
  );
}

/** Rows that a graph reads when a sequence ends at `end`: the context bucket. */
export function roundUp(end: number): number {
  return Math.ceil(end / CONTEXT_BUCKET) * CONTEXT_BUCKET;
}

function slabSpecs({ config, cacheTypes }: SlabOptions, numRows: number): TensorSpec[] {
  const specs: TensorSpec[] = [];
  for (let layer = 0; layer < config.numLayers; layer++) {
    const shape = [latentWidth(config), numRows];
    specs.push({ name: `latent.${layer}`, dtype: cacheTypes.latent, shape });
    if (config.indexer === null) continue;
    const keyShape = [config.indexer.headDim, numRows];
    specs.push({ name: `keys.${layer}`, dtype: cacheTypes.indexer, shape: keyShape });
  }
  return specs;
}

function requireRows(what: string, firstRow: number, numRows: number, limit: number): void {
  const isValid = Number.isInteger(firstRow) && firstRow >= 0 && numRows >= 0;
  if (isValid && firstRow + numRows <= limit) return;
  throw new RangeError(`${what}: ${numRows} rows from ${firstRow}; there are ${limit}`);
}

function nameSlab(slab: Allocation, config: ModelConfig): LayerSlab[] {
  return Array.from({ length: config.numLayers }, (_, layer) => ({
    latent: slab.get(`latent.${layer}`),
    indexerKeys: config.indexer === null ? null : slab.get(`keys.${layer}`),
  }));
}
