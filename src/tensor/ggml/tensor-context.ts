// A ggml context, which holds descriptions of tensors, with the buffer that holds their data.

import { bytesOf } from '../dtype.js';
import type { DType, Shape4 } from '../types.js';
import { GGML_TYPE, type BaseFunctions, type Pointer } from './declarations.js';
import { preferHugePages } from './mapped-file.js';

/** @throws Error when there is not enough memory to describe so many */
export function newContext(ggml: BaseFunctions, numTensors: number, extraBytes = 0): Pointer {
  const bytes = Number(ggml.ggml_tensor_overhead()) * (numTensors + 1) + extraBytes;
  const ctx = ggml.ggml_init({ mem_size: bytes, mem_buffer: null, no_alloc: true });
  if (!ctx) throw new Error(`not enough memory to describe ${numTensors} tensors`);
  return ctx;
}

export class TensorContext {
  readonly #ggml: BaseFunctions;
  readonly #ctx: Pointer;
  readonly pointers: readonly Pointer[];
  #buffer: Pointer | null = null;

  /** Describes tensors; they have no memory yet. */
  constructor(ggml: BaseFunctions, specs: readonly { dtype: DType; shape: Shape4 }[]) {
    this.#ggml = ggml;
    this.#ctx = newContext(ggml, specs.length);
    this.pointers = specs.map(({ dtype, shape }) =>
      ggml.ggml_new_tensor_4d(this.#ctx, GGML_TYPE[dtype], ...nativeShape(dtype, shape)),
    );
  }

  get byteLength(): number {
    return this.#buffer === null
      ? 0
      : Number(this.#ggml.ggml_backend_buffer_get_size(this.#buffer));
  }

  /** Gives them zero-filled memory. @throws Error when there is not enough */
  allocate(bufferType: Pointer, { hugePages = false } = {}): void {
    if (this.pointers.length === 0) return;
    const buffer = this.#ggml.ggml_backend_alloc_ctx_tensors_from_buft(this.#ctx, bufferType);
    if (!buffer) throw new Error(`not enough memory for ${this.pointers.length} tensors`);
    this.#buffer = buffer;
    if (hugePages) preferHugePages(this.#ggml.ggml_get_data(this.pointers[0]!)!, this.byteLength);
    this.#ggml.ggml_backend_buffer_clear(buffer, 0);
  }

  /** Places them in memory that somebody else owns, at these offsets. Contract: they fit, the address
   *  and the offsets are multiples of the buffer type's alignment. */
  place(address: Pointer, byteLength: number, offsets: readonly number[]): void {
    const ggml = this.#ggml;
    const buffer = ggml.ggml_backend_cpu_buffer_from_ptr(address, byteLength);
    this.#buffer = buffer;
    for (const [i, pointer] of this.pointers.entries()) {
      ggml.ggml_backend_tensor_alloc(buffer, pointer, address + BigInt(offsets[i]!));
    }
  }

  free(): void {
    if (this.#buffer !== null) this.#ggml.ggml_backend_buffer_free(this.#buffer);
    this.#ggml.ggml_free(this.#ctx);
  }
}

/** ggml sees i8_rows as bytes: each row with the four of its scale. */
function nativeShape(dtype: DType, shape: Shape4): Shape4 {
  return dtype === 'i8_rows' ? [bytesOf(dtype, shape[0]), shape[1], shape[2], shape[3]] : shape;
}
