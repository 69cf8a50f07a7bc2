// Every C declaration that we rely on, in one place: ggml 0.25.1, headers ggml.h, ggml-alloc.h,
// ggml-backend.h, ggml-cpu.h. A declaration that does not match the library corrupts memory instead
// of failing, so version.ts lists the commits against which this file was read.
// Structs behind pointers are opaque to us; ggml_init_params is the only one passed by value.

/** An address. koffi hands pointers over as bigint; null is NULL. */
export type Pointer = bigint;

/** Type numbers of ggml.h, enum ggml_type. */
export const GGML_TYPE = {
  f32: 0,
  f16: 1,
  q4_0: 2,
  q8_0: 8,
  q4_K: 12,
  i32: 26,
  bf16: 30,
  // plain signed bytes: ggml only holds the memory of row tables
  i8_rows: 24,
} as const;

/** enum ggml_sort_order */
export const SORT_ORDER = { ascending: 0, descending: 1 } as const;

/** rope modes: adjacent pairs, and halves (GGML_ROPE_TYPE_NEOX). */
export const ROPE_MODE = { interleaved: 0, half: 2 } as const;

/** enum ggml_status */
export const STATUS = { success: 0, aborted: 1 } as const;

export const INIT_PARAMS = { mem_size: 'size_t', mem_buffer: 'void *', no_alloc: 'bool' } as const;

type ContextOp1 = (ctx: Pointer, a: Pointer) => Pointer;
type ContextOp2 = (ctx: Pointer, a: Pointer, b: Pointer) => Pointer;
type ContextOp3 = (ctx: Pointer, a: Pointer, b: Pointer, c: Pointer) => Pointer;
type Sizes = [n0: number, n1: number, n2: number, n3: number];

/** A function that koffi can also run on another thread. */
export interface AsyncCompute {
  (backend: Pointer, graph: Pointer): number;
  async(
    backend: Pointer,
    graph: Pointer,
    done: (error: Error | null, status: number) => void,
  ): void;
}

/** libggml-base */
export interface BaseFunctions {
  ggml_version: () => string;
  ggml_commit: () => string;
  ggml_log_set: (callback: Pointer, userData: null) => void;
  ggml_init: (params: { mem_size: number; mem_buffer: null; no_alloc: boolean }) => Pointer | null;
  ggml_free: (ctx: Pointer) => void;
  ggml_tensor_overhead: () => number | bigint;
  ggml_graph_overhead_custom: (size: number, grads: boolean) => number | bigint;
  ggml_new_tensor_4d: (ctx: Pointer, type: number, ...sizes: Sizes) => Pointer;
  ggml_get_data: (tensor: Pointer) => Pointer | null;
  ggml_nbytes: (tensor: Pointer) => number | bigint;
  ggml_set_output: (tensor: Pointer) => void;
  ggml_mul_mat: ContextOp2;
  ggml_mul_mat_id: ContextOp3;
  ggml_add: ContextOp2;
  ggml_sub: ContextOp2;
  ggml_mul: ContextOp2;
  ggml_div: ContextOp2;
  ggml_scale_bias: (ctx: Pointer, a: Pointer, factor: number, bias: number) => Pointer;
  ggml_clamp: (ctx: Pointer, a: Pointer, min: number, max: number) => Pointer;
  ggml_fill: (ctx: Pointer, a: Pointer, value: number) => Pointer;
  ggml_sqr: ContextOp1;
  ggml_sqrt: ContextOp1;
  ggml_exp: ContextOp1;
  ggml_neg: ContextOp1;
  ggml_sigmoid: ContextOp1;
  ggml_silu: ContextOp1;
  ggml_relu: ContextOp1;
  ggml_step: ContextOp1;
  ggml_swiglu_split: ContextOp2;
  ggml_rms_norm: (ctx: Pointer, a: Pointer, eps: number) => Pointer;
  ggml_norm: (ctx: Pointer, a: Pointer, eps: number) => Pointer;
  ggml_soft_max_ext: (
    ctx: Pointer,
    a: Pointer,
    mask: Pointer | null,
    scale: number,
    maxBias: number,
  ) => Pointer;
  ggml_sum_rows: ContextOp1;
  ggml_top_k: (ctx: Pointer, a: Pointer, k: number) => Pointer;
  ggml_argsort: (ctx: Pointer, a: Pointer, order: number) => Pointer;
  ggml_rope_ext: (
    ctx: Pointer,
    a: Pointer,
    positions: Pointer,
    freqFactors: null,
    numDims: number,
    mode: number,
    origContextLength: number,
    freqBase: number,
    freqScale: number,
    extFactor: number,
    attnFactor: number,
    betaFast: number,
    betaSlow: number,
  ) => Pointer;
  ggml_get_rows: ContextOp2;
  ggml_set_rows: ContextOp3;
  ggml_reshape_4d: (ctx: Pointer, a: Pointer, ...sizes: Sizes) => Pointer;
  ggml_view_4d: (
    ctx: Pointer,
    a: Pointer,
    n0: number,
    n1: number,
    n2: number,
    n3: number,
    nb1: number,
    nb2: number,
    nb3: number,
    offset: number,
  ) => Pointer;
  ggml_permute: (ctx: Pointer, a: Pointer, ...axes: Sizes) => Pointer;
  ggml_cont: ContextOp1;
  ggml_concat: (ctx: Pointer, a: Pointer, b: Pointer, dim: number) => Pointer;
  ggml_cast: (ctx: Pointer, a: Pointer, type: number) => Pointer;
  ggml_cpy: ContextOp2;
  ggml_repeat_4d: (ctx: Pointer, a: Pointer, ...sizes: Sizes) => Pointer;
  ggml_custom_4d: (
    ctx: Pointer,
    type: number,
    n0: number,
    n1: number,
    n2: number,
    n3: number,
    args: BigUint64Array,
    numArgs: number,
    kernel: Pointer,
    numTasks: number,
    userData: Pointer,
  ) => Pointer;
  ggml_new_graph_custom: (ctx: Pointer, size: number, grads: boolean) => Pointer;
  ggml_build_forward_expand: (graph: Pointer, tensor: Pointer) => void;
  ggml_graph_n_nodes: (graph: Pointer) => number;
  ggml_backend_alloc_ctx_tensors_from_buft: (ctx: Pointer, bufferType: Pointer) => Pointer | null;
  ggml_backend_cpu_buffer_from_ptr: (address: Pointer, size: number) => Pointer;
  ggml_backend_tensor_alloc: (buffer: Pointer, tensor: Pointer, address: Pointer) => number;
  ggml_backend_tensor_set: (tensor: Pointer, data: Uint8Array, at: number, size: number) => void;
  ggml_backend_buft_name: (bufferType: Pointer) => string;
  ggml_backend_buft_get_alignment: (bufferType: Pointer) => number | bigint;
  ggml_backend_reg_dev_get: (registry: Pointer, index: number) => Pointer;
  ggml_backend_reg_get_proc_address: (registry: Pointer, name: string) => Pointer | null;
  ggml_backend_dev_supports_op: (device: Pointer, op: Pointer) => boolean;
  ggml_backend_get_default_buffer_type: (backend: Pointer) => Pointer;
  ggml_backend_graph_compute: AsyncCompute;
  ggml_backend_buffer_get_size: (buffer: Pointer) => number | bigint;
  ggml_backend_buffer_clear: (buffer: Pointer, value: number) => void;
  ggml_backend_buffer_free: (buffer: Pointer) => void;
  ggml_backend_free: (backend: Pointer) => void;
  ggml_gallocr_new: (bufferType: Pointer) => Pointer;
  ggml_gallocr_alloc_graph: (allocator: Pointer, graph: Pointer) => boolean;
  ggml_gallocr_get_buffer_size: (allocator: Pointer, index: number) => number | bigint;
  ggml_gallocr_free: (allocator: Pointer) => void;
  ggml_threadpool_params_init: (params: Uint8Array, numThreads: number) => void;
}

export const BASE_PROTOTYPES: Readonly<Record<keyof BaseFunctions, string>> = {
  ggml_version: 'const char *ggml_version()',
  ggml_commit: 'const char *ggml_commit()',
  ggml_log_set: 'void ggml_log_set(void *callback, void *user_data)',
  ggml_init: 'void *ggml_init(hadal_ggml_init_params params)',
  ggml_free: 'void ggml_free(void *ctx)',
  ggml_tensor_overhead: 'size_t ggml_tensor_overhead()',
  ggml_graph_overhead_custom: 'size_t ggml_graph_overhead_custom(size_t size, bool grads)',
  ggml_new_tensor_4d:
    'void *ggml_new_tensor_4d(void *ctx, int type, int64_t n0, int64_t n1, int64_t n2, int64_t n3)',
  ggml_get_data: 'void *ggml_get_data(void *tensor)',
  ggml_nbytes: 'size_t ggml_nbytes(void *tensor)',
  ggml_set_output: 'void ggml_set_output(void *tensor)',
  ggml_mul_mat: 'void *ggml_mul_mat(void *ctx, void *a, void *b)',
  ggml_mul_mat_id: 'void *ggml_mul_mat_id(void *ctx, void *as, void *b, void *ids)',
  ggml_add: 'void *ggml_add(void *ctx, void *a, void *b)',
  ggml_sub: 'void *ggml_sub(void *ctx, void *a, void *b)',
  ggml_mul: 'void *ggml_mul(void *ctx, void *a, void *b)',
  ggml_div: 'void *ggml_div(void *ctx, void *a, void *b)',
  ggml_scale_bias: 'void *ggml_scale_bias(void *ctx, void *a, float s, float b)',
  ggml_clamp: 'void *ggml_clamp(void *ctx, void *a, float min, float max)',
  ggml_fill: 'void *ggml_fill(void *ctx, void *a, float c)',
  ggml_sqr: 'void *ggml_sqr(void *ctx, void *a)',
  ggml_sqrt: 'void *ggml_sqrt(void *ctx, void *a)',
  ggml_exp: 'void *ggml_exp(void *ctx, void *a)',
  ggml_neg: 'void *ggml_neg(void *ctx, void *a)',
  ggml_sigmoid: 'void *ggml_sigmoid(void *ctx, void *a)',
  ggml_silu: 'void *ggml_silu(void *ctx, void *a)',
  ggml_relu: 'void *ggml_relu(void *ctx, void *a)',
  ggml_step: 'void *ggml_step(void *ctx, void *a)',
  ggml_swiglu_split: 'void *ggml_swiglu_split(void *ctx, void *a, void *b)',
  ggml_rms_norm: 'void *ggml_rms_norm(void *ctx, void *a, float eps)',
  ggml_norm: 'void *ggml_norm(void *ctx, void *a, float eps)',
  ggml_soft_max_ext:
    'void *ggml_soft_max_ext(void *ctx, void *a, void *mask, float scale, float max_bias)',
  ggml_sum_rows: 'void *ggml_sum_rows(void *ctx, void *a)',
  ggml_top_k: 'void *ggml_top_k(void *ctx, void *a, int k)',
  ggml_argsort: 'void *ggml_argsort(void *ctx, void *a, int order)',
  ggml_rope_ext:
    'void *ggml_rope_ext(void *ctx, void *a, void *b, void *c, int n_dims, int mode, int n_ctx_orig, float freq_base, float freq_scale, float ext_factor, float attn_factor, float beta_fast, float beta_slow)',
  ggml_get_rows: 'void *ggml_get_rows(void *ctx, void *a, void *b)',
  ggml_set_rows: 'void *ggml_set_rows(void *ctx, void *a, void *b, void *c)',
  ggml_reshape_4d:
    'void *ggml_reshape_4d(void *ctx, void *a, int64_t n0, int64_t n1, int64_t n2, int64_t n3)',
  ggml_view_4d:
    'void *ggml_view_4d(void *ctx, void *a, int64_t n0, int64_t n1, int64_t n2, int64_t n3, size_t nb1, size_t nb2, size_t nb3, size_t offset)',
  ggml_permute:
    'void *ggml_permute(void *ctx, void *a, int axis0, int axis1, int axis2, int axis3)',
  ggml_cont: 'void *ggml_cont(void *ctx, void *a)',
  ggml_concat: 'void *ggml_concat(void *ctx, void *a, void *b, int dim)',
  ggml_cast: 'void *ggml_cast(void *ctx, void *a, int type)',
  ggml_cpy: 'void *ggml_cpy(void *ctx, void *a, void *b)',
  ggml_repeat_4d:
    'void *ggml_repeat_4d(void *ctx, void *a, int64_t n0, int64_t n1, int64_t n2, int64_t n3)',
  ggml_custom_4d:
    'void *ggml_custom_4d(void *ctx, int type, int64_t n0, int64_t n1, int64_t n2, int64_t n3, void *args, int n_args, void *fun, int n_tasks, void *userdata)',
  ggml_new_graph_custom: 'void *ggml_new_graph_custom(void *ctx, size_t size, bool grads)',
  ggml_build_forward_expand: 'void ggml_build_forward_expand(void *graph, void *tensor)',
  ggml_graph_n_nodes: 'int ggml_graph_n_nodes(void *graph)',
  ggml_backend_alloc_ctx_tensors_from_buft:
    'void *ggml_backend_alloc_ctx_tensors_from_buft(void *ctx, void *buft)',
  ggml_backend_cpu_buffer_from_ptr:
    'void *ggml_backend_cpu_buffer_from_ptr(void *ptr, size_t size)',
  ggml_backend_tensor_alloc:
    'int ggml_backend_tensor_alloc(void *buffer, void *tensor, void *addr)',
  ggml_backend_tensor_set:
    'void ggml_backend_tensor_set(void *tensor, const void *data, size_t offset, size_t size)',
  ggml_backend_buft_name: 'const char *ggml_backend_buft_name(void *buft)',
  ggml_backend_buft_get_alignment: 'size_t ggml_backend_buft_get_alignment(void *buft)',
  ggml_backend_reg_dev_get: 'void *ggml_backend_reg_dev_get(void *reg, size_t index)',
  ggml_backend_reg_get_proc_address:
    'void *ggml_backend_reg_get_proc_address(void *reg, const char *name)',
  ggml_backend_dev_supports_op: 'bool ggml_backend_dev_supports_op(void *device, void *op)',
  ggml_backend_get_default_buffer_type: 'void *ggml_backend_get_default_buffer_type(void *backend)',
  ggml_backend_graph_compute: 'int ggml_backend_graph_compute(void *backend, void *graph)',
  ggml_backend_buffer_get_size: 'size_t ggml_backend_buffer_get_size(void *buffer)',
  ggml_backend_buffer_clear: 'void ggml_backend_buffer_clear(void *buffer, uint8_t value)',
  ggml_backend_buffer_free: 'void ggml_backend_buffer_free(void *buffer)',
  ggml_backend_free: 'void ggml_backend_free(void *backend)',
  ggml_gallocr_new: 'void *ggml_gallocr_new(void *buffer_type)',
  ggml_gallocr_alloc_graph: 'bool ggml_gallocr_alloc_graph(void *allocator, void *graph)',
  ggml_gallocr_get_buffer_size: 'size_t ggml_gallocr_get_buffer_size(void *allocator, int index)',
  ggml_gallocr_free: 'void ggml_gallocr_free(void *allocator)',
  ggml_threadpool_params_init: 'void ggml_threadpool_params_init(void *params, int n_threads)',
};

/** libggml-cpu-* */
export interface CpuFunctions {
  ggml_backend_cpu_init: () => Pointer | null;
  ggml_backend_cpu_reg: () => Pointer;
  ggml_backend_cpu_set_n_threads: (backend: Pointer, numThreads: number) => void;
  ggml_backend_cpu_set_threadpool: (backend: Pointer, pool: Pointer | null) => void;
  ggml_backend_cpu_set_abort_callback: (backend: Pointer, callback: Pointer, data: Pointer) => void;
  ggml_threadpool_new: (params: Uint8Array) => Pointer | null;
  ggml_threadpool_free: (pool: Pointer) => void;
}

export const CPU_PROTOTYPES: Readonly<Record<keyof CpuFunctions, string>> = {
  ggml_backend_cpu_init: 'void *ggml_backend_cpu_init()',
  ggml_backend_cpu_reg: 'void *ggml_backend_cpu_reg()',
  ggml_backend_cpu_set_n_threads: 'void ggml_backend_cpu_set_n_threads(void *backend, int n)',
  ggml_backend_cpu_set_threadpool:
    'void ggml_backend_cpu_set_threadpool(void *backend, void *pool)',
  ggml_backend_cpu_set_abort_callback:
    'void ggml_backend_cpu_set_abort_callback(void *backend, void *callback, void *data)',
  ggml_threadpool_new: 'void *ggml_threadpool_new(void *params)',
  ggml_threadpool_free: 'void ggml_threadpool_free(void *pool)',
};

/** How fit a CPU variant is for this machine; 0 = it would use instructions that are missing. */
export const SCORE_PROTOTYPE = 'int ggml_backend_score()';
