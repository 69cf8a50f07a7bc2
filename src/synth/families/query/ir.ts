// Questions about tables whose answers are values: the IR of the families that look things up. Rows are
// described by conditions on their columns and on what they refer to, never by id. Plain JSON.
// Source: agents reference §6.4 F4.

import type { Json } from '../../world-types.js';
import type { Comparison } from '../constraint.js';

/** A condition on a column of a row, or on a column of what it refers to. */
export type Condition = {
  readonly path: readonly string[];
  readonly op: Comparison;
  readonly value: Json;
};

type Rows = { readonly table: string; readonly where: readonly Condition[] };

export type Question =
  | (Rows & { readonly kind: 'count' })
  | (Rows & { readonly kind: 'sum' | 'max' | 'min'; readonly column: string })
  /** Something about the one row that meets the conditions. */
  | (Rows & { readonly kind: 'only'; readonly ask: readonly string[] })
  /** Something about the row with the highest or lowest number among those that meet them. */
  | (Rows & {
      readonly kind: 'extreme';
      readonly order: 'highest' | 'lowest';
      readonly column: string;
      readonly ask: readonly string[];
    });

/** Which field of the submission the answer goes into. */
export type Asked = { readonly field: string; readonly question: Question };

export type QueryIr = { readonly asked: readonly Asked[] };

/** Highest number of questions that texts can speak of. */
export const MAX_QUESTIONS = 6;

export function fieldName(number: number): string {
  return `answer_${number}`;
}
