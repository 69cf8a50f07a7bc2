// Which tensors the row tables of one compiled graph are bound to, and for which of their allocations
// the graph counts as a user. Checks what is bound; runs nothing.

import type { BoundRows, DriverTensor } from './driver.js';
import type { HostAllocation, HostTensor } from './host-allocation.js';
import type { TableNode } from './node.js';
import { expectBindable } from './table-nodes.js';
import type { DeviceTensor } from './types.js';

interface Binding<T extends DriverTensor> {
  tensors: readonly HostTensor<T>[];
  allocations: ReadonlySet<HostAllocation<T>>;
}

export class RowBindings<T extends DriverTensor> {
  readonly #tables: ReadonlyMap<string, TableNode>;
  readonly #bindings = new Map<TableNode, Binding<T>>();

  constructor(tables: ReadonlyMap<string, TableNode>) {
    this.#tables = tables;
  }

  /** @throws Error for an unknown name. */
  table(name: string): TableNode {
    const table = this.#tables.get(name);
    if (table) return table;
    const known = [...this.#tables.keys()].join(', ') || 'none';
    throw new Error(`no row table named ${name}; there are ${known}`);
  }

  /** Takes over the tensors. undefined = they are bound already.
   *  @throws ShapeError, RangeError as CompiledGraph.bindRows. */
  bind(table: TableNode, tensors: readonly HostTensor<T>[]): BoundRows<T>[] | undefined {
    if (tensors.length !== table.numTokens) {
      const wanted = `one for each of its ${table.numTokens} tokens`;
      throw new RangeError(`bindRows ${table.name}: got ${tensors.length} tensors, not ${wanted}`);
    }
    const bound = this.#bindings.get(table);
    if (bound && tensors.every((tensor, token) => tensor === bound.tensors[token]))
      return undefined;
    for (const tensor of tensors) expectBindable(table, tensor);
    const allocations = new Set(tensors.map(({ allocation }) => allocation));
    for (const allocation of allocations) allocation.addUser();
    this.#release(table);
    this.#bindings.set(table, { tensors: [...tensors], allocations });
    return tensors.map(({ memory, shape }) => ({ memory, numRows: shape[1] }));
  }

  /** Every table in which the tensor occurs has to be bound again. */
  unbind(tensor: DeviceTensor): void {
    for (const [table, { tensors }] of this.#bindings) {
      if (tensors.some((bound) => bound === tensor)) this.#release(table);
    }
  }

  /** @throws Error naming a table that is not bound. */
  assertBound(): void {
    if (this.#bindings.size === this.#tables.size) return;
    for (const table of this.#tables.values()) {
      if (this.#bindings.has(table)) continue;
      throw new Error(`row table ${table.name} is not bound; call bindRows before a run`);
    }
  }

  releaseAll(): void {
    for (const table of this.#bindings.keys()) this.#release(table);
  }

  #release(table: TableNode): void {
    const binding = this.#bindings.get(table);
    if (!binding) return;
    for (const allocation of binding.allocations) allocation.removeUser();
    this.#bindings.delete(table);
  }
}
