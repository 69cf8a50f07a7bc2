// A batch: the rows of one kind that are worked through in an order, those left out, the budget, the change.

import type { Value } from '../world-types.js';
import type { Comparison } from './constraint.js';
import type { Operation } from './operate/operation.js';

type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;
/** A change without the row that it is made to. */
export type BatchAction = Without<
  Extract<Operation, { kind: 'move' | 'set' | 'adjust' }>,
  'table' | 'row'
>;

export interface BatchIr {
  readonly table: string;
  readonly filter: { readonly column: string; readonly value: Value };
  readonly skip: { readonly column: string; readonly op: Comparison; readonly value: Value } | null;
  readonly order: { readonly column: string; readonly descending: boolean };
  readonly budget: {
    readonly column: string;
    readonly limit: number;
    readonly mode: 'skip' | 'stop';
  };
  readonly action: BatchAction;
}
