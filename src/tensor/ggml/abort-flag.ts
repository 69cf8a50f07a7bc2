// Stops a running compute between two nodes. ggml asks a C callback `bool f(void *data)` on its own
// thread, where JavaScript cannot run; libc's strlen, given a byte string of length 0 or 1, is such
// a function. Setting the byte from the main thread is all it takes.

import type { Pointer } from './declarations.js';
import { ffi } from './ffi.js';
import { libcAddress } from './native-symbols.js';

export class AbortFlag {
  readonly #memory: Pointer;
  readonly #byte: Uint8Array;

  constructor() {
    this.#memory = ffi().alloc('uint8_t', 2) as Pointer;
    this.#byte = new Uint8Array(ffi().view(this.#memory, 2));
    this.#byte.fill(0);
  }

  /** The function to register with ggml, together with `data`. */
  static callback(): Pointer {
    return libcAddress('strlen');
  }

  get data(): Pointer {
    return this.#memory;
  }

  /** Runs `job` with the flag following `signal`. */
  async during(signal: AbortSignal | undefined, job: () => Promise<void>): Promise<void> {
    if (!signal) return job();
    const raise = (): void => {
      this.#byte[0] = 1;
    };
    signal.addEventListener('abort', raise);
    try {
      await job();
    } finally {
      signal.removeEventListener('abort', raise);
      this.#byte[0] = 0;
    }
  }

  free(): void {
    ffi().free(this.#memory);
  }
}
