// What differs between devices: getting memory and running a planned graph. host-device.ts puts the
// names, guards and queue around it once for all. Both drivers compute in host memory.

import type { GraphNode, TableNode } from './node.js';
import type { GraphPlan } from './plan.js';
import type { DeviceTensor, DType, MappedFile, Shape4, TensorForm, TensorSpec } from './types.js';

export interface CheckedSpec {
  name: string;
  dtype: DType;
  shape: Shape4;
  byteLength: number;
  use: NonNullable<TensorSpec['use']>;
  /** Within its file. */
  mapped: TensorSpec['mapped'];
}

/** One allocated tensor as its driver knows it. */
export interface DriverTensor {
  readonly form: TensorForm;
  /** Its memory. Contract: not asked of rearranged tensors. */
  bytes(): Uint8Array;
  /** Contract: within the tensor, not mapped, and all of it at once when rearranged. */
  write(bytes: Uint8Array, byteOffset: number): void;
}

export interface DriverAllocation<T extends DriverTensor> {
  /** In the order of the specs; zero-filled. */
  tensors: readonly T[];
  byteLength: number;
  mappedBytes: number;
  free(): void;
}

/** The tensor behind one token of a row table. */
export interface BoundRows<T extends DriverTensor> {
  memory: T;
  numRows: number;
}

export interface DriverGraph<T extends DriverTensor> {
  readonly numNodes: number;
  readonly scratchBytes: number;
  /** Memory of an input or output node. */
  bytes(node: GraphNode): Uint8Array;
  /** Which rows each token of a table has in the next runs. Contract: they fit the table. */
  bindRows(table: TableNode, tokens: readonly BoundRows<T>[]): void;
  run(): void;
  /** Off the main thread or in slices; rejects with the signal's reason once it has stopped. */
  runAsync(signal: AbortSignal | undefined): Promise<void>;
  free(): void;
}

export interface Driver<T extends DriverTensor> {
  readonly name: string;
  readonly kind: 'ggml' | 'reference';
  readonly numThreads: number;
  readonly hasRowTables: boolean;
  /** As Device.kernels. */
  readonly kernels: string;
  mapFile(fd: number, byteLength: number): MappedFile | null;
  footprint(specs: readonly CheckedSpec[]): { byteLength: number; mappedBytes: number };
  allocate(specs: readonly CheckedSpec[]): DriverAllocation<T>;
  /** @param memoryOf finds the driver's tensor behind a node of kind deviceTensor. */
  compile(plan: GraphPlan, memoryOf: (tensor: DeviceTensor) => T): DriverGraph<T>;
  free(): void;
}
