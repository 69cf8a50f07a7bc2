// Typed access to GGUF metadata with errors that name file, key and value. It knows value types,
// not which keys mean what.

import type { GgufValue } from './gguf-types.js';
import { ModelError, showValue } from './model-error.js';

export class MetadataReader {
  constructor(
    readonly metadata: ReadonlyMap<string, GgufValue>,
    readonly path: string,
  ) {}

  /** A whole or fractional number of any numeric type; undefined when the key is absent. */
  optionalNumber(key: string): number | undefined {
    const entry = this.metadata.get(key);
    if (entry === undefined) return undefined;
    if (typeof entry.value === 'number') return entry.value;
    if (typeof entry.value === 'bigint' && entry.value <= BigInt(Number.MAX_SAFE_INTEGER)) {
      return Number(entry.value);
    }
    return this.fail(key, entry, 'a number');
  }

  number(key: string, fallback?: number): number {
    return this.optionalNumber(key) ?? fallback ?? this.missing(key);
  }

  /** A number that may be stored as one value per layer, as long as all are equal. */
  uniformNumber(key: string, fallback?: number): number {
    const entry = this.metadata.get(key);
    if (entry?.type !== 'array') return this.number(key, fallback);
    const items = Array.from<unknown>(entry.value).map(Number);
    const first = items[0];
    if (first === undefined || items.some((item) => item !== first)) {
      return this.fail(key, entry, 'the same number for every layer');
    }
    return first;
  }

  string(key: string, fallback?: string): string {
    const entry = this.metadata.get(key);
    if (entry === undefined) return fallback ?? this.missing(key);
    return entry.type === 'string' ? entry.value : this.fail(key, entry, 'a string');
  }

  boolean(key: string, fallback?: boolean): boolean {
    const entry = this.metadata.get(key);
    if (entry === undefined) return fallback ?? this.missing(key);
    return entry.type === 'bool' ? entry.value : this.fail(key, entry, 'true or false');
  }

  /** undefined when the key is absent. */
  strings(key: string): readonly string[] | undefined {
    const entry = this.metadata.get(key);
    if (entry === undefined) return undefined;
    if (entry.type === 'array' && Array.isArray(entry.value)) return entry.value;
    return this.fail(key, entry, 'an array of strings');
  }

  /** An array of whole numbers; undefined when the key is absent. */
  integers(key: string): Int32Array | undefined {
    const entry = this.metadata.get(key);
    if (entry === undefined) return undefined;
    if (entry.type === 'array' && !Array.isArray(entry.value)) {
      return Int32Array.from(entry.value as ArrayLike<number | bigint>, Number);
    }
    return this.fail(key, entry, 'an array of numbers');
  }

  private missing(key: string): never {
    throw new ModelError(`${this.path}: metadata key ${key} is missing`);
  }

  private fail(key: string, entry: GgufValue, expected: string): never {
    const seen = entry.type === 'array' ? `array of ${entry.itemType}` : entry.type;
    const value = entry.type === 'array' ? '' : ` ${showValue(entry.value)}`;
    throw new ModelError(
      `${this.path}: metadata key ${key} is a ${seen}${value}; expected ${expected}`,
    );
  }
}
