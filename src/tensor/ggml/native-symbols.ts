// The few things we need from the C library itself: harmless functions to give to ggml as callbacks
// (it calls them from its own threads, where JavaScript cannot run), and a way to keep a library
// loaded for good.

import type { Pointer } from './declarations.js';
import { ffi } from './ffi.js';
import type { NativeLibrary } from './ffi.js';

/** From dlfcn.h; the values differ per system. */
const RTLD_NOW = 2;
const RTLD_NODELETE = process.platform === 'darwin' ? 0x80 : 0x1000;

let libc: NativeLibrary | undefined;

function cLibrary(): NativeLibrary {
  libc ??= ffi().load(process.platform === 'win32' ? 'msvcrt.dll' : null);
  return libc;
}

/** Address of a function of the C library. */
export function libcAddress(name: 'strlen' | 'abs'): Pointer {
  return cLibrary().symbol(name) as Pointer;
}

/** Binds a function of the C library. Contract: F is what the prototype says. */
export function libcFunction<F>(prototype: string): F {
  return cLibrary().func(prototype) as F;
}

/** Keeps a library mapped until the process is gone. koffi unloads libraries when its environment
 *  ends, while threads of a live pool still run code in them: a segmentation fault at exit. */
export function pinLibrary(file: string): void {
  if (process.platform === 'win32') {
    const load = ffi().load('kernel32.dll').func('void *LoadLibraryW(const char16_t *name)');
    load(file); // never freed
    return;
  }
  const dlopen = cLibrary().func('void *dlopen(const char *file, int mode)');
  dlopen(file, RTLD_NOW | RTLD_NODELETE);
}
