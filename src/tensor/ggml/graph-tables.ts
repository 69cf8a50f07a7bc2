// The row tables of one compiled ggml graph: the memory that its kernels get besides ggml's own (one
// block: the fault, the rows bound to each token, the parameters of each node, scratch memory), the
// ggml nodes that call them, and what they found wrong after a run.

import { bytesOf } from '../dtype.js';
import type { BoundRows } from '../driver.js';
import type { GraphNode, TableNode } from '../node.js';
import type { GraphPlan } from '../plan.js';
import type { BaseFunctions, Pointer } from './declarations.js';
import { GGML_TYPE } from './declarations.js';
import { ffi } from './ffi.js';
import { KernelParams, NODE_BYTES, ROWS_DTYPE } from './kernel-params.js';
import type { Kernels } from './kernels.js';
import type { GgmlTensor } from './tensor.js';

const ALIGNMENT = 64;
/** struct fault: raised, kind, table, token, row, limit. */
const FAULT_BYTES = 24;
const FAULT_KIND = { position: 1, chosen: 2 } as const;
/** struct bound_rows: address, number of rows. */
const BOUND_BYTES = 16;
/** Up to this many tokens per thread, each token's rows are divided among the threads: such tokens
 *  come from different sequences, whose lengths no other division would balance. */
const DIVIDED_TOKENS = 16;
const ALL_THREADS = -1;

type TableOp = Extract<GraphNode['op'], { table: TableNode }>;
type Call = { node: GraphNode; op: TableOp; params: KernelParams; address: Pointer };

export class GraphTables {
  readonly byteLength: number;
  readonly #ggml: BaseFunctions;
  readonly #kernels: Kernels;
  readonly #tables: readonly TableNode[];
  readonly #calls = new Map<GraphNode, Call>();
  /** Parts per token of each indexTopK. */
  readonly #parts = new Map<GraphNode, number>();
  readonly #block: Pointer;
  readonly #fault: Int32Array;
  readonly #bound = new Map<TableNode, BigInt64Array>();
  readonly #boundAddresses = new Map<TableNode, Pointer>();

  constructor(ggml: BaseFunctions, kernels: Kernels, numThreads: number, plan: GraphPlan) {
    this.#ggml = ggml;
    this.#kernels = kernels;
    this.#tables = [...plan.tables.values()];
    const nodes = plan.nodes.filter(({ op }) => isTableOp(op));

    let scratchStride = 0;
    let partialBytes = 0;
    for (const node of nodes) {
      const params = new KernelParams(new Uint8Array(NODE_BYTES));
      const needs = this.#describe(node, params, numThreads);
      scratchStride = Math.max(scratchStride, aligned(needs.scratch));
      partialBytes = Math.max(partialBytes, needs.partials);
    }
    const layout = new Layout();
    const faultAt = layout.place(FAULT_BYTES);
    const boundAt = this.#tables.map(({ numTokens }) => layout.place(numTokens * BOUND_BYTES));
    const paramsAt = nodes.map(() => layout.place(NODE_BYTES));
    const partialsAt = layout.place(partialBytes);
    const zeroed = layout.byteLength;
    const scratchAt = layout.place(scratchStride * numThreads);

    this.byteLength = layout.byteLength + ALIGNMENT;
    this.#block = ffi().alloc('uint8_t', this.byteLength) as Pointer;
    const start = alignedAddress(this.#block);
    const skip = Number(start - this.#block);
    const memory = ffi().view(this.#block, this.byteLength);
    new Uint8Array(memory, skip, zeroed).fill(0);

    this.#fault = new Int32Array(memory, skip + faultAt, FAULT_BYTES / 4);
    this.#tables.forEach((table, index) => {
      const at = boundAt[index]!;
      this.#bound.set(table, new BigInt64Array(memory, skip + at, 2 * table.numTokens));
      this.#boundAddresses.set(table, start + BigInt(at));
    });
    nodes.forEach((node, index) => {
      const at = paramsAt[index]!;
      const params = new KernelParams(new Uint8Array(memory, skip + at, NODE_BYTES));
      this.#describe(node, params, numThreads);
      params.setInteger('fault', start + BigInt(faultAt));
      params.setInteger('rows', this.#boundAddresses.get((node.op as TableOp).table)!);
      params.setInteger('scratch', start + BigInt(scratchAt));
      params.setInteger('scratchStride', scratchStride);
      params.setInteger('partials', start + BigInt(partialsAt));
      const address = start + BigInt(at);
      this.#calls.set(node, { node, op: node.op as TableOp, params, address });
    });
  }

  /** The ggml node of a table operation; ggml keeps its sources alive until then. */
  lower(ctx: Pointer, node: GraphNode, pointers: ReadonlyMap<GraphNode, Pointer>): Pointer {
    const { op, address } = this.#calls.get(node)!;
    const sources = node.sources.map((source) => pointers.get(source)!);
    switch (op.kind) {
      case 'writeTableRows':
        return this.#custom(ctx, node, sources, this.#kernels.writeRows, address);
      case 'attendRows':
        return this.#custom(ctx, node, sources, this.#kernels.attendRows, address);
      case 'indexTopK': {
        // One node over all visible rows, then one that merges the parts. The first must not use
        // the memory of the second, so where there is one part only the second is left out.
        if (this.#parts.get(node) === 1) {
          return this.#custom(ctx, node, sources, this.#kernels.indexTopK, address);
        }
        const shape = [1, 1, 1, 1] as const;
        const parts = this.#custom(
          ctx,
          { dtype: 'i32', shape },
          sources,
          this.#kernels.indexTopK,
          address,
        );
        return this.#custom(ctx, node, [parts], this.#kernels.mergeTopK, address);
      }
      default:
        return op satisfies never;
    }
  }

  /** Tells the kernels where ggml has put sources and results. Contract: memory is allocated. */
  place(pointers: ReadonlyMap<GraphNode, Pointer>): void {
    for (const { node, op, params } of this.#calls.values()) {
      const address = (source: GraphNode): Pointer => {
        const data = this.#ggml.ggml_get_data(pointers.get(source)!);
        if (!data) throw new Error(`a source of ${op.kind} has no memory`);
        return data;
      };
      const [a, b, c] = node.sources as [GraphNode, GraphNode, GraphNode | undefined];
      params.setInteger('dst', address(node));
      switch (op.kind) {
        case 'writeTableRows':
          params.setInteger('values', address(a));
          params.setInteger('positions', address(b));
          break;
        case 'indexTopK':
          params.setInteger('queries', address(a));
          params.setInteger('weights', address(b));
          params.setInteger('positions', address(c!));
          break;
        case 'attendRows':
          params.setInteger('queries', address(a));
          params.setInteger('positions', address(b));
          params.setInteger('chosen', c ? address(c) : 0);
          break;
        default:
          op satisfies never;
      }
    }
  }

  bind(table: TableNode, tokens: readonly BoundRows<GgmlTensor>[]): void {
    const bound = this.#bound.get(table)!;
    tokens.forEach(({ memory, numRows }, token) => {
      bound[2 * token] = memory.address;
      bound[2 * token + 1] = BigInt(numRows);
    });
  }

  /** Before each run. */
  clearFault(): void {
    this.#fault.fill(0);
  }

  /** @throws RangeError for a position or row number that a kernel refused in the run. */
  throwFault(): void {
    const [raised, kind, table, token, row, limit] = this.#fault as unknown as number[];
    if (raised === 0) return;
    const { name } = this.#tables[table!]!;
    throw new RangeError(
      kind === FAULT_KIND.chosen
        ? `row table ${name}: token ${token} chose row ${row} of 0..${limit! - 1}`
        : `row table ${name}: token ${token} at position ${row}, its tensor has ${limit} rows`,
    );
  }

  free(): void {
    ffi().free(this.#block);
  }

  /** Fills in the sizes; returns the bytes per thread and for parts. */
  #describe(
    node: GraphNode,
    params: KernelParams,
    numThreads: number,
  ): { scratch: number; partials: number } {
    const op = node.op as TableOp;
    const { table } = op;
    params.setInteger('table', this.#tables.indexOf(table));
    params.setInteger('dtype', ROWS_DTYPE[table.dtype]);
    params.setInteger('width', table.width);
    params.setInteger('rowBytes', bytesOf(table.dtype, table.width));
    params.setInteger('layer', op.layer);
    params.setInteger('numTokens', table.numTokens);
    params.setInteger('numThreads', numThreads);
    switch (op.kind) {
      case 'writeTableRows':
        return { scratch: 0, partials: 0 };
      case 'indexTopK': {
        const numParts =
          table.numTokens <= DIVIDED_TOKENS * numThreads ? Math.min(numThreads, DIVIDED_TOKENS) : 1;
        this.#parts.set(node, numParts);
        params.setInteger('numHeads', node.sources[0]!.shape[1]);
        params.setInteger('k', op.k);
        params.setInteger('numParts', numParts);
        const { indexScratch, indexPartials } = this.#kernels;
        const [scratch, partials] = [indexScratch(params.bytes), indexPartials(params.bytes)];
        return { scratch: Number(scratch), partials: Number(partials) };
      }
      case 'attendRows': {
        const chosen = node.sources[2];
        params.setInteger('numHeads', node.sources[0]!.shape[1]);
        params.setInteger('k', chosen?.shape[0] ?? 0);
        // Only whether there is one matters until place() knows the address.
        params.setInteger('chosen', chosen ? 1 : 0);
        params.setInteger('valueWidth', op.valueWidth);
        params.setScale(op.scale);
        return { scratch: Number(this.#kernels.attendScratch(params.bytes)), partials: 0 };
      }
      default:
        return op satisfies never;
    }
  }

  #custom(
    ctx: Pointer,
    result: Pick<GraphNode, 'dtype' | 'shape'>,
    sources: readonly Pointer[],
    kernel: Pointer,
    params: Pointer,
  ): Pointer {
    const args = BigUint64Array.from(sources);
    const type = GGML_TYPE[result.dtype];
    // prettier-ignore
    return this.#ggml.ggml_custom_4d(ctx, type, ...result.shape, args, args.length, kernel,
      ALL_THREADS, params);
  }
}

export function isTableOp(op: GraphNode['op']): op is TableOp {
  return op.kind === 'writeTableRows' || op.kind === 'indexTopK' || op.kind === 'attendRows';
}

/** Hands out aligned offsets one after the other. */
class Layout {
  byteLength = 0;

  place(bytes: number): number {
    const at = this.byteLength;
    this.byteLength += aligned(bytes);
    return at;
  }
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function alignedAddress(address: Pointer): Pointer {
  const alignment = BigInt(ALIGNMENT);
  return ((address + alignment - 1n) / alignment) * alignment;
}
