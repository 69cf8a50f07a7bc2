// Collects the rules of one grammar in XGrammar's EBNF. Owns rule names, so that no text of a client
// can become one, and the spelling of literals and character classes. Knows no language.

import { intersect, subtract, type CharRange, type CharRanges } from './char-ranges.js';
import { utf8Sequences } from './utf8-sequences.js';

/** The grammar would be larger than a compiler should be asked to take. */
export class GrammarTooLargeError extends Error {
  override name = 'GrammarTooLargeError';
}

/** Characters; compiling takes about a second for this many. */
const MAX_SIZE = 200_000;

/** Contract: what adds a rule throws GrammarTooLargeError when the grammar grows too large. */
export class GrammarText {
  readonly #rules: string[] = [];
  readonly #shared = new Map<string, string>();
  #numNames = 0;

  #size = 0;

  /** A new rule; `hint` is a short word of ours. Returns its name. */
  rule(hint: string, body: string): string {
    return this.define(this.reserve(hint), body);
  }

  /** A name to be used before its rule is written, for recursion. */
  reserve(hint: string): string {
    return `${hint}_${this.#numNames++}`;
  }

  define(name: string, body: string): string {
    const rule = `${name} ::= ${body}`;
    this.#rules.push(rule);
    this.#size += rule.length;
    if (this.#size > MAX_SIZE) throw new GrammarTooLargeError();
    return name;
  }

  /** The rule made for `key` before, or a new one; `write` may refer to itself by the name. */
  shared(key: string, hint: string, write: (name: string) => string): string {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const name = this.reserve(hint);
    this.#shared.set(key, name);
    return this.define(name, write(name));
  }

  toString(): string {
    return `${this.#rules.join('\n')}\n`;
  }
}

/** Exactly this text. */
export function literal(text: string): string {
  return `"${Array.from(text.replace(LONE_SURROGATE, '\ufffd'), escapeInLiteral).join('')}"`;
}

/**
 * One character of the set, which must not be empty. XGrammar's classes work on bytes: a class with
 * characters beyond ASCII has to be spelled as UTF-8, and only a negated one of ASCII characters
 * takes all others as whole characters.
 */
export function charClass(ranges: CharRanges): string {
  const rest = subtract(ranges, ASCII);
  if (subtract(BEYOND_ASCII, rest).length === 0) {
    return `[^${classMembers(subtract(ASCII, ranges))}]`;
  }
  const ascii = intersect(ranges, ASCII);
  const sequences = rest.flatMap(utf8Sequences);
  return anyOf([
    ...(ascii.length > 0 ? [`[${classMembers(ascii)}]`] : []),
    ...sequences.map((bytes) => bytes.map((range) => `[${byteMembers(range)}]`).join(' ')),
  ]);
}

const ASCII: CharRanges = [[0, 0x7f]];
const BEYOND_ASCII: CharRanges = [
  [0x80, 0xd7ff],
  [0xe000, 0x10ffff],
];

function classMembers(ranges: CharRanges): string {
  return ranges.map(byteMembers).join('');
}

/** A single byte is written twice: alone in its class it would be read as a character. */
function byteMembers([first, last]: CharRange): string {
  return first === last ? hexByte(first).repeat(2) : `${hexByte(first)}-${hexByte(last)}`;
}

function hexByte(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** Alternatives in parentheses. There must be one. */
export function anyOf(alternatives: readonly string[]): string {
  return alternatives.length === 1 ? alternatives[0]! : `( ${alternatives.join(' | ')} )`;
}

const LONE_SURROGATE = /\p{Surrogate}/gu;

/** Visible ASCII as it is, everything else by its number. */
function escapeInLiteral(char: string): string {
  const code = char.codePointAt(0)!;
  if (char === '"' || char === '\\') return `\\${char}`;
  if (code >= 0x20 && code < 0x7f) return char;
  const hex = code.toString(16);
  return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
