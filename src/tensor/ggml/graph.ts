// A ggml graph with its memory: runs it on this thread or off it, and frees it.

import type { BoundRows, DriverGraph } from '../driver.js';
import type { GraphNode, TableNode } from '../node.js';
import type { AbortFlag } from './abort-flag.js';
import { STATUS } from './declarations.js';
import type { BaseFunctions, Pointer } from './declarations.js';
import type { GraphProducts } from './graph-products.js';
import type { GraphTables } from './graph-tables.js';
import type { GgmlTensor } from './tensor.js';

export interface GgmlGraphFields {
  ggml: BaseFunctions;
  backend: Pointer;
  graph: Pointer;
  abortFlag: AbortFlag;
  /** Absent where the graph has no row tables. */
  tables: GraphTables | undefined;
  /** Absent where the graph has no products of our own kernels. */
  products: GraphProducts | undefined;
  numNodes: number;
  scratchBytes: number;
  bytes: (node: GraphNode) => Uint8Array;
  free: () => void;
}

export class GgmlGraph implements DriverGraph<GgmlTensor> {
  readonly numNodes: number;
  readonly scratchBytes: number;
  readonly bytes: (node: GraphNode) => Uint8Array;
  readonly free: () => void;
  readonly #fields: GgmlGraphFields;

  constructor(fields: GgmlGraphFields) {
    this.numNodes = fields.numNodes;
    this.scratchBytes = fields.scratchBytes;
    this.bytes = fields.bytes;
    this.free = fields.free;
    this.#fields = fields;
  }

  bindRows(table: TableNode, tokens: readonly BoundRows<GgmlTensor>[]): void {
    this.#fields.tables!.bind(table, tokens);
  }

  run(): void {
    const { ggml, backend, graph } = this.#fields;
    this.#clearFaults();
    assertSuccess(ggml.ggml_backend_graph_compute(backend, graph));
    this.#throwFault();
  }

  runAsync(signal: AbortSignal | undefined): Promise<void> {
    return this.#fields.abortFlag.during(signal, async () => {
      this.#clearFaults();
      const status = await this.#computeAsync();
      if (status === STATUS.aborted) signal?.throwIfAborted();
      assertSuccess(status);
      this.#throwFault();
    });
  }

  #clearFaults(): void {
    this.#fields.tables?.clearFault();
    this.#fields.products?.clearFault();
  }

  #throwFault(): void {
    this.#fields.tables?.throwFault();
    this.#fields.products?.throwFault();
  }

  #computeAsync(): Promise<number> {
    const { ggml, backend, graph } = this.#fields;
    return new Promise((resolve, reject) => {
      ggml.ggml_backend_graph_compute.async(backend, graph, (error, status) => {
        if (error) reject(error);
        else resolve(status);
      });
    });
  }
}

function assertSuccess(status: number): void {
  if (status !== STATUS.success)
    throw new Error(`ggml could not compute the graph (status ${status})`);
}
