// Loads the native libraries once per process and binds the declared functions. Picks the CPU
// variant by asking each how well it fits this machine. Keeps no state of its own beyond that.

import { basename } from 'node:path';
import { DeviceUnavailableError } from '../errors.js';
import { BASE_PROTOTYPES, CPU_PROTOTYPES, INIT_PARAMS, SCORE_PROTOTYPE } from './declarations.js';
import type { BaseFunctions, CpuFunctions } from './declarations.js';
import { ffi } from './ffi.js';
import type { NativeLibrary } from './ffi.js';
import { locateLibraries } from './locate.js';
import { libcAddress, pinLibrary } from './native-symbols.js';
import { checkVersion } from './version.js';
import type { GgmlVersion } from './version.js';

export interface GgmlLibrary extends GgmlVersion {
  base: BaseFunctions;
  cpu: CpuFunctions;
  /** e.g. `zen4` */
  cpuVariant: string;
}

export interface LoadOptions {
  /** Folder with the libraries; undefined = the installed platform package. */
  directory?: string | undefined;
  /** Also use a version that declarations.ts was not checked against. */
  acceptUnknownVersion?: boolean | undefined;
}

/** ggml computes on the calling thread's stack; koffi's default of 128 KiB for asynchronous calls
 *  is not enough. */
const STACK_BYTES = 16 * 2 ** 20;

const loaded = new Map<string, GgmlLibrary>();
let koffiReady = false;

/** @throws DeviceUnavailableError if files are missing, cannot be loaded or are of an unknown version. */
export function loadGgml({
  directory,
  acceptUnknownVersion = false,
}: LoadOptions = {}): GgmlLibrary {
  const files = locateLibraries(directory);
  const known = loaded.get(files.base);
  if (known) return known;
  prepareKoffi();
  try {
    const baseLibrary = ffi().load(files.base, { global: true });
    const base = bind<BaseFunctions>(baseLibrary, BASE_PROTOTYPES, ['ggml_version', 'ggml_commit']);
    const found = { version: base.ggml_version(), commit: base.ggml_commit() };
    checkVersion(found, { accept: acceptUnknownVersion });
    const { library: cpuLibrary, file, variant } = pickCpuVariant(files.cpuVariants);
    pinLibrary(files.base);
    pinLibrary(file);
    const library: GgmlLibrary = {
      ...found,
      base: bind<BaseFunctions>(baseLibrary, BASE_PROTOTYPES),
      cpu: bind<CpuFunctions>(cpuLibrary, CPU_PROTOTYPES),
      cpuVariant: variant,
    };
    silenceLog(library.base);
    loaded.set(files.base, library);
    return library;
  } catch (cause) {
    if (cause instanceof DeviceUnavailableError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DeviceUnavailableError(`cannot load ${files.base}: ${reason}`, { cause });
  }
}

/** Types and stack sizes are global to koffi and must be set before its first load. */
function prepareKoffi(): void {
  if (koffiReady) return;
  if (Number(ffi().config().async_stack_size) < STACK_BYTES) {
    try {
      ffi().config({ async_stack_size: STACK_BYTES, sync_stack_size: STACK_BYTES });
    } catch (cause) {
      const message = 'koffi was used before with small stacks; open the device first';
      throw new DeviceUnavailableError(message, { cause });
    }
  }
  ffi().struct('hadal_ggml_init_params', INIT_PARAMS);
  koffiReady = true;
}

/** Binds the functions of a table, or only those named. */
function bind<F>(
  library: NativeLibrary,
  prototypes: Readonly<Record<keyof F, string>>,
  names = Object.keys(prototypes) as (keyof F)[],
): F {
  return Object.fromEntries(names.map((name) => [name, library.func(prototypes[name])])) as F;
}

interface CpuVariant {
  library: NativeLibrary;
  file: string;
  variant: string;
  score: number;
}

/** The variant with the highest score; loading one does not execute its special instructions. */
function pickCpuVariant(files: readonly string[]): CpuVariant {
  let best: CpuVariant | undefined;
  for (const file of files) {
    const library = ffi().load(file);
    const score = scoreOf(library);
    if (score > (best?.score ?? 0)) {
      best?.library.unload();
      const variant = /ggml-cpu-?(.*)\.\w+$/.exec(basename(file))?.[1] || 'generic';
      best = { library, file, variant, score };
    } else {
      library.unload();
    }
  }
  if (!best) throw new DeviceUnavailableError('no ggml CPU variant fits this processor');
  return best;
}

/** A platform with a single variant may export no score. */
function scoreOf(library: NativeLibrary): number {
  let score: () => number;
  try {
    score = library.func(SCORE_PROTOTYPE) as unknown as () => number;
  } catch {
    return 1;
  }
  return score();
}

/** ggml logs to stderr from any thread. libc's abs takes the level and ignores the rest. Failures
 *  reach us as null results and statuses instead. */
function silenceLog(base: BaseFunctions): void {
  base.ggml_log_set(libcAddress('abs'), null);
}
