// The way in: opens the fastest device that works here. Falls back to the reference device only with
// a warning, because it is orders of magnitude slower.

import { availableParallelism } from 'node:os';
import { DeviceUnavailableError } from './errors.js';
import { GgmlDriver } from './ggml/driver.js';
import { loadGgml } from './ggml/library.js';
import { HostDevice } from './host-device.js';
import { ReferenceDriver } from './reference/driver.js';
import { selfTest } from './self-test.js';
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
}

const MAX_DEFAULT_THREADS = 8;

/** @throws DeviceUnavailableError with `prefer: 'ggml'` where the native library cannot be used,
 *  RangeError for a thread count out of 1..512. */
export function openDevice({
  prefer = 'auto',
  numThreads = Math.min(availableParallelism(), MAX_DEFAULT_THREADS),
  onWarning = (warning) => process.emitWarning(warning),
  libraryDirectory = process.env['HADAL_GGML_DIR'],
  acceptUnknownVersion = process.env['HADAL_GGML_UNCHECKED'] === '1',
}: OpenDeviceOptions = {}): Device {
  if (!Number.isInteger(numThreads) || numThreads < 1 || numThreads > 512) {
    throw new RangeError(`numThreads is ${numThreads}, expected 1..512`);
  }
  if (prefer === 'reference') return openReference();
  try {
    return openGgml({ numThreads, directory: libraryDirectory, acceptUnknownVersion });
  } catch (error) {
    if (prefer === 'ggml' || !(error instanceof DeviceUnavailableError)) throw error;
    onWarning(`${error.message}. Using the reference device: correct, but very slow`);
    return openReference();
  }
}

function openReference(): Device {
  return new HostDevice(new ReferenceDriver());
}

function openGgml({
  numThreads,
  ...load
}: {
  numThreads: number;
  directory: string | undefined;
  acceptUnknownVersion: boolean;
}): Device {
  const library = loadGgml(load);
  // One thread: what is tested is the library, and threads that start up only slow a small graph.
  const probe = new HostDevice(new GgmlDriver(library, 1));
  const reference = openReference();
  try {
    selfTest(probe, reference);
  } finally {
    probe.dispose();
    reference.dispose();
  }
  return new HostDevice(new GgmlDriver(library, numThreads));
}
