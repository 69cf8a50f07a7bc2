// The Device that callers see, around either driver: owns lifetimes (who may be freed when), the
// queue that runs one compute at a time, and the byte accounting. Does no arithmetic and makes no
// native call itself.

import type { CheckedSpec, Driver, DriverTensor } from './driver.js';
import { tensorBytes } from './dtype.js';
import { DeviceBusyError, DisposedError } from './errors.js';
import { NodeGraphBuilder } from './graph-builder.js';
import type { GraphBuilder } from './graph.js';
import { HostAllocation, HostTensor } from './host-allocation.js';
import { HostGraph } from './host-graph.js';
import { checkedShape } from './layout.js';
import { GraphNode } from './node.js';
import { planGraph } from './plan.js';
import { checkForms } from './tensor-forms.js';
import type {
  Allocation,
  CompiledGraph,
  Device,
  DeviceTensor,
  MappedFile,
  Tensor,
  TensorSpec,
} from './types.js';

export class HostDevice<T extends DriverTensor> implements Device {
  readonly #driver: Driver<T>;
  #tail: Promise<unknown> = Promise.resolve();
  #numPending = 0;
  #numOwners = 0;
  #allocatedBytes = 0;
  #disposed = false;

  constructor(driver: Driver<T>) {
    this.#driver = driver;
  }

  get name(): string {
    return this.#driver.name;
  }

  get kind(): 'ggml' | 'reference' {
    return this.#driver.kind;
  }

  get numThreads(): number {
    return this.#driver.numThreads;
  }

  get hasRowTables(): boolean {
    return this.#driver.hasRowTables;
  }

  get kernels(): string {
    return this.#driver.kernels;
  }

  get allocatedBytes(): number {
    return this.#allocatedBytes;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  mapFile(fd: number, byteLength: number): MappedFile | null {
    this.assertAlive();
    return this.#driver.mapFile(fd, byteLength);
  }

  footprint(specs: readonly TensorSpec[]): { byteLength: number; mappedBytes: number } {
    this.assertAlive();
    return this.#driver.footprint(checkedSpecs(specs));
  }

  allocate(specs: readonly TensorSpec[]): Allocation {
    this.assertAlive();
    const checked = checkedSpecs(specs);
    const memory = this.#driver.allocate(checked);
    this.retain(memory.byteLength);
    return new HostAllocation(this, checked, memory);
  }

  buildGraph(build: (graph: GraphBuilder) => Readonly<Record<string, Tensor>>): CompiledGraph {
    this.assertAlive();
    const used = new Set<HostAllocation<T>>();
    const builder = new NodeGraphBuilder(
      (tensor) => used.add(this.hostTensor(tensor).allocation),
      this,
    );
    const outputs = new Map<string, GraphNode>();
    for (const [name, tensor] of Object.entries(build(builder))) {
      if (builder.inputs.has(name) || builder.tables.has(name))
        throw new Error(`output ${name} has the name of an input`);
      outputs.set(name, builder.output(name, tensor));
    }
    const plan = planGraph(builder.nodes, builder.inputs, outputs, builder.tables);
    checkForms(plan.nodes);
    const compiled = this.#driver.compile(plan, (tensor) => this.hostTensor(tensor).memory);
    this.retain(compiled.scratchBytes);
    return new HostGraph(this, plan, compiled, [...used]);
  }

  dispose(): void {
    if (this.#disposed) return;
    this.assertIdle('the device was disposed');
    if (this.#numOwners > 0) {
      throw new Error(
        `dispose: ${this.#numOwners} allocations or graphs of ${this.name} are alive`,
      );
    }
    this.#disposed = true;
    this.#driver.free();
  }

  /** Runs `job` after those before it. For the classes of this folder. */
  enqueue(job: () => Promise<void>): Promise<void> {
    this.#numPending++;
    const result = this.#tail.then(job).finally(() => this.#numPending--);
    this.#tail = result.catch(() => undefined); // reported through `result`
    return result;
  }

  /** Counts an allocation or graph as alive. */
  retain(byteLength: number): void {
    this.#numOwners++;
    this.#allocatedBytes += byteLength;
  }

  release(byteLength: number): void {
    this.#numOwners--;
    this.#allocatedBytes -= byteLength;
  }

  assertIdle(what: string): void {
    if (this.#numPending > 0) throw new DeviceBusyError(what);
  }

  assertAlive(): void {
    if (this.#disposed) throw new DisposedError(`device ${this.name}`);
  }

  /** The device's own tensor behind what a caller holds. For the classes of this folder. */
  hostTensor(tensor: DeviceTensor): HostTensor<T> {
    if (!(tensor instanceof HostTensor) || tensor.allocation.device !== this) {
      throw new Error(`use: tensor ${tensor.name} belongs to another device`);
    }
    const own = tensor as HostTensor<T>;
    own.allocation.assertAlive();
    return own;
  }
}

function checkedSpecs(specs: readonly TensorSpec[]): CheckedSpec[] {
  const names = new Set(specs.map(({ name }) => name));
  if (names.size !== specs.length) throw new Error('allocate: two tensors of the same name');
  return specs.map(checkedSpec);
}

function checkedSpec({ name, dtype, shape, use = 'any', mapped }: TensorSpec): CheckedSpec {
  const padded = checkedShape(`allocate ${name}`, dtype, shape);
  const byteLength = tensorBytes(dtype, padded);
  if (mapped !== undefined) {
    const { file, byteOffset } = mapped;
    if (!(byteOffset >= 0 && byteOffset + byteLength <= file.byteLength)) {
      const range = `bytes ${byteOffset}..${byteOffset + byteLength}`;
      throw new RangeError(`allocate ${name}: ${range} of a file of ${file.byteLength}`);
    }
  }
  return { name, dtype, shape: padded, byteLength, use, mapped };
}
