// One ggml tensor that outlives graphs: a weight or a cache.

import type { DriverTensor } from '../driver.js';
import type { TensorForm } from '../types.js';
import type { BaseFunctions, Pointer } from './declarations.js';
import { ffi } from './ffi.js';

export class GgmlTensor implements DriverTensor {
  readonly pointer: Pointer;
  readonly form: TensorForm;
  readonly #ggml: BaseFunctions;
  #address: Pointer | undefined;

  constructor(ggml: BaseFunctions, pointer: Pointer, form: TensorForm) {
    this.#ggml = ggml;
    this.pointer = pointer;
    this.form = form;
  }

  bytes(): Uint8Array {
    return hostView(this.#ggml, this.pointer);
  }

  /** Where the bytes are; asked for once. */
  get address(): Pointer {
    this.#address ??= this.#ggml.ggml_get_data(this.pointer)!;
    return this.#address;
  }

  /** ggml rearranges what needs it on the way. */
  write(bytes: Uint8Array, byteOffset: number): void {
    this.#ggml.ggml_backend_tensor_set(this.pointer, bytes, byteOffset, bytes.byteLength);
  }
}

/** The tensor's memory, without a copy. Valid until the buffer is freed. */
export function hostView(ggml: BaseFunctions, pointer: Pointer): Uint8Array {
  return new Uint8Array(ffi().view(ggml.ggml_get_data(pointer), Number(ggml.ggml_nbytes(pointer))));
}
