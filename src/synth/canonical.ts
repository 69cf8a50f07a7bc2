// One spelling per value, so that hashes are of content: keys sorted by code unit, no spaces.
// Everything that is hashed or compared byte for byte goes through here.

import { createHash } from 'node:crypto';
import type { Json } from './world-types.js';

/** @throws TypeError for what is no JSON: NaN, infinities, undefined, functions */
export function canonicalJson(value: Json): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`);
      return String(Object.is(value, -0) ? 0 : value);
    case 'object':
      if (value === null) return 'null';
      return isList(value) ? listJson(value) : objectJson(value as Fields);
    default:
      throw new TypeError(`${typeof value} has no JSON form`);
  }
}

type Fields = { readonly [key: string]: Json };

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);

function listJson(list: readonly Json[]): string {
  let out = '';
  for (const item of list) out += out === '' ? canonicalJson(item) : `,${canonicalJson(item)}`;
  return `[${out}]`;
}

function objectJson(object: Fields): string {
  let out = '';
  // Plain sorting of texts is by code unit.
  for (const key of Object.keys(object).toSorted()) {
    const field = object[key];
    if (field === undefined) continue;
    out += `${out === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(field)}`;
  }
  return `{${out}}`;
}

/** First 32 hexadecimal digits of the SHA-256 of the canonical form. */
export function contentHash(value: Json): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 32);
}

/** The order of plain comparison, independent of any locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether two values are the same JSON: of equal canonical form. */
export function sameJson(a: Json, b: Json): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (isList(a))
    return isList(b) && a.length === b.length && a.every((one, i) => sameJson(one, b[i]!));
  return !isList(b) && sameFields(a as Fields, b as Fields);
}

function sameFields(a: Fields, b: Fields): boolean {
  const names = Object.keys(a).filter((name) => a[name] !== undefined);
  if (names.length !== Object.keys(b).filter((name) => b[name] !== undefined).length) return false;
  return names.every((name) => {
    const other = Object.hasOwn(b, name) ? b[name] : undefined;
    return other !== undefined && sameJson(a[name]!, other);
  });
}
