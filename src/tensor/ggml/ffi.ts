// Loads koffi when it is first needed: an import would fail the whole program on a platform without
// a koffi binary, where the reference device should still work.

import { createRequire } from 'node:module';
import { DeviceUnavailableError } from '../errors.js';

export type Koffi = typeof import('koffi');
export type NativeLibrary = ReturnType<Koffi['load']>;

let koffi: Koffi | undefined;

/** @throws DeviceUnavailableError if there is no koffi for this platform. */
export function ffi(): Koffi {
  try {
    koffi ??= createRequire(import.meta.url)('koffi') as Koffi;
    return koffi;
  } catch (cause) {
    const platform = `${process.platform}-${process.arch}`;
    throw new DeviceUnavailableError(`koffi cannot be loaded on ${platform}`, { cause });
  }
}
