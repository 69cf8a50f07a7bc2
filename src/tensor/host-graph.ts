// A compiled graph with its inputs and outputs by name. Checks what is written, copies what is read,
// and hands runs to the device's queue.

import type { DriverGraph, DriverTensor } from './driver.js';
import { numElements } from './dtype.js';
import { DeviceBusyError, DisposedError } from './errors.js';
import type { HostAllocation } from './host-allocation.js';
import type { HostDevice } from './host-device.js';
import type { GraphNode } from './node.js';
import type { GraphPlan } from './plan.js';
import { dequantize } from './quantize.js';
import { RowBindings } from './row-bindings.js';
import type { CompiledGraph, ComputeOptions, DeviceTensor, DType, TensorData } from './types.js';

export class HostGraph<T extends DriverTensor> implements CompiledGraph {
  readonly #device: HostDevice<T>;
  readonly #plan: GraphPlan;
  readonly #compiled: DriverGraph<T>;
  readonly #allocations: readonly HostAllocation<T>[];
  readonly #rows: RowBindings<T>;
  readonly #bytes = new Map<string, Uint8Array>();
  #numPending = 0;
  #disposed = false;

  constructor(
    device: HostDevice<T>,
    plan: GraphPlan,
    compiled: DriverGraph<T>,
    allocations: readonly HostAllocation<T>[],
  ) {
    this.#device = device;
    this.#plan = plan;
    this.#compiled = compiled;
    this.#allocations = allocations;
    this.#rows = new RowBindings(plan.tables);
    for (const allocation of allocations) allocation.addUser();
  }

  get numNodes(): number {
    return this.#compiled.numNodes;
  }

  get scratchBytes(): number {
    return this.#compiled.scratchBytes;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  write(name: string, data: TensorData, elementOffset = 0): void {
    this.#assertUsable(`input ${name} was written`);
    const node = this.#plan.inputs.get(name);
    if (!node) throw new Error(`no input named ${name}; there are ${listNames(this.#plan.inputs)}`);
    const expected = ARRAY_CLASSES[node.dtype];
    if (!expected || !(data instanceof expected)) {
      const wanted = expected?.name ?? 'nothing';
      throw new TypeError(`input ${name} (${node.dtype}) takes ${wanted}, not ${typeName(data)}`);
    }
    const size = numElements(node.shape);
    const valid = Number.isInteger(elementOffset) && elementOffset >= 0;
    if (!valid || elementOffset + data.length > size) {
      const range = `elements ${elementOffset}..${elementOffset + data.length}`;
      throw new RangeError(`write: ${range} of input ${name}, which has ${size}`);
    }
    const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#memory(name, node).set(raw, elementOffset * data.BYTES_PER_ELEMENT);
  }

  bindRows(name: string, tensors: readonly DeviceTensor[]): void {
    this.#assertUsable(`row table ${name} was bound`);
    const table = this.#rows.table(name);
    const own = tensors.map((tensor) => this.#device.hostTensor(tensor));
    const rows = this.#rows.bind(table, own);
    if (rows) this.#compiled.bindRows(table, rows);
  }

  unbindRows(tensor: DeviceTensor): void {
    if (this.#disposed) return;
    this.#assertUsable(`tensor ${tensor.name} was unbound`);
    this.#rows.unbind(tensor);
  }

  readF32(name: string, target?: Float32Array): Float32Array {
    const node = this.#readable(name);
    if (node.dtype === 'i32') throw new TypeError(`${name} is i32: read it with readI32`);
    const size = numElements(node.shape);
    const out = target ?? new Float32Array(size);
    if (out.length !== size)
      throw new RangeError(`${name} has ${size} elements, target ${out.length}`);
    dequantize(node.dtype, this.#memory(name, node), out);
    return out;
  }

  readI32(name: string): Int32Array {
    const node = this.#readable(name);
    if (node.dtype !== 'i32') throw new TypeError(`${name} is ${node.dtype}: read it with readF32`);
    const bytes = this.#memory(name, node);
    return new Int32Array(bytes.buffer, bytes.byteOffset, numElements(node.shape)).slice();
  }

  hostBytes(name: string): Uint8Array {
    return this.#disposed ? new Uint8Array(0) : this.#memory(name, this.#find(name));
  }

  compute({ signal }: ComputeOptions = {}): Promise<void> {
    try {
      if (this.#disposed) throw new DisposedError('the graph');
      this.#rows.assertBound();
    } catch (error) {
      return Promise.reject(error);
    }
    this.#numPending++;
    const run = async (): Promise<void> => {
      try {
        signal?.throwIfAborted();
        await this.#compiled.runAsync(signal);
      } finally {
        this.#numPending--;
      }
    };
    return this.#device.enqueue(run);
  }

  computeSync(): void {
    this.#assertUsable('the graph was run synchronously');
    this.#device.assertIdle('the graph was run synchronously');
    this.#rows.assertBound();
    this.#compiled.run();
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#assertUsable('the graph was disposed');
    this.#disposed = true;
    this.#bytes.clear();
    this.#compiled.free();
    for (const allocation of this.#allocations) allocation.removeUser();
    this.#rows.releaseAll();
    this.#device.release(this.#compiled.scratchBytes);
  }

  #assertUsable(what: string): void {
    if (this.#disposed) throw new DisposedError('the graph');
    if (this.#numPending > 0) throw new DeviceBusyError(what);
  }

  #readable(name: string): GraphNode {
    this.#assertUsable(`${name} was read`);
    return this.#find(name);
  }

  #find(name: string): GraphNode {
    const node = this.#plan.outputs.get(name) ?? this.#plan.inputs.get(name);
    if (node) return node;
    const known = `${listNames(this.#plan.outputs)}, ${listNames(this.#plan.inputs)}`;
    throw new Error(`no output or input named ${name}; there are ${known}`);
  }

  /** Looked up once: asking the library for the address costs more than a small write. */
  #memory(name: string, node: GraphNode): Uint8Array {
    let bytes = this.#bytes.get(name);
    if (!bytes) {
      bytes = this.#compiled.bytes(node);
      this.#bytes.set(name, bytes);
    }
    return bytes;
  }
}

type ArrayClass = typeof Float32Array | typeof Int32Array | typeof Uint16Array;

/** The array class that holds each input dtype. */
const ARRAY_CLASSES: Readonly<Partial<Record<DType, ArrayClass>>> = {
  f32: Float32Array,
  i32: Int32Array,
  f16: Uint16Array,
  bf16: Uint16Array,
};

function listNames(nodes: ReadonlyMap<string, GraphNode>): string {
  return nodes.size === 0 ? 'none' : [...nodes.keys()].join(', ');
}

function typeName(data: unknown): string {
  return data instanceof Object ? data.constructor.name : typeof data;
}
