// The JSON reader: one pass over the text to nodes with their offsets. Refuses what serde_json
// refuses, in its words (api reference §11.2), and bodies that would take too much memory. Lines and
// columns are worked out only when there is an error to word.

import type { JsonNode } from './json-document.js';
import { JsonBodyError, pathText, placeText } from './json-place.js';

/** serde_json's own limit on nesting. */
const MAX_DEPTH = 128;

/**
 * A value costs up to a hundred times its bytes in memory (`[[],[],...`). The longest conversations
 * have some ten thousand values; this bounds what a body can take at about 200 MB.
 */
const MAX_VALUES = 1_000_000;

/** @throws JsonBodyError */
export function readNodes(text: string): JsonNode {
  return new Reader(text).readDocument();
}

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const LONE_SURROGATES = /\p{Surrogate}/gu;

class Reader {
  #position = 0;
  #depth = 0;
  #numValues = 0;
  readonly #path: (string | number)[] = [];
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  readDocument(): JsonNode {
    const root = this.#readValue();
    this.#skipWhitespace();
    if (this.#position < this.#text.length) this.#fail('trailing characters');
    return root;
  }

  #readValue(): JsonNode {
    const code = this.#skipWhitespace();
    const start = this.#position;
    if (++this.#numValues > MAX_VALUES) this.#fail(`more than ${MAX_VALUES} values`);
    switch (code) {
      case QUOTE: {
        const value = this.#readString();
        return { kind: 'string', start, end: this.#position, value };
      }
      case OPEN_BRACE:
        return this.#readObject(start);
      case OPEN_BRACKET:
        return this.#readArray(start);
      case 0x74:
        this.#readWord('true');
        return { kind: 'boolean', start, end: start + 4, value: true };
      case 0x66:
        this.#readWord('false');
        return { kind: 'boolean', start, end: start + 5, value: false };
      case 0x6e:
        this.#readWord('null');
        return { kind: 'null', start, end: start + 4 };
      default:
        return this.#readNumber(start, code);
    }
  }

  #readObject(start: number): JsonNode {
    const members = new Map<string, JsonNode>();
    let repeated: Map<string, number> | undefined;
    this.#enter();
    for (let isFirst = true; !this.#atCloser(CLOSE_BRACE, isFirst); isFirst = false) {
      if (this.#text.charCodeAt(this.#position) !== QUOTE) this.#fail('key must be a string');
      const key = this.#readString();
      if (members.has(key)) (repeated ??= new Map()).set(key, this.#position);
      this.#path.push(key);
      if (this.#skipWhitespace() !== COLON) {
        this.#fail(this.#isAtEnd ? 'EOF while parsing an object' : 'expected `:`');
      }
      this.#position++;
      members.set(key, this.#readValue());
      this.#path.pop();
    }
    const node: JsonNode = { kind: 'object', start, end: this.#position, members };
    if (repeated) node.repeated = repeated;
    return node;
  }

  #readArray(start: number): JsonNode {
    const items: JsonNode[] = [];
    this.#enter();
    for (let isFirst = true; !this.#atCloser(CLOSE_BRACKET, isFirst); isFirst = false) {
      this.#path.push(items.length);
      items.push(this.#readValue());
      this.#path.pop();
    }
    return { kind: 'array', start, end: this.#position, items };
  }

  #enter(): void {
    if (++this.#depth > MAX_DEPTH) this.#fail('recursion limit exceeded');
    this.#position++;
  }

  /** Past the closer: true. Otherwise stands at the next member, its comma consumed. */
  #atCloser(closer: number, isFirst: boolean): boolean {
    const code = this.#skipWhitespace();
    if (code === closer) {
      this.#position++;
      this.#depth--;
      return true;
    }
    if (this.#isAtEnd) {
      this.#fail(`EOF while parsing ${closer === CLOSE_BRACE ? 'an object' : 'a list'}`);
    }
    if (isFirst) return false;
    if (code !== COMMA) this.#fail(`expected \`,\` or \`${String.fromCharCode(closer)}\``);
    this.#position++;
    if (this.#skipWhitespace() === closer) this.#fail('trailing comma');
    return false;
  }

  #readString(): string {
    const text = this.#text;
    const start = this.#position;
    let end = start + 1;
    let hasEscape = false;
    for (let code = text.charCodeAt(end); code !== QUOTE; code = text.charCodeAt(++end)) {
      if (code === BACKSLASH) {
        hasEscape = true;
        end++;
      } else if (!(code >= SPACE)) {
        // A control character, or NaN at the end of the text.
        this.#failInString();
      }
    }
    this.#position = end + 1;
    return hasEscape ? this.#unescape(start) : text.slice(start + 1, end);
  }

  /** UTF-8 has no lone surrogates, so only an escape can have written one. */
  #unescape(start: number): string {
    const quoted = this.#text.slice(start, this.#position);
    let value: string;
    try {
      value = JSON.parse(quoted) as string;
    } catch {
      this.#position = start;
      return this.#failInString();
    }
    return quoted.includes('\\u') ? value.replace(LONE_SURROGATES, '\ufffd') : value;
  }

  /** Finds what is wrong in the string that begins at the current position. */
  #failInString(): never {
    for (this.#position++; ; this.#position++) {
      const code = this.#text.charCodeAt(this.#position);
      if (Number.isNaN(code)) this.#fail('EOF while parsing a string');
      if (code < SPACE) {
        this.#fail('control character (\\u0000-\\u001F) found while parsing a string');
      }
      if (code !== BACKSLASH) continue;
      const escape = this.#match(ESCAPE);
      if (escape === undefined) this.#fail('invalid escape');
      this.#position--;
    }
  }

  #readNumber(start: number, code: number): JsonNode {
    if (this.#isAtEnd) this.#fail('EOF while parsing a value');
    const text = this.#match(NUMBER);
    if (text === undefined) this.#fail(code === MINUS ? 'invalid number' : 'expected value');
    const next = this.#text.charCodeAt(this.#position);
    if ((next >= ZERO && next <= NINE) || next === POINT || (next | SPACE) === 0x65) {
      this.#fail('invalid number');
    }
    if (!Number.isFinite(Number(text))) this.#fail('number out of range');
    return { kind: 'number', start, end: this.#position, text };
  }

  #readWord(word: string): void {
    if (!this.#text.startsWith(word, this.#position)) this.#fail('expected ident');
    this.#position += word.length;
  }

  get #isAtEnd(): boolean {
    return this.#position >= this.#text.length;
  }

  /** The code of the next character, NaN at the end. */
  #skipWhitespace(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#position);
      if (code !== SPACE && code !== LF && code !== CR && code !== TAB) return code;
      this.#position++;
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.#text)?.[0];
    this.#position += match?.length ?? 0;
    return match;
  }

  /** The column counts the first byte of the offending character too, when there is one. */
  #fail(reason: string): never {
    const path = pathText(this.#path);
    const text = this.#text;
    const at =
      text[this.#position] === '\n'
        ? placeText(text, this.#position + 1)
        : placeText(text, this.#position, this.#isAtEnd ? 0 : 1);
    throw new JsonBodyError(`${path === '' ? '' : `${path}: `}${reason} ${at}`);
  }
}
