// The rows behind one row table while a graph runs: reads and writes row r of token t's sequence,
// whatever the dtype, and says no to positions beyond what is bound.

import type { BoundRows } from '../driver.js';
import { bytesOf } from '../dtype.js';
import { f16ToF32, f32ToF16 } from '../half.js';
import { readI8Row, writeI8Row } from '../i8-rows.js';
import type { Quantized } from '../i8-rows.js';
import type { TableNode } from '../node.js';
import type { ReferenceTensor } from './driver.js';

export class TableRows {
  readonly table: TableNode;
  #tokens: readonly BoundRows<ReferenceTensor>[] = [];

  constructor(table: TableNode) {
    this.table = table;
  }

  bind(tokens: readonly BoundRows<ReferenceTensor>[]): void {
    this.#tokens = tokens;
  }

  /** @throws RangeError for a position that the token's tensor does not have. */
  checkPosition(token: number, position: number): number {
    const { numRows } = this.#tokens[token]!;
    if (position >= 0 && position < numRows) return position;
    throw new RangeError(
      `row table ${this.table.name}: token ${token} at position ${position}, ` +
        `its tensor has ${numRows} rows`,
    );
  }

  write(layer: number, token: number, row: number, values: Float32Array): void {
    const bytes = this.#layer(layer, token);
    const { dtype, width } = this.table;
    if (dtype === 'i8_rows') return writeI8Row(bytes, row, values);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const start = row * bytesOf(dtype, width);
    values.forEach((value, i) => {
      if (dtype === 'f32') view.setFloat32(start + 4 * i, value, true);
      else view.setUint16(start + 2 * i, f32ToF16(value), true);
    });
  }

  /** Row of a float table, into `out`. */
  read(layer: number, token: number, row: number, out: Float32Array): Float32Array {
    const bytes = this.#layer(layer, token);
    const { dtype, width } = this.table;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const start = row * bytesOf(dtype, width);
    for (let i = 0; i < width; i++) {
      out[i] =
        dtype === 'f32'
          ? view.getFloat32(start + 4 * i, true)
          : f16ToF32(view.getUint16(start + 2 * i, true));
    }
    return out;
  }

  /** Row of an i8_rows table. */
  readQuantized(layer: number, token: number, row: number): Quantized {
    return readI8Row(this.#layer(layer, token), row, this.table.width);
  }

  #layer(layer: number, token: number): Uint8Array {
    const { memory, numRows } = this.#tokens[token]!;
    const byteLength = numRows * bytesOf(this.table.dtype, this.table.width);
    return memory.bytes().subarray(layer * byteLength, (layer + 1) * byteLength);
  }
}
