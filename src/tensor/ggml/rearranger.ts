// ggml's repacked weights: rows of a 4-bit matrix interleaved in groups, so that a product reads
// several of them at once (engine reference §3.5). A buffer type of the CPU backend does it when a
// tensor is written; which types it takes depends on the processor, so it is asked.
// Source: ggml-cpu/repack.cpp of the version that declarations.ts was checked against.

import type { CheckedSpec } from '../driver.js';
import type { DType } from '../types.js';
import { GGML_TYPE, type BaseFunctions, type CpuFunctions, type Pointer } from './declarations.js';
import { ffi } from './ffi.js';
import { newContext, TensorContext } from './tensor-context.js';

const BUFFER_TYPE_NAME = 'CPU_REPACK';
const GET_EXTRA_BUFFER_TYPES = 'void **hadal_get_extra_buffer_types(void *device)';
/** More than ggml has; the list ends with a null. */
const MAX_BUFFER_TYPES = 16;

/** Types that are asked for. Others exist that no weight here is stored in. */
const CANDIDATES: readonly DType[] = ['q4_0', 'q4_K'];
/** Every group that some processor interleaves divides this: 4, 8 or 16 rows. */
const GROUP_ROWS = 16;
/** A multiple of every block size. */
const PROBE_COLUMNS = 256;

export class Rearranger {
  readonly bufferType: Pointer;
  readonly #dtypes: ReadonlySet<DType>;

  private constructor(bufferType: Pointer, dtypes: ReadonlySet<DType>) {
    this.bufferType = bufferType;
    this.#dtypes = dtypes;
  }

  /** undefined when this build or processor has none. */
  static find(base: BaseFunctions, cpu: CpuFunctions): Rearranger | undefined {
    const registry = cpu.ggml_backend_cpu_reg();
    const device = base.ggml_backend_reg_dev_get(registry, 0);
    const bufferType = extraBufferTypes(base, registry, device).find(
      (type) => base.ggml_backend_buft_name(type) === BUFFER_TYPE_NAME,
    );
    if (bufferType === undefined) return undefined;
    const dtypes = CANDIDATES.filter((dtype) => supports(base, device, bufferType, dtype));
    return dtypes.length === 0 ? undefined : new Rearranger(bufferType, new Set(dtypes));
  }

  /** A matrix, or a stack of them for mulMatId, of whole groups of rows. */
  takes({ use, dtype, shape }: CheckedSpec): boolean {
    const isWhole = shape[1] > 1 && shape[1] % GROUP_ROWS === 0 && shape[3] === 1;
    return use === 'product' && this.#dtypes.has(dtype) && isWhole;
  }
}

function extraBufferTypes(base: BaseFunctions, registry: Pointer, device: Pointer): Pointer[] {
  const address = base.ggml_backend_reg_get_proc_address(
    registry,
    'ggml_backend_dev_get_extra_bufts',
  );
  if (address === null) return [];
  const list = ffi().call(address, extraBufferTypesPrototype(), device) as Pointer | null;
  if (list === null) return [];
  const types: Pointer[] = [];
  for (let i = 0; i < MAX_BUFFER_TYPES; i++) {
    const type = ffi().decode(list, i * 8, 'void *') as Pointer | null;
    if (type === null) break;
    types.push(type);
  }
  return types;
}

let prototype: ReturnType<ReturnType<typeof ffi>['proto']> | undefined;

/** koffi takes a name once per process. */
function extraBufferTypesPrototype(): NonNullable<typeof prototype> {
  prototype ??= ffi().proto(GET_EXTRA_BUFFER_TYPES);
  return prototype;
}

/** Asks with a small matrix, as the answer for a larger one of whole groups is the same. */
function supports(
  base: BaseFunctions,
  device: Pointer,
  bufferType: Pointer,
  dtype: DType,
): boolean {
  const weights = new TensorContext(base, [{ dtype, shape: [PROBE_COLUMNS, GROUP_ROWS, 1, 1] }]);
  weights.allocate(bufferType);
  const ctx = newContext(base, 2);
  const activations = base.ggml_new_tensor_4d(ctx, GGML_TYPE.f32, PROBE_COLUMNS, 1, 1, 1);
  const product = base.ggml_mul_mat(ctx, weights.pointers[0]!, activations);
  const isSupported = base.ggml_backend_dev_supports_op(device, product);
  base.ggml_free(ctx);
  weights.free();
  return isSupported;
}
