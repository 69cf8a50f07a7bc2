// Reads a request body as JSON and remembers where every value stands, because the wire contract
// reports type errors with path, line and column in the wording of Rust's serde_json (api reference
// §11.3). Numbers stay text. Knows no field names. Columns count bytes, lines count LF.

import { isUtf8 } from 'node:buffer';

interface Span {
  /** UTF-16 offsets into the document's text. */
  start: number;
  end: number;
}

export type JsonNode = Span &
  (
    | { kind: 'null' }
    | { kind: 'boolean'; value: boolean }
    | { kind: 'number'; text: string }
    | { kind: 'string'; value: string }
    | { kind: 'array'; items: JsonNode[] }
    | { kind: 'object'; members: Map<string, JsonNode> }
  );

export interface JsonDocument {
  text: string;
  root: JsonNode;
}

/** The body is not JSON. `message` is `<path>: <reason> at line L column C`. */
export class JsonBodyError extends Error {
  override name = 'JsonBodyError';
}

/** serde_json's own limit on nesting. */
const MAX_DEPTH = 128;

/** @throws JsonBodyError for anything that is not exactly one JSON value in UTF-8. */
export function readJsonDocument(body: Uint8Array): JsonDocument {
  if (!isUtf8(body)) {
    const at = locate(Buffer.from(body.subarray(0, firstInvalidByte(body))).toString());
    throw new JsonBodyError(`invalid unicode code point ${at}`);
  }
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  return { text, root: new Reader(text).readDocument() };
}

/** `at line L column C`, just after `offset`. */
export function positionText(document: JsonDocument, offset: number): string {
  return locate(document.text.slice(0, offset));
}

/** How much of a key an error repeats; keys are the client's and may be as long as the body. */
const MAX_KEY_CHARS = 100;

/** `messages[0].role`; the root is empty. */
export function pathText(path: readonly (string | number)[]): string {
  return path
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      const name = key.length > MAX_KEY_CHARS ? `${key.slice(0, MAX_KEY_CHARS)}…` : key;
      return index > 0 ? `.${name}` : name;
    })
    .join('');
}

function locate(before: string): string {
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = before.split('\n').length;
  return `at line ${line} column ${Buffer.byteLength(before.slice(lineStart))}`;
}

/** Decoding replaces broken bytes, so encoding again first differs where they stand. */
function firstInvalidByte(body: Uint8Array): number {
  const encodedAgain = Buffer.from(new TextDecoder('utf-8', { ignoreBOM: true }).decode(body));
  return body.findIndex((byte, index) => encodedAgain[index] !== byte);
}

const WHITESPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** Characters of a string up to a quote, an escape, or a control character. */
// oxlint-disable-next-line no-control-regex -- control characters are what must be found
const PLAIN_CHARACTERS = /[^"\\\u0000-\u001f]*/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

class Reader {
  #position = 0;
  readonly #path: (string | number)[] = [];

  constructor(private readonly text: string) {}

  readDocument(): JsonNode {
    const root = this.#readValue();
    this.#skipWhitespace();
    if (this.#position < this.text.length) this.#fail('trailing characters');
    return root;
  }

  #readValue(): JsonNode {
    this.#skipWhitespace();
    const start = this.#position;
    switch (this.text[start]) {
      case '{':
        return this.#readObject(start);
      case '[':
        return this.#readArray(start);
      case '"':
        return { kind: 'string', start, value: this.#readString(), end: this.#position };
      case 't':
        return { kind: 'boolean', start, value: this.#readWord('true', true), end: start + 4 };
      case 'f':
        return { kind: 'boolean', start, value: this.#readWord('false', false), end: start + 5 };
      case 'n':
        this.#readWord('null', null);
        return { kind: 'null', start, end: start + 4 };
      default:
        return this.#readNumber(start);
    }
  }

  #readObject(start: number): JsonNode {
    const members = new Map<string, JsonNode>();
    this.#enter();
    for (let isFirst = true; !this.#atCloser('}', 'an object', isFirst); isFirst = false) {
      if (this.text[this.#position] !== '"') this.#fail('key must be a string');
      const key = this.#readString();
      this.#path.push(key);
      this.#skipWhitespace();
      if (this.#position >= this.text.length) this.#fail('EOF while parsing an object');
      if (this.text[this.#position] !== ':') this.#fail('expected `:`');
      this.#position++;
      members.set(key, this.#readValue());
      this.#path.pop();
    }
    return { kind: 'object', start, members, end: this.#position };
  }

  #readArray(start: number): JsonNode {
    const items: JsonNode[] = [];
    this.#enter();
    for (let isFirst = true; !this.#atCloser(']', 'a list', isFirst); isFirst = false) {
      this.#path.push(items.length);
      items.push(this.#readValue());
      this.#path.pop();
    }
    return { kind: 'array', start, items, end: this.#position };
  }

  #depth = 0;

  #enter(): void {
    if (++this.#depth > MAX_DEPTH) this.#fail('recursion limit exceeded');
    this.#position++;
  }

  /** Past the closer: true. Otherwise stands at the next member, its comma consumed. */
  #atCloser(closer: string, what: string, isFirst: boolean): boolean {
    this.#skipWhitespace();
    if (this.text[this.#position] === closer) {
      this.#position++;
      this.#depth--;
      return true;
    }
    if (this.#position >= this.text.length) this.#fail(`EOF while parsing ${what}`);
    if (isFirst) return false;
    if (this.text[this.#position] !== ',') this.#fail(`expected \`,\` or \`${closer}\``);
    this.#position++;
    this.#skipWhitespace();
    if (this.text[this.#position] === closer) this.#fail('trailing comma');
    return false;
  }

  /** Lone surrogates are let through (api reference §11.2); the tokenizer makes them U+FFFD. */
  #readString(): string {
    const start = this.#position++;
    for (;;) {
      this.#match(PLAIN_CHARACTERS);
      const stop = this.text[this.#position];
      if (stop === undefined) this.#fail('EOF while parsing a string');
      if (stop === '"') break;
      if (stop !== '\\') {
        this.#fail('control character (\\u0000-\\u001F) found while parsing a string');
      }
      if (this.#match(ESCAPE) === undefined) this.#fail('invalid escape');
    }
    this.#position++;
    return JSON.parse(this.text.slice(start, this.#position)) as string;
  }

  #readNumber(start: number): JsonNode {
    if (start >= this.text.length) this.#fail('EOF while parsing a value');
    const text = this.#match(NUMBER);
    if (text === undefined)
      this.#fail(this.text[start] === '-' ? 'invalid number' : 'expected value');
    if (/^[\d.eE]/.test(this.text[this.#position] ?? '')) this.#fail('invalid number');
    if (!Number.isFinite(Number(text))) this.#fail('number out of range');
    return { kind: 'number', start, text, end: this.#position };
  }

  #readWord<T>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.#position)) this.#fail('expected ident');
    this.#position += word.length;
    return value;
  }

  #skipWhitespace(): void {
    this.#match(WHITESPACE);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const match = pattern.exec(this.text)?.[0];
    this.#position += match?.length ?? 0;
    return match;
  }

  /** The column counts the offending character too, when there is one. */
  #fail(reason: string): never {
    const path = pathText(this.#path);
    const at = locate(this.text.slice(0, this.#position + 1));
    throw new JsonBodyError(`${path === '' ? '' : `${path}: `}${reason} ${at}`);
  }
}
