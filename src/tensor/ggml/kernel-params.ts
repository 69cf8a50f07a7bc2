// The parameters of one kernel call as bytes: `struct node` of native/row-tables.h, every field eight
// bytes wide, in its order.

import type { Pointer } from './declarations.js';

const FIELDS = [
  'fault',
  'rows',
  'table',
  'dtype',
  'width',
  'rowBytes',
  'layer',
  'numTokens',
  'numThreads',
  'scratch',
  'scratchStride',
  'positions',
  'values',
  'queries',
  'weights',
  'chosen',
  'dst',
  'numHeads',
  'k',
  'valueWidth',
  'scale',
  'numParts',
  'partials',
  'nextItem',
  'numDone',
] as const;

type Field = (typeof FIELDS)[number];

export const NODE_BYTES = 8 * FIELDS.length;

export const ROWS_DTYPE = { f32: 0, f16: 1, i8_rows: 2 } as const;

export class KernelParams {
  readonly bytes: Uint8Array;
  readonly #view: DataView;

  /** @param bytes NODE_BYTES of zeros. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  setInteger(field: Exclude<Field, 'scale'>, value: number | Pointer): void {
    this.#view.setBigInt64(8 * FIELDS.indexOf(field), BigInt(value), true);
  }

  setScale(value: number): void {
    this.#view.setFloat64(8 * FIELDS.indexOf('scale'), value, true);
  }
}
