// The builder's operations on row tables: checks every call and records it. What the operations mean
// is in graph.ts; where the rows lie is known only when the graph runs.

import { BLOCK_LAYOUTS } from './dtype.js';
import { describeTensor, ShapeError } from './errors.js';
import { expect, expectFinite } from './expectations.js';
import type { AttendRowsOptions, IndexTopKOptions, RowTableSpec } from './graph.js';
import { sameShape } from './layout.js';
import { TableNode } from './node.js';
import type { GraphNode, RowTableDType } from './node.js';
import type { NodeList } from './node-list.js';
import type { DType, RowTable, Tensor } from './types.js';

const TABLE_DTYPES: readonly DType[] = ['f32', 'f16', 'i8_rows'];
/** Attention needs rows as they are; i8_rows only rank keys. */
const LATENT_DTYPES: readonly DType[] = ['f32', 'f16'];
/** Bounds what a kernel keeps per query: wide enough for any published model many times over. */
export const MAX_TABLE_WIDTH = 8192;
export const MAX_TABLE_HEADS = 1024;
export const MAX_TOP_K = 1 << 20;

/** What the device says of its kernels. */
export interface TableSupport {
  readonly hasRowTables: boolean;
  readonly kernels: string;
}

export class TableNodes {
  readonly tables = new Map<string, TableNode>();
  readonly #list: NodeList;
  readonly #support: TableSupport;

  constructor(list: NodeList, support: TableSupport) {
    this.#list = list;
    this.#support = support;
  }

  /** @throws Error where the device has no row tables. */
  rowTable(name: string, spec: RowTableSpec): TableNode {
    const { hasRowTables, kernels } = this.#support;
    if (!hasRowTables) throw new Error(`rowTable: this device has no row tables (${kernels})`);
    const op = `rowTable ${name}`;
    const { dtype, width, numLayers, numTokens } = spec;
    expect(op, TABLE_DTYPES.includes(dtype), String(dtype), TABLE_DTYPES.join(' | '));
    const { blockSize } = BLOCK_LAYOUTS[dtype];
    const fits = isSize(width, MAX_TABLE_WIDTH) && width % blockSize === 0;
    expect(op, fits, `width ${width}`, `a multiple of ${blockSize} in 1..${MAX_TABLE_WIDTH}`);
    expect(op, isSize(numLayers), `numLayers ${numLayers}`, 'an integer >= 1');
    expect(op, isSize(numTokens), `numTokens ${numTokens}`, 'an integer >= 1');
    const table = new TableNode(this.#list, { name, dtype, width, numLayers, numTokens });
    this.tables.set(name, table);
    return table;
  }

  write(rowTable: RowTable, layer: number, values: Tensor, positions: Tensor): void {
    const op = 'writeTableRows';
    const table = this.#table(op, rowTable, layer);
    const x = this.#list.packed(op, 'values', values, ['f32']);
    const wanted = [table.width, table.numTokens, 1, 1] as const;
    expect(op, sameShape(x.shape, wanted), describeTensor(x), `values ${describe(wanted)}`);
    const p = this.#positions(op, table, positions);
    // The result is a token that stands for the write; nothing reads it.
    this.#list.own({ kind: op, table, layer }, [x, p], 'i32', [1, 1, 1, 1]);
  }

  indexTopK(rowTable: RowTable, layer: number, options: IndexTopKOptions): GraphNode {
    const op = 'indexTopK';
    const table = this.#table(op, rowTable, layer);
    const { k } = options;
    const q = this.#queries(op, table, options.queries);
    const w = this.#list.packed(op, 'headWeights', options.headWeights, ['f32']);
    const wanted = [q.shape[1], table.numTokens, 1, 1] as const;
    expect(op, sameShape(w.shape, wanted), describeTensor(w), `headWeights ${describe(wanted)}`);
    const p = this.#positions(op, table, options.positions);
    expect(op, isSize(k, MAX_TOP_K), `k ${k}`, `an integer k in 1..${MAX_TOP_K}`);
    return this.#list.own({ kind: op, table, layer, k }, [q, w, p], 'i32', [
      k,
      table.numTokens,
      1,
      1,
    ]);
  }

  attend(rowTable: RowTable, layer: number, options: AttendRowsOptions): GraphNode {
    const op = 'attendRows';
    const table = this.#table(op, rowTable, layer);
    const { valueWidth, scale } = options;
    expect(op, LATENT_DTYPES.includes(table.dtype), table.dtype, LATENT_DTYPES.join(' | '));
    const q = this.#queries(op, table, options.queries);
    const sources = [q, this.#positions(op, table, options.positions)];
    if (options.chosen) {
      const chosen = this.#list.packed(op, 'chosen', options.chosen, ['i32']);
      const lists = sameShape(chosen.shape, [chosen.shape[0], table.numTokens, 1, 1]);
      expect(op, lists, describeTensor(chosen), `chosen [k, ${table.numTokens}]`);
      sources.push(chosen);
    }
    const fits = isSize(valueWidth, table.width);
    expect(op, fits, `valueWidth ${valueWidth}`, `an integer in 1..${table.width}`);
    expectFinite(op, { scale });
    const shape = [valueWidth, q.shape[1], table.numTokens, 1] as const;
    return this.#list.own({ kind: op, table, layer, valueWidth, scale }, sources, 'f32', shape);
  }

  #table(op: string, table: RowTable, layer: number): TableNode {
    if (!(table instanceof TableNode) || table.owner !== this.#list) {
      throw new Error(`${op}: the table is not one of this graph (use rowTable() first)`);
    }
    const exists = Number.isInteger(layer) && layer >= 0 && layer < table.numLayers;
    expect(op, exists, `layer ${layer}`, `0..${table.numLayers - 1} of table ${table.name}`);
    return table;
  }

  /** f32 [width, heads, N] */
  #queries(op: string, table: TableNode, queries: Tensor): GraphNode {
    const q = this.#list.packed(op, 'queries', queries, ['f32']);
    const fits = sameShape(q.shape, [table.width, q.shape[1], table.numTokens, 1]);
    const expected = `queries [${table.width}, heads, ${table.numTokens}]`;
    expect(op, fits, describeTensor(q), expected);
    expect(
      op,
      q.shape[1] <= MAX_TABLE_HEADS,
      describeTensor(q),
      `at most ${MAX_TABLE_HEADS} heads`,
    );
    return q;
  }

  #positions(op: string, table: TableNode, positions: Tensor): GraphNode {
    const p = this.#list.packed(op, 'positions', positions, ['i32']);
    const fits = sameShape(p.shape, [table.numTokens, 1, 1, 1]);
    expect(op, fits, describeTensor(p), `positions [${table.numTokens}]`);
    return p;
  }
}

/** @throws ShapeError unless a tensor of this dtype and shape can be bound to the table. */
export function expectBindable(table: TableNode, tensor: Tensor4): void {
  const { dtype, shape } = tensor;
  const wanted = `${table.dtype} [${table.width}, rows, ${table.numLayers}]`;
  const fits =
    dtype === table.dtype &&
    shape[0] === table.width &&
    shape[2] === table.numLayers &&
    shape[3] === 1;
  if (fits) return;
  throw new ShapeError(
    `bindRows ${table.name}`,
    `${tensor.name} ${describeTensor(tensor)}`,
    wanted,
  );
}

interface Tensor4 {
  readonly name: string;
  readonly dtype: RowTableDType | DType;
  readonly shape: readonly [number, number, number, number];
}

function isSize(value: number, max = 2 ** 31 - 1): boolean {
  return Number.isInteger(value) && value >= 1 && value <= max;
}

function describe([n0, n1]: readonly [number, number, number, number]): string {
  return `[${n0}, ${n1}]`;
}
