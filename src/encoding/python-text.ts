// How Python prints a JSON value inside a format string. The reference encoder formats message
// contents that are not strings this way (encoding reference, section 3): null becomes `None`,
// a list becomes its repr. Servers flatten contents to text first; the wire-level entry keeps the rule.

import { JsonNumber, type JsonValue } from './json.js';

/** str(value): a string is itself, everything else its repr. */
export function pythonStr(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : pythonRepr(value ?? null);
}

/** repr(value) with Python's quoting and escaping. */
export function pythonRepr(value: JsonValue): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'string') return stringRepr(value);
  if (value instanceof JsonNumber) {
    return value.text.replace('Infinity', 'inf').replace('NaN', 'nan');
  }
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(', ')}]`;
  const members = [...value].map(([key, item]) => `${stringRepr(key)}: ${pythonRepr(item)}`);
  return `{${members.join(', ')}}`;
}

/** bool(value): empty strings, lists and objects, zeros, null and absence are false. */
export function isPythonTruthy(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return false;
  if (value instanceof JsonNumber) return value.toNumber() !== 0;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return typeof value === 'boolean' ? value : value !== '';
}

const SHORT_ESCAPES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
/** Backslash, and what str.isprintable() denies: separators other than space, and category C. */
const ESCAPED = /\\|(?! )[\p{Z}\p{C}]/gu;

function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = text.replace(ESCAPED, (character) => {
    if (character === '\\') return '\\\\';
    const short = SHORT_ESCAPES[character];
    if (short !== undefined) return short;
    const code = character.codePointAt(0)!;
    const hex = code.toString(16);
    if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
    return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
  });
  return quote + (quote === "'" ? body.replaceAll("'", "\\'") : body) + quote;
}
