// One spelling per value, so that hashes are of content: keys sorted by code unit, no spaces.
// Everything that is hashed or compared byte for byte goes through here.

import { createHash } from 'node:crypto';
import type { Json } from './world-types.js';

/** @throws TypeError for what is no JSON: NaN, infinities, undefined, functions */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`);
    return String(Object.is(value, -0) ? 0 : value);
  }
  if (Array.isArray(value)) return `[${value.map((item: Json) => canonicalJson(item)).join(',')}]`;
  if (typeof value !== 'object') throw new TypeError(`${typeof value} has no JSON form`);
  const object = value as { readonly [key: string]: Json };
  const fields = Object.keys(object)
    .filter((key) => object[key] !== undefined)
    .toSorted(byCodeUnit)
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key]!)}`);
  return `{${fields.join(',')}}`;
}

/** First 32 hexadecimal digits of the SHA-256 of the canonical form. */
export function contentHash(value: Json): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 32);
}

/** The order of plain comparison, independent of any locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether two values are the same JSON. */
export function sameJson(a: Json, b: Json): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}
