// The ggml CPU driver: memory in ggml buffers, graphs as ggml graphs, one persistent thread pool.
// Inputs get a buffer of their own because the graph allocator recycles whatever it places; only
// outputs are flagged to survive a run.

import type { CheckedSpec, Driver, DriverAllocation, DriverGraph } from '../driver.js';
import { DeviceUnavailableError } from '../errors.js';
import type { GraphNode } from '../node.js';
import type { GraphPlan } from '../plan.js';
import type { DeviceTensor, MappedFile } from '../types.js';
import { AbortFlag } from './abort-flag.js';
import { allocateTensors, footprintOf, type BufferOptions } from './buffers.js';
import type { BaseFunctions, Pointer } from './declarations.js';
import { GgmlGraph } from './graph.js';
import { GraphProducts } from './graph-products.js';
import { GraphTables } from './graph-tables.js';
import { InterleavedTensor } from './interleaver.js';
import type { Kernels } from './kernels.js';
import type { GgmlLibrary } from './library.js';
import { lowerNode, MAX_TENSORS_PER_NODE } from './lower.js';
import { mapFile } from './mapped-file.js';
import { Rearranger } from './rearranger.js';
import { type GgmlTensor, hostView } from './tensor.js';
import { newContext, TensorContext } from './tensor-context.js';

/** Room for ggml_threadpool_params; the library fills in what it knows (526 bytes in 0.25.1). */
const THREADPOOL_PARAMS_BYTES = 4096;
/** Smallest graph capacity; ggml sizes its hash tables by it. */
const MIN_GRAPH_SIZE = 64;

export class GgmlDriver implements Driver<GgmlTensor> {
  readonly kind = 'ggml';
  readonly name: string;
  readonly numThreads: number;
  readonly kernels: string;
  readonly #nativeKernels: Kernels | undefined;
  readonly #library: GgmlLibrary;
  readonly #ggml: BaseFunctions;
  readonly #backend: Pointer;
  readonly #buffers: BufferOptions;
  readonly #pool: Pointer | undefined;
  readonly #abortFlag = new AbortFlag();

  /** @param kernels those for row tables, or in one line why there are none. */
  constructor(library: GgmlLibrary, numThreads: number, kernels: Kernels | string) {
    const { cpu } = library;
    this.#nativeKernels = typeof kernels === 'string' ? undefined : kernels;
    this.kernels = typeof kernels === 'string' ? `none: ${kernels}` : kernels.description;
    this.#library = library;
    this.#ggml = library.base;
    this.numThreads = numThreads;
    const threads = numThreads === 1 ? '1 thread' : `${numThreads} threads`;
    this.name = `ggml ${library.version} cpu ${library.cpuVariant}, ${threads}`;
    const backend = cpu.ggml_backend_cpu_init();
    if (!backend) throw new DeviceUnavailableError('ggml_backend_cpu_init failed');
    this.#backend = backend;
    const bufferType = this.#ggml.ggml_backend_get_default_buffer_type(backend);
    const rearranger = Rearranger.find(library.base, cpu);
    const products = this.#nativeKernels?.products;
    this.#buffers = { ggml: this.#ggml, bufferType, rearranger, products };
    cpu.ggml_backend_cpu_set_n_threads(backend, numThreads);
    cpu.ggml_backend_cpu_set_abort_callback(backend, AbortFlag.callback(), this.#abortFlag.data);
    // Without a pool of its own ggml starts threads for every compute (56 against 11 us).
    if (numThreads > 1) this.#pool = this.#startThreadPool();
  }

  mapFile(fd: number, byteLength: number): MappedFile | null {
    return mapFile(fd, byteLength);
  }

  footprint(specs: readonly CheckedSpec[]): { byteLength: number; mappedBytes: number } {
    return footprintOf(this.#buffers, specs);
  }

  get hasRowTables(): boolean {
    return this.#nativeKernels !== undefined;
  }

  allocate(specs: readonly CheckedSpec[]): DriverAllocation<GgmlTensor> {
    return allocateTensors(this.#buffers, specs);
  }

  compile(
    plan: GraphPlan,
    memoryOf: (tensor: DeviceTensor) => GgmlTensor,
  ): DriverGraph<GgmlTensor> {
    const ggml = this.#ggml;
    const pointers = new Map<GraphNode, Pointer>();
    const inputNodes = [...plan.inputs.values()];
    const inputs = new TensorContext(ggml, inputNodes);
    inputs.allocate(this.#buffers.bufferType);
    inputNodes.forEach((node, i) => pointers.set(node, inputs.pointers[i]!));

    const tables =
      this.#nativeKernels && plan.tables.size > 0
        ? new GraphTables(ggml, this.#nativeKernels, this.numThreads, plan)
        : undefined;
    const isProduct = ({ op, sources }: GraphNode): boolean => {
      if (op.kind !== 'mulMat' && op.kind !== 'mulMatId') return false;
      const weights = sources[0]!.op;
      return (
        weights.kind === 'deviceTensor' && memoryOf(weights.tensor) instanceof InterleavedTensor
      );
    };
    const numProducts = plan.nodes.filter(isProduct).length;
    const products =
      numProducts > 0
        ? new GraphProducts(ggml, this.#buffers.products!, plan, numProducts)
        : undefined;
    const own = { tables, products, isProduct };

    const size = Math.max(MIN_GRAPH_SIZE, MAX_TENSORS_PER_NODE * plan.nodes.length);
    const ctx = newContext(ggml, size, Number(ggml.ggml_graph_overhead_custom(size, false)));
    const graph = ggml.ggml_new_graph_custom(ctx, size, false);
    for (const node of plan.nodes) {
      if (node.op.kind === 'deviceTensor') pointers.set(node, memoryOf(node.op.tensor).pointer);
      const pointer = lowerNode(ggml, ctx, node, pointers, own);
      pointers.set(node, pointer);
      // Node by node, so that ggml keeps our order (reads of caches after writes to them).
      if (node.sources.length > 0) ggml.ggml_build_forward_expand(graph, pointer);
    }
    for (const node of plan.outputs.values()) ggml.ggml_set_output(pointers.get(node)!);

    const allocator = ggml.ggml_gallocr_new(this.#buffers.bufferType);
    const free = (): void => {
      ggml.ggml_gallocr_free(allocator);
      ggml.ggml_free(ctx);
      inputs.free();
      tables?.free();
      products?.free();
    };
    if (!ggml.ggml_gallocr_alloc_graph(allocator, graph)) {
      free();
      throw new Error('not enough memory for the intermediate values of the graph');
    }
    tables?.place(pointers);
    products?.place();
    const allocated = Number(ggml.ggml_gallocr_get_buffer_size(allocator, 0));
    const ownBytes = (tables?.byteLength ?? 0) + (products?.byteLength ?? 0);
    const scratchBytes = allocated + inputs.byteLength + ownBytes;
    return new GgmlGraph({
      ggml,
      backend: this.#backend,
      graph,
      abortFlag: this.#abortFlag,
      tables,
      products,
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
}
