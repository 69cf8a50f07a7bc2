// Reads JSON into order- and lexeme-preserving values with the strictness of Python's json.loads:
// NaN and the infinities are accepted; control characters in strings, trailing commas, leading
// zeros, comments and text after the value are not (encoding reference, section 5).
// Positions are worked out only when there is an error to report.

import { JsonNumber, type JsonObject, type JsonValue } from './json.js';

export interface ParseJsonOptions {
  /** Deepest allowed nesting of arrays and objects; the input is hostile. */
  maxDepth?: number;
}

/** The text is not JSON. Positions say where reading stopped. */
export class JsonSyntaxError extends Error {
  override name = 'JsonSyntaxError';
  /** 1-based line; lines end at LF. */
  readonly line: number;
  /** 1-based column, in code points. */
  readonly column: number;
  /** 0-based offset in the UTF-8 form of the text. */
  readonly byteOffset: number;

  constructor(problem: string, text: string, position: number) {
    const before = text.slice(0, position);
    const line = before.split('\n').length;
    const column = Array.from(before.slice(before.lastIndexOf('\n') + 1)).length + 1;
    const byteOffset = Buffer.byteLength(before);
    super(`${problem} at line ${line} column ${column} (byte ${byteOffset})`);
    this.line = line;
    this.column = column;
    this.byteOffset = byteOffset;
  }
}

/**
 * Parses one JSON value that fills the whole text.
 * Throws JsonSyntaxError when the text is not JSON or nests deeper than `maxDepth`.
 */
export function parseJson(text: string, { maxDepth = 1000 }: ParseJsonOptions = {}): JsonValue {
  const reader = new JsonReader(text, maxDepth);
  return reader.readDocument();
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/y;
const VALID_ESCAPE = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/;

const WORDS: [word: string, value: JsonValue][] = [
  ['true', true],
  ['false', false],
  ['null', null],
  ['NaN', new JsonNumber(false, 'NaN')],
  ['Infinity', new JsonNumber(false, 'Infinity')],
  ['-Infinity', new JsonNumber(false, '-Infinity')],
];

class JsonReader {
  private position = 0;
  private depth = 0;

  constructor(
    private readonly text: string,
    private readonly maxDepth: number,
  ) {}

  readDocument(): JsonValue {
    this.skipWhitespace();
    const value = this.readValue();
    this.skipWhitespace();
    if (this.position < this.text.length) this.fail('unexpected text after the JSON value');
    return value;
  }

  private readValue(): JsonValue {
    switch (this.text.charCodeAt(this.position)) {
      case QUOTE:
        return this.readString();
      case OPEN_BRACE:
        return this.nested(() => this.readObject());
      case OPEN_BRACKET:
        return this.nested(() => this.readArray());
      default:
        return this.readScalar();
    }
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > this.maxDepth) this.fail(`nesting deeper than ${this.maxDepth} levels`);
    const value = read();
    this.depth--;
    return value;
  }

  private readObject(): JsonObject {
    const object: JsonObject = new Map();
    this.position++;
    this.skipWhitespace();
    if (this.text.charCodeAt(this.position) === CLOSE_BRACE) {
      this.position++;
      return object;
    }
    for (;;) {
      if (this.text.charCodeAt(this.position) !== QUOTE) this.fail('expected a quoted key');
      const key = this.readString();
      this.skipWhitespace();
      if (this.text.charCodeAt(this.position) !== COLON) this.fail('expected `:` after the key');
      this.position++;
      this.skipWhitespace();
      object.set(key, this.readValue());
      if (this.readSeparator(CLOSE_BRACE, '}')) return object;
    }
  }

  private readArray(): JsonValue[] {
    const array: JsonValue[] = [];
    this.position++;
    this.skipWhitespace();
    if (this.text.charCodeAt(this.position) === CLOSE_BRACKET) {
      this.position++;
      return array;
    }
    for (;;) {
      array.push(this.readValue());
      if (this.readSeparator(CLOSE_BRACKET, ']')) return array;
    }
  }

  /** After a member: true at the closer, false after a comma (standing at the next member). */
  private readSeparator(closer: number, closerText: string): boolean {
    this.skipWhitespace();
    const code = this.text.charCodeAt(this.position);
    if (code === closer) {
      this.position++;
      return true;
    }
    if (code !== COMMA) this.fail(`expected \`,\` or \`${closerText}\``);
    this.position++;
    this.skipWhitespace();
    return false;
  }

  private readString(): string {
    const { text } = this;
    const start = this.position;
    let end = start + 1;
    let hasEscape = false;
    for (let code = text.charCodeAt(end); code !== QUOTE; code = text.charCodeAt(++end)) {
      if (code === BACKSLASH) {
        hasEscape = true;
        end++;
      } else if (!(code >= 0x20)) {
        return this.failInString();
      }
    }
    this.position = end + 1;
    if (!hasEscape) return text.slice(start + 1, end);
    try {
      // The native reader knows the same escapes and is much faster.
      return JSON.parse(text.slice(start, end + 1)) as string;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      this.position = start;
      return this.failInString();
    }
  }

  /** Finds what is wrong in the string that begins at the current position. */
  private failInString(): never {
    for (this.position++; ; this.position++) {
      const code = this.text.charCodeAt(this.position);
      if (Number.isNaN(code)) this.fail('unterminated string');
      if (code < 0x20) {
        this.fail(`control character U+${code.toString(16).padStart(4, '0')} in a string`);
      }
      if (code !== BACKSLASH) continue;
      const escape = VALID_ESCAPE.exec(this.text.slice(this.position, this.position + 6));
      if (escape === null) this.fail('invalid escape in a string');
      this.position += escape[0].length - 1;
    }
  }

  private readScalar(): JsonValue {
    NUMBER.lastIndex = this.position;
    const number = NUMBER.exec(this.text);
    if (number !== null) {
      this.position += number[0].length;
      if (number[1] !== undefined || number[2] !== undefined) {
        return JsonNumber.float(Number(number[0]));
      }
      return new JsonNumber(true, number[0] === '-0' ? '0' : number[0]);
    }
    for (const [word, value] of WORDS) {
      if (this.text.startsWith(word, this.position)) {
        this.position += word.length;
        return value;
      }
    }
    const character = this.text.codePointAt(this.position);
    return this.fail(
      character === undefined
        ? 'unexpected end of input'
        : `unexpected character ${JSON.stringify(String.fromCodePoint(character))}`,
    );
  }

  /** Space, tab, LF and CR only; a byte order mark is an error, as in the reference. */
  private skipWhitespace(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.position);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.position++;
    }
  }

  private fail(problem: string): never {
    throw new JsonSyntaxError(problem, this.text, this.position);
  }
}
