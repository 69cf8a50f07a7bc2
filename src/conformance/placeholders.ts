// Fills requests and expectations: `{{name}}` stands for the key, for a text no other run has
// (`{{nonce}}`), or for a value captured by an earlier step; `{"$text": ["a", 65]}` and `{"$repeat": [item, 17]}` spare the data files long
// repetitions in requests.

import { isMap, type Json } from './json-value.js';
import { KitError } from './load-kit.js';

const MAX_REPEAT = 2_000_000;

/** A text that is nothing but one placeholder takes the value's type. @throws KitError */
export function fill(value: Json, values: ReadonlyMap<string, Json>): Json {
  if (typeof value === 'string') return fillText(value, values);
  if (Array.isArray(value)) return value.flatMap((item) => fillItem(item, values));
  if (!isMap(value)) return value;
  const text = value['$text'];
  if (Array.isArray(text)) return String(fill(text[0]!, values)).repeat(countOf(text[1]));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fill(item, values)]));
}

function fillItem(item: Json, values: ReadonlyMap<string, Json>): Json[] {
  const repeated = isMap(item) ? item['$repeat'] : undefined;
  if (!Array.isArray(repeated)) return [fill(item, values)];
  const filled = fill(repeated[0]!, values);
  return Array.from({ length: countOf(repeated[1]) }, () => filled);
}

function fillText(text: string, values: ReadonlyMap<string, Json>): Json {
  const whole = /^\{\{([\w-]+)\}\}$/.exec(text)?.[1];
  if (whole !== undefined) return valueOf(whole, values);
  return text.replaceAll(/\{\{([\w-]+)\}\}/g, (_, name: string) => {
    const value = valueOf(name, values);
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}

function valueOf(name: string, values: ReadonlyMap<string, Json>): Json {
  const value = values.get(name);
  if (value === undefined) throw new KitError(`{{${name}}} has no value`);
  return value;
}

function countOf(value: Json | undefined): number {
  if (typeof value === 'number' && value >= 0 && value <= MAX_REPEAT) return value;
  throw new KitError(`a repetition count must be from 0 to ${MAX_REPEAT}, got ${String(value)}`);
}
