// The parameters of one kernel call of a product as bytes: `struct product` of native/products.h, every
// field eight bytes wide, in its order.

import type { Pointer } from './declarations.js';

const FIELDS = [
  'fault',
  'weights',
  'source',
  'routes',
  'dst',
  'numSummed',
  'numRows',
  'numExperts',
  'numColumns',
  'numUsed',
  'numInputs',
  'size0',
  'size1',
  'stride0',
  'stride1',
  'stride2',
  'node',
  'nextItem',
  'numDone',
] as const;

type Field = (typeof FIELDS)[number];

export const PRODUCT_BYTES = 8 * FIELDS.length;

export class ProductParams {
  readonly #fields: BigInt64Array;

  /** @param bytes PRODUCT_BYTES of zeros on an eight-byte boundary. */
  constructor(bytes: Uint8Array) {
    this.#fields = new BigInt64Array(bytes.buffer, bytes.byteOffset, FIELDS.length);
  }

  set(values: Partial<Record<Field, number | Pointer>>): void {
    for (const [field, value] of Object.entries(values)) {
      this.#fields[FIELDS.indexOf(field as Field)] = BigInt(value);
    }
  }
}
