// The errors of the tensor layer. Everything thrown here is a fault of the caller or of the
// installation; nothing that a user typed reaches this layer unchecked.

import type { DType, Shape } from './types.js';

/** A shape or dtype that an operation does not accept, found before the native call that would have
 *  aborted the process. */
export class ShapeError extends Error {
  override readonly name = 'ShapeError';
  readonly op: string;

  constructor(op: string, seen: string, expected: string) {
    super(`${op}: got ${seen}, expected ${expected}`);
    this.op = op;
  }
}

/** Use of memory, a graph or a device after dispose(). */
export class DisposedError extends Error {
  override readonly name = 'DisposedError';

  constructor(what: string) {
    super(`${what} has been disposed`);
  }
}

/** Memory touched, or freed, while a compute may be using it. */
export class DeviceBusyError extends Error {
  override readonly name = 'DeviceBusyError';

  constructor(what: string) {
    super(`${what} while a compute is running; await it first`);
  }
}

/** No usable native library: missing, of an unknown version, or failing its self-test. */
export class DeviceUnavailableError extends Error {
  override readonly name = 'DeviceUnavailableError';
}

/** `f32 [4, 3]`, trailing ones left out. */
export function describeTensor(tensor: { dtype: DType; shape: Shape }): string {
  return `${tensor.dtype} ${describeShape(tensor.shape)}`;
}

export function describeShape(shape: Shape): string {
  let length = shape.length;
  while (length > 1 && shape[length - 1] === 1) length--;
  return `[${shape.slice(0, length).join(', ')}]`;
}
