// Requests that lack one condition: every constraint, filter or optional clause of an IR left out in
// turn. What the family's solver answers to them tells whether the condition matters, and is what an
// agent hands in who overlooks it. Source: agents reference §5 (G6) and §6.6 (A4).

import type { JsonObject, Json } from '../world-types.js';
import { isObject } from './bench.js';

/** Lists of conditions in IRs: each item can be left out alone. */
const LISTS = new Set(['constraints', 'ruled', 'where', 'avoid', 'symptoms']);
/** Conditions that may be null. A mode that is a word is no condition but a way of doing things. */
const OPTIONAL = new Set(['skip', 'via', 'legs', 'shut', 'mode']);

export interface Weaker {
  /** Where the condition stood. */
  readonly path: string;
  readonly ir: JsonObject;
}

export function weakerRequests(ir: JsonObject): Weaker[] {
  return weaker(ir, '').map(({ path, value }) => ({ path, ir: value as JsonObject }));
}

interface Changed {
  readonly path: string;
  readonly value: Json;
}

function weaker(value: Json, path: string): Changed[] {
  if (Array.isArray(value)) {
    const list = value as readonly Json[];
    return list.flatMap((item, i) =>
      weaker(item, `${path}[${i}]`).map((changed) => ({
        path: changed.path,
        value: list.with(i, changed.value),
      })),
    );
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, part]) =>
    withoutOne(name, part, `${path}.${name}`).map((changed) => ({
      path: changed.path,
      value: { ...value, [name]: changed.value },
    })),
  );
}

function withoutOne(name: string, part: Json, path: string): Changed[] {
  if (LISTS.has(name) && Array.isArray(part)) {
    const list = part as readonly Json[];
    return list.map((_, i) => ({ path: `${path}[${i}]`, value: list.toSpliced(i, 1) }));
  }
  const isWord = name === 'mode' && !isObject(part);
  if (OPTIONAL.has(name) && part !== null && !isWord) return [{ path, value: null }];
  return weaker(part, path);
}
