// JSON values that lose nothing the prompt can show: key order (also of integer-like keys), whether
// a number was written as an integer or a float, and every digit of big integers. Reading lives in
// json-reader.ts, Python-style printing in json-writer.ts; this file owns the value type and the
// bridges to plain JavaScript values.

import { pythonFloatText } from './python-float.js';

/** A number that remembers its kind. `text` is what Python prints for it: `1`, `1.0`, `1e+16`. */
export class JsonNumber {
  constructor(
    readonly isInteger: boolean,
    /** Canonical text; `NaN`, `Infinity` and `-Infinity` are possible for floats. */
    readonly text: string,
  ) {}

  /** The nearest JavaScript number; big integers lose digits here. */
  toNumber(): number {
    return Number(this.text);
  }

  static integer(value: number | bigint): JsonNumber {
    if (typeof value === 'number' && !Number.isInteger(value)) {
      throw new RangeError(`JsonNumber.integer needs an integer, got ${value}`);
    }
    return new JsonNumber(true, BigInt(value).toString());
  }

  static float(value: number): JsonNumber {
    return new JsonNumber(false, pythonFloatText(value));
  }
}

/** Keys in document order. A repeated key keeps its first position and takes the last value. */
export type JsonObject = Map<string, JsonValue>;

export type JsonValue = null | boolean | string | JsonNumber | JsonValue[] | JsonObject;

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return value instanceof Map;
}

/** Builds an object from entries, leaving out those whose value is undefined. */
export function jsonObject(entries: Record<string, JsonValue | undefined>): JsonObject {
  const object: JsonObject = new Map();
  for (const [key, value] of Object.entries(entries)) {
    if (value !== undefined) object.set(key, value);
  }
  return object;
}

/**
 * Plain JavaScript value to JSON value. A number with an integral value becomes an integer (the
 * lexeme is already lost there); undefined properties are skipped.
 * Throws TypeError for functions, symbols and other values without a JSON form.
 */
export function fromPlainJson(value: unknown): JsonValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return JsonNumber.integer(value);
  if (typeof value === 'number') {
    return Number.isInteger(value) && Math.abs(value) < 1e21
      ? JsonNumber.integer(value)
      : JsonNumber.float(value);
  }
  if (Array.isArray(value)) return value.map(fromPlainJson);
  if (value instanceof JsonNumber || value instanceof Map) return value as JsonNumber | JsonObject;
  if (typeof value === 'object') {
    const object: JsonObject = new Map();
    for (const [key, item] of Object.entries(value)) {
      if (item !== undefined) object.set(key, fromPlainJson(item));
    }
    return object;
  }
  throw new TypeError(`a ${typeof value} has no JSON form`);
}

/** JSON value to what JSON.parse would have given (number kinds and big digits are lost). */
export function toPlainJson(value: JsonValue): unknown {
  if (value instanceof JsonNumber) return value.toNumber();
  if (Array.isArray(value)) return value.map(toPlainJson);
  // fromEntries defines own properties, so a `__proto__` key stays a key.
  if (value instanceof Map) {
    return Object.fromEntries([...value].map(([key, item]) => [key, toPlainJson(item)]));
  }
  return value;
}
