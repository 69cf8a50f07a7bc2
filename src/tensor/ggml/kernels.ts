// The native kernels for row tables: built or found in the cache, loaded once per process, bound.
// Whether they compute the right thing is the self-test's business (open-device.ts).

import { cachedLibrary, dropLibrary, kernelFolder } from './kernel-cache.js';
import {
  buildKey,
  compileKernels,
  findCompiler,
  KernelsUnavailableError,
} from './kernel-compiler.js';
import type { Pointer } from './declarations.js';
import { ffi } from './ffi.js';
import type { NativeLibrary } from './ffi.js';
import { NODE_BYTES } from './kernel-params.js';
import { PRODUCT_BYTES } from './product-params.js';
import { pinLibrary } from './native-symbols.js';

export interface Kernels {
  /** e.g. `native avx512-vnni, gcc (Debian 12.2.0-14) 12.2.0` */
  description: string;
  /** ggml_custom_op_t functions. */
  writeRows: Pointer;
  indexTopK: Pointer;
  mergeTopK: Pointer;
  attendRows: Pointer;
  /** Bytes of scratch memory per thread for a node with these parameters. */
  indexScratch: (params: Uint8Array) => number | bigint;
  attendScratch: (params: Uint8Array) => number | bigint;
  /** Bytes for all parts of a node. */
  indexPartials: (params: Uint8Array) => number | bigint;
  /** Absent where ggml's own products are at least as fast. */
  products: ProductKernels | undefined;
}

/** Products of interleaved weights (native/products.h). */
export interface ProductKernels {
  /** ggml_custom_op_t functions. */
  quantize: Pointer;
  routeExperts: Pointer;
  multiply: Pointer;
  /** Rows of q8_0 as they are in a file to groups of 16. */
  interleave: (to: Pointer, from: Uint8Array, numRows: number, numSummed: number) => void;
}

export interface KernelOptions {
  /** Names the ggml build that will call the kernels. */
  caller: string;
  environment?: NodeJS.ProcessEnv;
  /** Told in one sentence before kernels are built, which takes seconds. */
  onBuild?: ((message: string) => void) | undefined;
}

const loaded = new Map<string, Kernels>();

/** @throws KernelsUnavailableError saying why in one line. */
export function loadKernels({
  caller,
  environment = process.env,
  onBuild,
}: KernelOptions): Kernels {
  const compiler = findCompiler(environment);
  const key = buildKey(compiler, caller);
  const folder = kernelFolder(environment);
  let isNew = false;
  const provide = (): string =>
    cachedLibrary(folder, key, (target) => {
      isNew = true;
      onBuild?.(
        `building native kernels with ${compiler.command}, once; they are kept in ${folder}`,
      );
      compileKernels(compiler, target);
    });
  const file = provide();
  const known = loaded.get(file);
  if (known) return known;
  const kernels = bindOrRebuild();
  loaded.set(file, kernels);
  return kernels;

  /** One that another system built, in a home folder that both share, may not load here. */
  function bindOrRebuild(): Kernels {
    try {
      return bindKernels(file, compiler.version);
    } catch (error) {
      if (isNew) throw error;
      dropLibrary(file);
      return bindKernels(provide(), compiler.version);
    }
  }
}

function bindKernels(file: string, compilerVersion: string): Kernels {
  try {
    const library = ffi().load(file);
    const isa = (library.func('const char *hadal_kernels_isa()') as unknown as () => string)();
    assertSize(library, 'hadal_node_bytes', NODE_BYTES);
    assertSize(library, 'hadal_product_bytes', PRODUCT_BYTES);
    pinLibrary(file);
    const symbol = (name: string): Pointer => library.symbol(name) as Pointer;
    const sizer = (name: string): ((params: Uint8Array) => number | bigint) =>
      library.func(`int64_t ${name}(const void *node)`) as unknown as (
        params: Uint8Array,
      ) => number | bigint;
    return {
      description: `native ${isa}, ${compilerVersion}`,
      writeRows: symbol('hadal_write_rows'),
      indexTopK: symbol('hadal_index_top_k'),
      mergeTopK: symbol('hadal_merge_top_k'),
      attendRows: symbol('hadal_attend_rows'),
      indexScratch: sizer('hadal_index_scratch'),
      attendScratch: sizer('hadal_attend_scratch'),
      indexPartials: sizer('hadal_index_partials'),
      products: bindProducts(library),
    };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new KernelsUnavailableError(`cannot load ${file}: ${reason}`, { cause });
  }
}

function assertSize(library: NativeLibrary, name: string, expected: number): void {
  const size = library.func(`int64_t ${name}()`) as unknown as () => number | bigint;
  if (Number(size()) === expected) return;
  throw new Error(`${name}: parameters of ${size()} bytes, expected ${expected}`);
}

function bindProducts(library: NativeLibrary): ProductKernels | undefined {
  const pays = library.func('int hadal_products_pay()') as unknown as () => number;
  if (pays() === 0) return undefined;
  const symbol = (name: string): Pointer => library.symbol(name) as Pointer;
  return {
    quantize: symbol('hadal_quantize_columns'),
    routeExperts: symbol('hadal_route_experts'),
    multiply: symbol('hadal_multiply'),
    interleave: library.func(
      'void hadal_interleave(void *to, const void *from, int64_t num_rows, int64_t num_summed)',
    ) as unknown as ProductKernels['interleave'],
  };
}
