// The products of one compiled ggml graph that our own kernels compute (weights: interleaver.ts). Each
// takes activations in eight bits, which a node of its own makes, once for all products of the same
// values; products by experts also take the tokens sorted by expert, once for the same choice.

import type { GraphNode } from '../node.js';
import type { GraphPlan } from '../plan.js';
import type { BaseFunctions, Pointer } from './declarations.js';
import { GGML_TYPE } from './declarations.js';
import { ffi } from './ffi.js';
import type { ProductKernels } from './kernels.js';
import { PRODUCT_BYTES, ProductParams } from './product-params.js';

/** struct activations: 32 values, their scale and their sum. */
const BLOCK_VALUES = 32;
const BLOCK_BYTES = 40;
/** struct fault: raised, kind, table, token, row, limit. */
const FAULT_BYTES = 24;
/** Each product, its activations and its routes. */
const MAX_CALLS_PER_PRODUCT = 3;
const ALL_THREADS = -1;

type Fields = Parameters<ProductParams['set']>[0];
/** One ggml node: what it reads and writes is known once the graph has memory. */
interface Call {
  pointer: Pointer;
  params: ProductParams;
  /** Parameters that are addresses of ggml tensors. */
  tensors: Partial<Record<'weights' | 'source' | 'routes', Pointer>>;
}

export class GraphProducts {
  readonly byteLength: number;
  readonly #ggml: BaseFunctions;
  readonly #kernels: ProductKernels;
  readonly #block: Pointer;
  readonly #memory: ArrayBuffer;
  readonly #fault: Int32Array;
  readonly #calls: Call[] = [];
  /** Activations and routes, by what they are made of. */
  readonly #shared = new Map<string, Call>();
  readonly #ids = new Map<GraphNode, number>();
  /** Memory that changes while the graph runs. */
  readonly #written: ReadonlySet<GraphNode>;

  /** @param numProducts how many of the plan's nodes will be lowered here. */
  constructor(ggml: BaseFunctions, kernels: ProductKernels, plan: GraphPlan, numProducts: number) {
    this.#ggml = ggml;
    this.#kernels = kernels;
    this.byteLength = FAULT_BYTES + MAX_CALLS_PER_PRODUCT * numProducts * PRODUCT_BYTES;
    this.#block = ffi().alloc('uint8_t', this.byteLength) as Pointer;
    this.#memory = ffi().view(this.#block, this.byteLength);
    new Uint8Array(this.#memory).fill(0);
    this.#fault = new Int32Array(this.#memory, 0, FAULT_BYTES / 4);
    this.#written = new Set(plan.nodes.filter((node) => node.isWrite).map(({ base }) => base));
  }

  /** The ggml node of a product; ggml keeps its sources alive until then. */
  lower(ctx: Pointer, node: GraphNode, pointers: ReadonlyMap<GraphNode, Pointer>): Pointer {
    const [weights, x, ids] = node.sources as [GraphNode, GraphNode, GraphNode | undefined];
    const columns = this.#quantize(ctx, x, pointers);
    const routes = ids && this.#route(ctx, ids, weights.shape[2], pointers);
    const [numRows, ...outer] = node.shape;
    const call = this.#call({
      numSummed: weights.shape[0],
      numRows,
      numColumns: outer.reduce((product, n) => product * n, 1),
      ...(ids && { numUsed: ids.shape[0], numInputs: x.shape[1] }),
    });
    const sources = [pointers.get(weights)!, columns.pointer, ...(routes ? [routes.pointer] : [])];
    call.tensors = {
      weights: pointers.get(weights)!,
      source: columns.pointer,
      ...(routes && { routes: routes.pointer }),
    };
    call.pointer = this.#custom(ctx, node, sources, this.#kernels.multiply, call);
    return call.pointer;
  }

  /** Tells the kernels where ggml has put everything. Contract: memory is allocated. */
  place(): void {
    const address = (tensor: Pointer): Pointer => {
      const data = this.#ggml.ggml_get_data(tensor);
      if (!data) throw new Error('a source of a product has no memory');
      return data;
    };
    for (const { pointer, params, tensors } of this.#calls) {
      params.set({ dst: address(pointer) });
      for (const [field, tensor] of Object.entries(tensors)) {
        params.set({ [field]: address(tensor) });
      }
    }
  }

  /** Before each run. */
  clearFault(): void {
    this.#fault.fill(0);
  }

  /** @throws RangeError for an expert that there is not. */
  throwFault(): void {
    const [raised, , , token, expert, limit] = this.#fault as unknown as number[];
    if (raised === 0) return;
    throw new RangeError(`mulMatId: token ${token} chose expert ${expert} of 0..${limit! - 1}`);
  }

  free(): void {
    ffi().free(this.#block);
  }

  /** Columns in eight bits, in the order of their last three dimensions. */
  #quantize(ctx: Pointer, x: GraphNode, pointers: ReadonlyMap<GraphNode, Pointer>): Call {
    const [numSummed, n1, n2, n3] = x.shape;
    const [, stride0, stride1, stride2] = x.strides;
    const isPacked = stride0 === 4 * numSummed && stride1 === stride0 * n1;
    const order = isPacked && stride2 === stride1 * n2 ? [] : [n1, n2, x.strides.join('/')];
    const numColumns = n1 * n2 * n3;
    const key = ['activations', this.#id(x), x.byteOffset, numSummed, numColumns, ...order].join();
    const known = this.#shared.get(key);
    if (known && !this.#written.has(x.base)) return known;
    const sizes = { numSummed, numColumns, size0: n1, size1: n2 };
    const call = this.#call({ ...sizes, stride0, stride1, stride2 });
    const bytes = (numSummed / BLOCK_VALUES) * BLOCK_BYTES;
    const result = { dtype: 'i8_rows', shape: [bytes, numColumns, 1, 1] } as const;
    const source = pointers.get(x)!;
    call.tensors = { source };
    call.pointer = this.#custom(ctx, result, [source], this.#kernels.quantize, call);
    this.#shared.set(key, call);
    return call;
  }

  /** Columns of a result sorted by expert (hadal_route_experts). */
  #route(
    ctx: Pointer,
    ids: GraphNode,
    numExperts: number,
    pointers: ReadonlyMap<GraphNode, Pointer>,
  ): Call {
    const [numUsed, numTokens] = ids.shape;
    const key = [
      'routes',
      this.#id(ids),
      ids.byteOffset,
      numExperts,
      ids.shape,
      ids.strides,
    ].join();
    const known = this.#shared.get(key);
    if (known && !this.#written.has(ids.base)) return known;
    const [stride0, stride1] = ids.strides;
    const numColumns = numUsed * numTokens;
    const call = this.#call({ numExperts, numColumns, numUsed, stride0, stride1 });
    const length = 1 + 4 * numColumns + numExperts;
    const result = { dtype: 'i32', shape: [length, 1, 1, 1] } as const;
    const source = pointers.get(ids)!;
    call.tensors = { source };
    call.pointer = this.#custom(ctx, result, [source], this.#kernels.routeExperts, call, 1);
    this.#shared.set(key, call);
    return call;
  }

  #id({ base }: GraphNode): number {
    if (!this.#ids.has(base)) this.#ids.set(base, this.#ids.size);
    return this.#ids.get(base)!;
  }

  #call(fields: Fields): Call {
    const at = this.#paramsAt(this.#calls.length);
    const params = new ProductParams(new Uint8Array(this.#memory, at, PRODUCT_BYTES));
    params.set({ ...fields, fault: this.#block });
    const call: Call = { pointer: 0n, params, tensors: {} };
    this.#calls.push(call);
    return call;
  }

  #paramsAt(index: number): number {
    return FAULT_BYTES + index * PRODUCT_BYTES;
  }

  #custom(
    ctx: Pointer,
    { dtype, shape }: Pick<GraphNode, 'dtype' | 'shape'>,
    sources: readonly Pointer[],
    kernel: Pointer,
    call: Call,
    numThreads = ALL_THREADS,
  ): Pointer {
    const args = BigUint64Array.from(sources);
    const params = this.#block + BigInt(this.#paramsAt(this.#calls.indexOf(call)));
    // prettier-ignore
    return this.#ggml.ggml_custom_4d(ctx, GGML_TYPE[dtype], ...shape, args, args.length, kernel,
      numThreads, params);
  }
}
