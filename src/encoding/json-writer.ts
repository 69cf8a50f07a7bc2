// Prints JSON values as Python's json.dumps(value, ensure_ascii=False) does, because tool schemas
// and arguments reach the prompt in that spelling (encoding reference, section 5).

import { JsonNumber, type JsonValue } from './json.js';

/** `, ` and `: ` separators, keys in order, floats as Python's repr; U+0080 and up stay raw. */
export function stringifyJson(value: JsonValue): string {
  if (typeof value === 'string') return stringifyJsonString(value);
  if (value === null) return 'null';
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(stringifyJson).join(', ')}]`;
  const members: string[] = [];
  for (const [key, item] of value) {
    members.push(`${stringifyJsonString(key)}: ${stringifyJson(item)}`);
  }
  return `{${members.join(', ')}}`;
}

const LONE_SURROGATE = /\p{Surrogate}/u;
const ESCAPED_SURROGATE = /\\u(d[89a-f][0-9a-f]{2})|\\./g;

/** A quoted string. Equal to JSON.stringify except that lone surrogates stay raw, as in Python. */
export function stringifyJsonString(text: string): string {
  const quoted = JSON.stringify(text);
  if (!LONE_SURROGATE.test(text)) return quoted;
  return quoted.replace(ESCAPED_SURROGATE, (escape: string, hex: string | undefined) =>
    hex === undefined ? escape : String.fromCharCode(parseInt(hex, 16)),
  );
}
