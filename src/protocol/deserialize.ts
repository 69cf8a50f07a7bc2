// Typed reading of a JSON document with errors in the wording of Rust's serde: `<path>: <reason> at
// line L column C` (api reference §11.3). A Cursor is one value and its path; absent and null are
// the same for optional fields, unknown fields are ignored. A field that is read and stands twice in
// its object is an error, as for serde's derived structs; repeated unknown fields are not.

import type { JsonDocument, JsonNode } from './json-document.js';
import { pathText, placeText } from './json-place.js';

/** The document is JSON but not of the expected shape. */
export class DeserializeError extends Error {
  override name = 'DeserializeError';
}

/** How much of an offending string an error repeats. */
const MAX_QUOTED_CHARS = 200;

export class Cursor {
  readonly #parent: Cursor | undefined;
  /** In the parent; undefined for the root and for what reports its parent's path. */
  readonly #key: string | number | undefined;
  readonly #isOpaque: boolean;

  private constructor(
    readonly document: JsonDocument,
    readonly node: JsonNode,
    place: { parent?: Cursor; key?: string | number; isOpaque: boolean },
  ) {
    this.#parent = place.parent;
    this.#key = place.key;
    this.#isOpaque = place.isOpaque;
  }

  static root(document: JsonDocument): Cursor {
    return new Cursor(document, document.root, { isOpaque: false });
  }

  /** The same value, whose members report this path instead of their own. */
  opaque(): Cursor {
    return new Cursor(this.document, this.node, { parent: this, isOpaque: true });
  }

  get isArray(): boolean {
    return this.node.kind === 'array';
  }

  get isString(): boolean {
    return this.node.kind === 'string';
  }

  get isNull(): boolean {
    return this.node.kind === 'null';
  }

  /** The JSON text of this value as the client wrote it. */
  get sourceText(): string {
    return this.document.text.slice(this.node.start, this.node.end);
  }

  /** A member that must be there; null counts as a value. */
  required(name: string, expected = 'a map'): Cursor {
    const member = this.#member(name, expected);
    if (!member) this.fail(`missing field \`${name}\``);
    return this.#child(name, member);
  }

  /** A member, undefined when absent or null. */
  optional(name: string, expected = 'a map'): Cursor | undefined {
    const member = this.#member(name, expected);
    return member && member.kind !== 'null' ? this.#child(name, member) : undefined;
  }

  items(expected = 'a sequence'): Cursor[] {
    if (this.node.kind !== 'array') this.failType(expected);
    return this.node.items.map((item, index) => this.#child(index, item));
  }

  string(expected = 'a string'): string {
    if (this.node.kind !== 'string') this.failType(expected);
    return this.node.value;
  }

  boolean(expected = 'a boolean'): boolean {
    if (this.node.kind !== 'boolean') this.failType(expected);
    return this.node.value;
  }

  number(): number {
    if (this.node.kind !== 'number') this.failType('f64');
    return Number(this.node.text);
  }

  integer(): number {
    if (this.node.kind !== 'number' || !/^-?\d+$/.test(this.node.text)) this.failType('i64');
    return Number(this.node.text);
  }

  /** One of a fixed set of strings. */
  variant<T extends string>(variants: readonly T[]): T {
    const value = this.string('string');
    const found = variants.find((variant) => variant === value);
    if (found === undefined) {
      this.fail(`unknown variant \`${clip(value)}\`, expected ${alternatives(variants)}`);
    }
    return found;
  }

  /** @throws DeserializeError always, positioned just after this value. */
  fail(reason: string): never {
    this.#failAt(reason, this.node.end);
  }

  failType(expected: string): never {
    this.fail(`invalid type: ${describe(this.node)}, expected ${expected}`);
  }

  /** serde's derived structs refuse a second value for a field they know, and name its key's end. */
  #member(name: string, expected: string): JsonNode | undefined {
    const { node } = this;
    if (node.kind !== 'object') this.failType(expected);
    const repeatedAt = node.repeated?.get(name);
    if (repeatedAt !== undefined) this.#failAt(`duplicate field \`${name}\``, repeatedAt);
    return node.members.get(name);
  }

  #child(key: string | number, node: JsonNode): Cursor {
    return this.#isOpaque
      ? new Cursor(this.document, node, { parent: this, isOpaque: true })
      : new Cursor(this.document, node, { parent: this, key, isOpaque: false });
  }

  #path(): (string | number)[] {
    const keys = this.#parent ? this.#parent.#path() : [];
    if (this.#key !== undefined) keys.push(this.#key);
    return keys;
  }

  #failAt(reason: string, offset: number): never {
    const path = pathText(this.#path());
    const at = placeText(this.document.text, offset);
    throw new DeserializeError(`${path === '' ? '' : `${path}: `}${reason} ${at}`);
  }
}

/** serde's `Unexpected`. */
function describe(node: JsonNode): string {
  switch (node.kind) {
    case 'null':
      return 'null';
    case 'boolean':
      return `boolean \`${node.value}\``;
    case 'number':
      return `${/^-?\d+$/.test(node.text) ? 'integer' : 'floating point'} \`${node.text}\``;
    case 'string':
      return `string ${JSON.stringify(clip(node.value))}`;
    case 'array':
      return 'sequence';
    case 'object':
      return 'map';
  }
}

function alternatives(variants: readonly string[]): string {
  const quoted = variants.map((variant) => `\`${variant}\``);
  return quoted.length > 2 ? `one of ${quoted.join(', ')}` : quoted.join(' or ');
}

function clip(text: string): string {
  return text.length > MAX_QUOTED_CHARS ? `${text.slice(0, MAX_QUOTED_CHARS)}…` : text;
}
