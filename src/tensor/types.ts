// The public face of the tensor layer: what a device is, how memory on it is held, and how a
// compiled graph is fed and read. Two devices stand behind it: ggml (native kernels) and a plain
// TypeScript reference. Nothing here knows about models, files or tokens.
//
// Shapes are in ggml order everywhere: [n0, n1, n2, n3] with n0 the fastest-running dimension, so a
// weight matrix that PyTorch prints as (out, in) is [in, out] here. Missing dimensions are 1.

import type { GraphBuilder } from './graph.js';

/**
 * Element types. The q* types are block formats (see dtype.ts); i32 holds indices and positions.
 * `i8_rows` lives only behind row tables: signed bytes with one f32 scale per row, rows interleaved
 * in groups of 16 for the native scorer (dtype.ts).
 */
export type DType = 'f32' | 'f16' | 'bf16' | 'q8_0' | 'q4_0' | 'q4_K' | 'i32' | 'i8_rows';

/** One to four sizes, fastest-running first. */
export type Shape = readonly number[];

/** A shape padded with ones to four dimensions: [n0, n1, n2, n3]. */
export type Shape4 = readonly [number, number, number, number];

/** Host-side elements: f32 as Float32Array, i32 as Int32Array, f16 and bf16 as raw Uint16Array. */
export type TensorData = Float32Array | Int32Array | Uint16Array;

export interface TensorSpec {
  /** Unique within one allocation. */
  name: string;
  dtype: DType;
  shape: Shape;
  /** `product`: it will only ever be the first operand of matmul or matmulId, so the device may keep it
   *  in an order of its own that multiplies faster. Default `any`. */
  use?: 'any' | 'product';
  /** Its bytes in a file: used where they lie if the device can (see DeviceTensor.form), else nothing
   *  is read and the tensor starts as zeros like any other. @throws RangeError (allocate) outside the
   *  file. */
  mapped?: { file: MappedFile; byteOffset: number };
}

/**
 * Where and how a tensor is kept. `plain`: memory that may be read and written. `mapped`: the pages of
 * a file, read-only. `rearranged`: in an order only the device knows; uploaded whole, never read.
 */
export type TensorForm = 'plain' | 'mapped' | 'rearranged';

/** The bytes of an open file as memory, read-only, without a copy. Contract: whoever shortens the file
 *  meanwhile ends this process (SIGBUS), and whoever writes to it changes the tensors. */
export interface MappedFile {
  readonly byteLength: number;
  /** A view; not to be used after dispose(). @throws RangeError outside the file. */
  bytes(byteOffset: number, byteLength: number): Uint8Array;
  /** Reads a range from the disk, as far as it is not in memory. @throws RangeError outside the file. */
  prefetch(byteOffset: number, byteLength: number): void;
  /** Lets the system take back the memory of a range; it can be read again. @throws as prefetch. */
  release(byteOffset: number, byteLength: number): void;
  /** Ends the mapping once no allocation uses it either. Idempotent. */
  dispose(): void;
}

/** A tensor whose memory outlives graphs: a weight or a cache. Owned by its allocation. */
export interface DeviceTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: Shape4;
  /** Size in the tensor's own dtype. */
  readonly byteLength: number;
  readonly form: TensorForm;
  /** Copies raw bytes in this dtype (a slice of a GGUF file goes straight in).
   *  @throws RangeError if the bytes do not fit or are part of a rearranged tensor, DisposedError after
   *  disposal, DeviceBusyError while a compute is running, Error for a mapped tensor. */
  upload(bytes: Uint8Array, byteOffset?: number): void;
  /** Copies raw bytes out. Same errors as upload; Error for a rearranged tensor. */
  download(byteOffset?: number, byteLength?: number): Uint8Array;
  /** The memory itself where the device computes in host memory and the tensor is not rearranged,
   *  undefined elsewhere (and empty after disposal). Contract: not to be touched while a compute is running, nor kept beyond
   *  disposal, when it points at freed memory. */
  hostBytes(): Uint8Array | undefined;
}

/** A set of tensors allocated, and freed, together. */
export interface Allocation {
  /** Memory taken, without what lies in mapped files. */
  readonly byteLength: number;
  /** Bytes of the tensors that lie in mapped files. */
  readonly mappedBytes: number;
  /** @throws Error naming the tensor if there is none of that name. */
  get(name: string): DeviceTensor;
  has(name: string): boolean;
  tensors(): Iterable<DeviceTensor>;
  readonly disposed: boolean;
  /** Frees the memory. Idempotent. @throws DeviceBusyError while a compute is running, Error while
   *  a compiled graph still uses it. */
  dispose(): void;
}

export interface ComputeOptions {
  /** Stops between two nodes of the graph; compute then rejects with the signal's reason and the
   *  outputs are undefined. What was already written to caches stays written. */
  signal?: AbortSignal;
}

/** A graph with memory, ready to run many times. Inputs keep their values between runs. */
export interface CompiledGraph {
  readonly numNodes: number;
  /** Memory for inputs, intermediates and outputs. */
  readonly scratchBytes: number;
  /** Writes an input, from `elementOffset` on.
   *  @throws Error for an unknown name, TypeError for the wrong array class, RangeError if it does
   *  not fit, DeviceBusyError while a compute is running. */
  write(name: string, data: TensorData, elementOffset?: number): void;
  /** Says which tensor holds the rows of each token's sequence in the next runs: one per token of the
   *  row table, of its dtype, width and layers, with any number of rows.
   *  @throws Error for an unknown name, ShapeError for a tensor that does not fit, RangeError for
   *  another number of tensors, DeviceBusyError while a compute is running. The graph counts as a user
   *  of the tensors until it is bound to others or disposed. */
  bindRows(name: string, tensors: readonly DeviceTensor[]): void;
  /** Ends what bindRows began, for a tensor that is about to be freed; unknown tensors are ignored. */
  unbindRows(tensor: DeviceTensor): void;
  /** Copies an output (or input) of dtype f32, f16 or bf16 as floats; into `target` if given. */
  readF32(name: string, target?: Float32Array): Float32Array;
  /** Copies an output (or input) of dtype i32. */
  readI32(name: string): Int32Array;
  /** The memory of an input or output. Same contract as DeviceTensor.hostBytes. */
  hostBytes(name: string): Uint8Array | undefined;
  /** Runs off the main thread. Computes on one device queue up in call order. */
  compute(options?: ComputeOptions): Promise<void>;
  /** Runs on the calling thread: for tests and for tiny graphs, where the hop would dominate.
   *  @throws DeviceBusyError while an asynchronous compute is running or queued. */
  computeSync(): void;
  readonly disposed: boolean;
  /** Frees the graph's memory. Idempotent. @throws DeviceBusyError while a compute is running. */
  dispose(): void;
}

export interface Device {
  /** For logs, e.g. `ggml 0.25.1 cpu zen4, 2 threads`. */
  readonly name: string;
  readonly kind: 'ggml' | 'reference';
  readonly numThreads: number;
  /** Whether graphs may use row tables (GraphBuilder.rowTable and what takes one). */
  readonly hasRowTables: boolean;
  /** Where the row-table kernels come from, or why there are none; one line for people. */
  readonly kernels: string;
  /** Bytes held by live allocations and graphs. Returns to its start when all are disposed. */
  readonly allocatedBytes: number;
  /**
   * Maps an open file so that tensors can lie in it (TensorSpec.mapped). The descriptor may be closed
   * afterwards. null where the device or the system cannot, or when the file is not `byteLength` long.
   */
  mapFile(fd: number, byteLength: number): MappedFile | null;
  /** What allocate would take, without taking it. @throws as allocate does */
  footprint(specs: readonly TensorSpec[]): { byteLength: number; mappedBytes: number };
  /** Memory for weights or caches, zero-filled. @throws ShapeError for an impossible spec. */
  allocate(specs: readonly TensorSpec[]): Allocation;
  /** Runs `build` once to describe the graph and compiles it. The returned record names the
   *  outputs. Nodes run in the order in which they were built, so a read of a cache built after a
   *  write to it sees the write; nodes that neither reach an output nor write a cache are dropped.
   *  @throws ShapeError for any shape or dtype that the kernels would not accept. */
  buildGraph(build: (graph: GraphBuilder) => Readonly<Record<string, Tensor>>): CompiledGraph;
  readonly disposed: boolean;
  /** Frees threads and library state. @throws Error while allocations or graphs are alive. */
  dispose(): void;
}

/** A value inside a graph being built. Opaque: only a GraphBuilder makes and reads one. */
export interface Tensor {
  readonly dtype: DType;
  readonly shape: Shape4;
  /** Distance in bytes from one element (block, for block formats) to the next per dimension. */
  readonly strides: Shape4;
}

/** Rows of many sequences, looked up per token when the graph runs. Opaque, as Tensor is. */
export interface RowTable {
  readonly dtype: DType;
  readonly width: number;
  readonly numLayers: number;
  readonly numTokens: number;
}
