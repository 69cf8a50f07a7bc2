// The way in: opens the fastest device that works here. Falls back to the reference device only with
// a warning, because it is orders of magnitude slower.

import { availableParallelism } from 'node:os';
import { DeviceUnavailableError } from './errors.js';
import { GgmlDriver } from './ggml/driver.js';
import { KernelsUnavailableError } from './ggml/kernel-compiler.js';
import { loadKernels } from './ggml/kernels.js';
import type { Kernels } from './ggml/kernels.js';
import { loadGgml } from './ggml/library.js';
import type { GgmlLibrary } from './ggml/library.js';
import { HostDevice } from './host-device.js';
import { ReferenceDriver } from './reference/driver.js';
import { compareProducts } from './product-self-test.js';
import { selfTest } from './self-test.js';
import { compareTables } from './table-self-test.js';
import type { Device } from './types.js';

export interface OpenDeviceOptions {
  /** `ggml` fails where ggml does; `auto` (default) then falls back to the reference device. */
  prefer?: 'auto' | 'ggml' | 'reference';
  /** Default: the number of usable processors, at most 8. */
  numThreads?: number;
  /** Told in one sentence why `auto` fell back. Default: process.emitWarning. */
  onWarning?: (warning: string) => void;
  /** Folder with the ggml libraries instead of the installed package. Default: HADAL_GGML_DIR. */
  libraryDirectory?: string | undefined;
  /** Also accept library versions unknown to this release. Default: HADAL_GGML_UNCHECKED=1. */
  acceptUnknownVersion?: boolean;
  /** Whether to build and use the native kernels for row tables and products; Device.kernels says what came of
   *  it. Default: unless HADAL_NATIVE_KERNELS switches them off. */
  nativeKernels?: boolean;
  /** Told in one sentence before native kernels are built, which takes seconds and happens once. */
  onBuild?: (message: string) => void;
}

const MAX_DEFAULT_THREADS = 8;

/** @throws DeviceUnavailableError with `prefer: 'ggml'` where the native library cannot be used,
 *  RangeError for a thread count out of 1..512 or a HADAL_NATIVE_KERNELS that is neither on nor off. */
export function openDevice({
  prefer = 'auto',
  numThreads = Math.min(availableParallelism(), MAX_DEFAULT_THREADS),
  onWarning = (warning) => process.emitWarning(warning),
  libraryDirectory = process.env['HADAL_GGML_DIR'],
  acceptUnknownVersion = process.env['HADAL_GGML_UNCHECKED'] === '1',
  nativeKernels = isSwitchedOn('HADAL_NATIVE_KERNELS'),
  onBuild,
}: OpenDeviceOptions = {}): Device {
  if (!Number.isInteger(numThreads) || numThreads < 1 || numThreads > 512) {
    throw new RangeError(`numThreads is ${numThreads}, expected 1..512`);
  }
  if (prefer === 'reference') return openReference();
  try {
    const load = { directory: libraryDirectory, acceptUnknownVersion };
    return openGgml({ numThreads, nativeKernels, onBuild, load });
  } catch (error) {
    if (prefer === 'ggml' || !(error instanceof DeviceUnavailableError)) throw error;
    onWarning(`${error.message}. Using the reference device: correct, but very slow`);
    return openReference();
  }
}

/** A switch in the environment; on where it is not set. */
function isSwitchedOn(name: string): boolean {
  const value = process.env[name] ?? '';
  if (/^(?:|on|1|true|yes)$/i.test(value)) return true;
  if (/^(?:off|0|false|no)$/i.test(value)) return false;
  throw new RangeError(`${name} is ${JSON.stringify(value)}; use on or off`);
}

function openReference(): Device {
  return new HostDevice(new ReferenceDriver());
}

interface OpenGgmlOptions {
  numThreads: number;
  nativeKernels: boolean;
  onBuild: ((message: string) => void) | undefined;
  load: { directory: string | undefined; acceptUnknownVersion: boolean };
}

function openGgml({ numThreads, nativeKernels, onBuild, load }: OpenGgmlOptions): Device {
  const library = loadGgml(load);
  const reference = openReference();
  try {
    probe(library, 'not asked for', (device) => selfTest(device, reference));
    const kernels = nativeKernels ? trustedKernels(library, reference, onBuild) : 'turned off';
    return new HostDevice(new GgmlDriver(library, numThreads, kernels));
  } finally {
    reference.dispose();
  }
}

/** Native kernels that computed the right thing, or in one line why there are none. */
function trustedKernels(
  library: GgmlLibrary,
  reference: Device,
  onBuild: OpenGgmlOptions['onBuild'],
): Kernels | string {
  let kernels: Kernels;
  try {
    kernels = loadKernels({ caller: `ggml ${library.version} (${library.commit})`, onBuild });
  } catch (error) {
    if (error instanceof KernelsUnavailableError) return error.message;
    throw error;
  }
  const difference = probe(library, kernels, (device) => {
    return compareTables(device, reference) ?? compareProducts(device, reference);
  });
  if (difference === undefined) return kernels;
  return `${kernels.description} failed the self-test: ${difference}`;
}

/** One thread: what is tested is the code, and threads that start up only slow a small graph. */
function probe<R>(library: GgmlLibrary, kernels: Kernels | string, test: (device: Device) => R): R {
  const device = new HostDevice(new GgmlDriver(library, 1, kernels));
  try {
    return test(device);
  } finally {
    device.dispose();
  }
}
