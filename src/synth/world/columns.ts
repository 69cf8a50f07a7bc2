// Columns as modules write them down: a type, a meaning and what is special. Names and labels come from
// the environment's words (naming.ts).

import type { Column } from '../world-types.js';

/** A column before it has its name and label. */
export type ColumnDraft = Omit<Column, 'name' | 'label' | 'valueLabels'>;
type Special = Pick<ColumnDraft, 'nullable' | 'unique' | 'hidden'>;

export const text = (meaning: string, special: Special = {}): ColumnDraft => ({
  type: 'text',
  meaning,
  ...special,
});
export const int = (meaning: string, special: Special = {}): ColumnDraft => ({
  type: 'int',
  meaning,
  ...special,
});
export const money = (meaning: string, special: Special = {}): ColumnDraft => ({
  type: 'money',
  meaning,
  ...special,
});
export const flag = (meaning: string, special: Special = {}): ColumnDraft => ({
  type: 'bool',
  meaning,
  ...special,
});
export const date = (meaning: string, special: Special = {}): ColumnDraft => ({
  type: 'date',
  meaning,
  ...special,
});
export const datetime = (meaning: string, special: Special = {}): ColumnDraft => ({
  type: 'datetime',
  meaning,
  ...special,
});
export const choice = (
  meaning: string,
  values: readonly string[],
  special: Special = {},
): ColumnDraft => ({ type: 'enum', meaning, values, ...special });
export const ref = (
  meaning: string,
  table: { readonly name: string },
  special: Special = {},
): ColumnDraft => ({ type: 'ref', meaning, references: table.name, ...special });

/** The columns where the condition holds, else none. */
export const when = (
  condition: boolean,
  ...columns: readonly ColumnDraft[]
): readonly ColumnDraft[] => (condition ? columns : []);

/** The name that a row is spoken of by, the only one of its kind. */
export const named = (): ColumnDraft => text('name', { unique: true });
