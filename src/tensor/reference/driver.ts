// The reference driver: every node has an ArrayBuffer of its own, nothing is recycled, kernels run
// one after the other. Slow and plain on purpose: it is what ggml is tested against, and what runs
// where no native library exists.

import type {
  BoundRows,
  CheckedSpec,
  Driver,
  DriverAllocation,
  DriverGraph,
  DriverTensor,
} from '../driver.js';
import { tensorBytes } from '../dtype.js';
import type { GraphNode, TableNode } from '../node.js';
import type { GraphPlan } from '../plan.js';
import type { DeviceTensor } from '../types.js';
import { Operand } from './operand.js';
import { runNode } from './run-node.js';
import { TableRows } from './table-rows.js';

/** How long an asynchronous run may hold the main thread at a time. */
const SLICE_MS = 8;

export class ReferenceTensor implements DriverTensor {
  readonly form = 'plain';
  readonly #bytes: Uint8Array;

  constructor(byteLength: number) {
    this.#bytes = new Uint8Array(byteLength);
  }

  bytes(): Uint8Array {
    return this.#bytes;
  }

  write(bytes: Uint8Array, byteOffset: number): void {
    this.#bytes.set(bytes, byteOffset);
  }
}

export class ReferenceDriver implements Driver<ReferenceTensor> {
  readonly kind = 'reference';
  readonly name = 'reference (plain TypeScript)';
  readonly numThreads = 1;
  readonly hasRowTables = true;
  readonly kernels = 'reference (plain TypeScript)';

  /** Tensors here are ordinary arrays. */
  mapFile(): null {
    return null;
  }

  footprint(specs: readonly CheckedSpec[]): { byteLength: number; mappedBytes: number } {
    const byteLength = specs.reduce((sum, spec) => sum + spec.byteLength, 0);
    return { byteLength, mappedBytes: 0 };
  }

  allocate(specs: readonly CheckedSpec[]): DriverAllocation<ReferenceTensor> {
    return {
      tensors: specs.map(({ byteLength }) => new ReferenceTensor(byteLength)),
      ...this.footprint(specs),
      free: () => undefined, // the garbage collector's work, once nothing refers to it
    };
  }

  compile(
    plan: GraphPlan,
    memoryOf: (tensor: DeviceTensor) => ReferenceTensor,
  ): DriverGraph<ReferenceTensor> {
    const memory = new Map<GraphNode, Uint8Array>();
    let scratchBytes = 0;
    for (const node of new Set([...plan.inputs.values(), ...plan.nodes])) {
      if (node.isWindow) continue;
      if (node.op.kind === 'deviceTensor') {
        memory.set(node, memoryOf(node.op.tensor).bytes());
      } else {
        const byteLength = tensorBytes(node.dtype, node.shape);
        memory.set(node, new Uint8Array(byteLength));
        scratchBytes += byteLength;
      }
    }
    return new ReferenceGraph(plan, memory, scratchBytes);
  }

  free(): void {
    // holds nothing
  }
}

class ReferenceGraph implements DriverGraph<ReferenceTensor> {
  readonly numNodes: number;
  readonly scratchBytes: number;
  readonly #steps: readonly (() => void)[];
  readonly #memory: Map<GraphNode, Uint8Array>;
  readonly #tables = new Map<TableNode, TableRows>();

  constructor(plan: GraphPlan, memory: Map<GraphNode, Uint8Array>, scratchBytes: number) {
    for (const table of plan.tables.values()) this.#tables.set(table, new TableRows(table));
    const rowsOf = (table: TableNode): TableRows => this.#tables.get(table)!;
    const operand = (node: GraphNode): Operand => new Operand(node, memory.get(node.base)!);
    const computed = plan.nodes.filter((node) => node.sources.length > 0);
    this.#steps = computed.map((node) => {
      const out = operand(node);
      const sources = node.sources.map(operand);
      return () => runNode(node, out, sources, rowsOf);
    });
    this.#memory = memory;
    this.numNodes = computed.length;
    this.scratchBytes = scratchBytes;
  }

  bytes(node: GraphNode): Uint8Array {
    return this.#memory.get(node)!;
  }

  bindRows(table: TableNode, tokens: readonly BoundRows<ReferenceTensor>[]): void {
    this.#tables.get(table)!.bind(tokens);
  }

  run(): void {
    for (const step of this.#steps) step();
  }

  async runAsync(signal: AbortSignal | undefined): Promise<void> {
    let sliceEnd = performance.now() + SLICE_MS;
    for (const step of this.#steps) {
      if (performance.now() > sliceEnd) {
        await new Promise(setImmediate);
        sliceEnd = performance.now() + SLICE_MS;
      }
      signal?.throwIfAborted();
      step();
    }
  }

  free(): void {
    this.#memory.clear();
  }
}
