// The ggml CPU driver: memory in ggml buffers, graphs as ggml graphs, one persistent thread pool.
// Inputs get a buffer of their own because the graph allocator recycles whatever it places; only
// outputs are flagged to survive a run.

import type {
  CheckedSpec,
  Driver,
  DriverAllocation,
  DriverGraph,
  DriverTensor,
} from '../driver.js';
import { bytesOf } from '../dtype.js';
import { DeviceUnavailableError } from '../errors.js';
import type { GraphNode } from '../node.js';
import type { GraphPlan } from '../plan.js';
import type { DeviceTensor, DType, Shape4 } from '../types.js';
import { AbortFlag } from './abort-flag.js';
import { GGML_TYPE } from './declarations.js';
import type { BaseFunctions, Pointer } from './declarations.js';
import { ffi } from './ffi.js';
import { GgmlGraph } from './graph.js';
import type { GgmlLibrary } from './library.js';
import { lowerNode, MAX_TENSORS_PER_NODE } from './lower.js';

/** Room for ggml_threadpool_params; the library fills in what it knows (526 bytes in 0.25.1). */
const THREADPOOL_PARAMS_BYTES = 4096;
/** Smallest graph capacity; ggml sizes its hash tables by it. */
const MIN_GRAPH_SIZE = 64;

export class GgmlTensor implements DriverTensor {
  readonly pointer: Pointer;
  readonly #ggml: BaseFunctions;

  constructor(ggml: BaseFunctions, pointer: Pointer) {
    this.#ggml = ggml;
    this.pointer = pointer;
  }

  bytes(): Uint8Array {
    return hostView(this.#ggml, this.pointer);
  }
}

export class GgmlDriver implements Driver<GgmlTensor> {
  readonly kind = 'ggml';
  readonly name: string;
  readonly numThreads: number;
  readonly hasRowTables = false;
  readonly kernels = 'none: no native kernels in this build';
  readonly #library: GgmlLibrary;
  readonly #ggml: BaseFunctions;
  readonly #backend: Pointer;
  readonly #pool: Pointer | undefined;
  readonly #abortFlag = new AbortFlag();

  constructor(library: GgmlLibrary, numThreads: number) {
    const { cpu } = library;
    this.#library = library;
    this.#ggml = library.base;
    this.numThreads = numThreads;
    const threads = numThreads === 1 ? '1 thread' : `${numThreads} threads`;
    this.name = `ggml ${library.version} cpu ${library.cpuVariant}, ${threads}`;
    const backend = cpu.ggml_backend_cpu_init();
    if (!backend) throw new DeviceUnavailableError('ggml_backend_cpu_init failed');
    this.#backend = backend;
    cpu.ggml_backend_cpu_set_n_threads(backend, numThreads);
    cpu.ggml_backend_cpu_set_abort_callback(backend, AbortFlag.callback(), this.#abortFlag.data);
    // Without a pool of its own ggml starts threads for every compute (56 against 11 us).
    if (numThreads > 1) this.#pool = this.#startThreadPool();
  }

  allocate(specs: readonly CheckedSpec[]): DriverAllocation<GgmlTensor> {
    const ctx = this.#newContext(specs.length);
    const pointers = specs.map(({ dtype, shape }) =>
      this.#ggml.ggml_new_tensor_4d(ctx, GGML_TYPE[dtype], ...nativeShape(dtype, shape)),
    );
    const buffer = this.#allocateContext(ctx, specs.length);
    return {
      tensors: pointers.map((pointer) => new GgmlTensor(this.#ggml, pointer)),
      byteLength: this.#bufferBytes(buffer),
      free: () => this.#freeContext(ctx, buffer),
    };
  }

  compile(
    plan: GraphPlan,
    memoryOf: (tensor: DeviceTensor) => GgmlTensor,
  ): DriverGraph<GgmlTensor> {
    const ggml = this.#ggml;
    const pointers = new Map<GraphNode, Pointer>();
    const inputContext = this.#newContext(plan.inputs.size);
    for (const node of plan.inputs.values()) {
      const pointer = ggml.ggml_new_tensor_4d(inputContext, GGML_TYPE[node.dtype], ...node.shape);
      pointers.set(node, pointer);
    }
    const inputBuffer = this.#allocateContext(inputContext, plan.inputs.size);

    const size = Math.max(MIN_GRAPH_SIZE, MAX_TENSORS_PER_NODE * plan.nodes.length);
    const ctx = this.#newContext(size, Number(ggml.ggml_graph_overhead_custom(size, false)));
    const graph = ggml.ggml_new_graph_custom(ctx, size, false);
    for (const node of plan.nodes) {
      if (node.op.kind === 'deviceTensor') pointers.set(node, memoryOf(node.op.tensor).pointer);
      const pointer = lowerNode(ggml, ctx, node, pointers);
      pointers.set(node, pointer);
      // Node by node, so that ggml keeps our order (reads of caches after writes to them).
      if (node.sources.length > 0) ggml.ggml_build_forward_expand(graph, pointer);
    }
    for (const node of plan.outputs.values()) ggml.ggml_set_output(pointers.get(node)!);

    const bufferType = ggml.ggml_backend_get_default_buffer_type(this.#backend);
    const allocator = ggml.ggml_gallocr_new(bufferType);
    const free = (): void => {
      ggml.ggml_gallocr_free(allocator);
      ggml.ggml_free(ctx);
      this.#freeContext(inputContext, inputBuffer);
    };
    if (!ggml.ggml_gallocr_alloc_graph(allocator, graph)) {
      free();
      throw new Error('not enough memory for the intermediate values of the graph');
    }
    const scratchBytes =
      Number(ggml.ggml_gallocr_get_buffer_size(allocator, 0)) + this.#bufferBytes(inputBuffer);
    return new GgmlGraph({
      ggml,
      backend: this.#backend,
      graph,
      abortFlag: this.#abortFlag,
      numNodes: ggml.ggml_graph_n_nodes(graph),
      scratchBytes,
      bytes: (node) => hostView(ggml, pointers.get(node)!),
      free,
    });
  }

  free(): void {
    const { cpu } = this.#library;
    cpu.ggml_backend_cpu_set_threadpool(this.#backend, null);
    if (this.#pool !== undefined) cpu.ggml_threadpool_free(this.#pool);
    this.#ggml.ggml_backend_free(this.#backend);
    this.#abortFlag.free();
  }

  #startThreadPool(): Pointer {
    const { base, cpu } = this.#library;
    const params = new Uint8Array(THREADPOOL_PARAMS_BYTES);
    base.ggml_threadpool_params_init(params, this.numThreads);
    const pool = cpu.ggml_threadpool_new(params);
    if (!pool) throw new DeviceUnavailableError(`cannot start ${this.numThreads} threads`);
    cpu.ggml_backend_cpu_set_threadpool(this.#backend, pool);
    return pool;
  }

  /** A context holds descriptions of tensors, not their data. */
  #newContext(numTensors: number, extraBytes = 0): Pointer {
    const bytes = Number(this.#ggml.ggml_tensor_overhead()) * (numTensors + 1) + extraBytes;
    const ctx = this.#ggml.ggml_init({ mem_size: bytes, mem_buffer: null, no_alloc: true });
    if (!ctx) throw new Error(`not enough memory to describe ${numTensors} tensors`);
    return ctx;
  }

  #allocateContext(ctx: Pointer, numTensors: number): Pointer | null {
    if (numTensors === 0) return null;
    const buffer = this.#ggml.ggml_backend_alloc_ctx_tensors(ctx, this.#backend);
    if (!buffer) {
      this.#ggml.ggml_free(ctx);
      throw new Error(`not enough memory for ${numTensors} tensors`);
    }
    this.#ggml.ggml_backend_buffer_clear(buffer, 0);
    return buffer;
  }

  #bufferBytes(buffer: Pointer | null): number {
    return buffer === null ? 0 : Number(this.#ggml.ggml_backend_buffer_get_size(buffer));
  }

  #freeContext(ctx: Pointer, buffer: Pointer | null): void {
    if (buffer !== null) this.#ggml.ggml_backend_buffer_free(buffer);
    this.#ggml.ggml_free(ctx);
  }
}

/** ggml sees i8_rows as bytes: each row with the four of its scale. */
function nativeShape(dtype: DType, shape: Shape4): Shape4 {
  return dtype === 'i8_rows' ? [bytesOf(dtype, shape[0]), shape[1], shape[2], shape[3]] : shape;
}

/** The tensor's memory, without a copy. Valid until the buffer is freed. */
function hostView(ggml: BaseFunctions, pointer: Pointer): Uint8Array {
  return new Uint8Array(ffi().view(ggml.ggml_get_data(pointer), Number(ggml.ggml_nbytes(pointer))));
}
