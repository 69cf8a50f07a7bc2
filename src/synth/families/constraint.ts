// What a request can demand of the things chosen for its slots: the constraint IR that texts are made
// from, solvers search under and verifiers evaluate. Plain JSON; ids of rows never appear in it.
// Source: agents reference §6.4 F1, F2, F11.

import type { Json } from '../world-types.js';

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** A place to be filled with one row: `berth_1`. */
export type Slot = { readonly id: string; readonly table: string };

/** Which slots: a list of ids, or all of the request. */
export type Slots = 'all' | readonly string[];

/** A column of what is chosen for a slot; a path of two goes through a reference. */
export type Atom = {
  readonly kind: 'atom';
  readonly of: string;
  readonly path: readonly string[];
  readonly op: Comparison;
  readonly value: Json;
};

/** The costs added up. */
export type Total = {
  readonly kind: 'total';
  readonly of: Slots;
  readonly op: Comparison;
  readonly value: number;
};

/** What can stand behind a condition. */
export type Clause = Atom | Total;

export type Constraint =
  | Clause
  /** The total lies in low .. high, both included. */
  | { readonly kind: 'between'; readonly of: Slots; readonly low: number; readonly high: number }
  | {
      readonly kind: 'if';
      readonly if: Clause;
      readonly yes: Clause;
      readonly no: Clause | null;
    }
  /** The first limit that the amount reaches decides. */
  | {
      readonly kind: 'tiers';
      readonly of: string;
      readonly path: readonly string[];
      readonly high: number;
      readonly low: number;
      readonly atHigh: Clause;
      readonly atLow: Clause;
      readonly below: Clause;
    }
  | { readonly kind: 'group'; readonly rule: 'same' | 'different'; readonly of: Slots }
  /** No row of the table twice. */
  | { readonly kind: 'distinct'; readonly table: string }
  /** One costs less than the other. */
  | { readonly kind: 'order'; readonly low: string; readonly high: string };

/** Part of a selectable affordance that constraints need. */
export interface Choosable {
  readonly table: string;
  readonly name: string;
  readonly cost: string;
  readonly attributes: readonly string[];
  readonly group: string | null;
}

/** Highest number of slots per table that texts can speak of. */
export const MAX_SLOTS = 6;

export function slotId(table: string, number: number): string {
  return `${table}_${number}`;
}

/** Table of a slot's id. */
export function tableOf(slot: string): string {
  return slot.slice(0, slot.lastIndexOf('_'));
}

/** The slots that a constraint speaks of. */
export function slotsOf(constraint: Constraint, slots: readonly Slot[]): string[] {
  const all = slots.map(({ id }) => id);
  switch (constraint.kind) {
    case 'atom':
      return [constraint.of];
    case 'total':
    case 'between':
    case 'group':
      return constraint.of === 'all' ? all : [...constraint.of];
    case 'if': {
      const parts = [constraint.if, constraint.yes, ...(constraint.no ? [constraint.no] : [])];
      return unique(parts.flatMap((part) => slotsOf(part, slots)));
    }
    case 'tiers': {
      const parts = [constraint.atHigh, constraint.atLow, constraint.below];
      return unique([constraint.of, ...parts.flatMap((part) => slotsOf(part, slots))]);
    }
    case 'distinct':
      return slots.filter(({ table }) => table === constraint.table).map(({ id }) => id);
    case 'order':
      return [constraint.low, constraint.high];
  }
}

/** The clauses inside, itself if it is one. */
export function clausesOf(constraint: Constraint): Clause[] {
  switch (constraint.kind) {
    case 'atom':
    case 'total':
      return [constraint];
    case 'if':
      return [constraint.if, constraint.yes, ...(constraint.no ? [constraint.no] : [])];
    case 'tiers':
      return [constraint.atHigh, constraint.atLow, constraint.below];
    default:
      return [];
  }
}

function unique(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
