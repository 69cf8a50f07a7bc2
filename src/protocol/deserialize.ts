// Typed reading of a JSON document with errors in the wording of Rust's serde: `<path>: <reason> at
// line L column C` (api reference §11.3). A Cursor is one value and its path; absent and null are
// the same for optional fields, unknown fields are ignored. A field that is read and stands twice in
// its object is an error, as for serde's derived structs; repeated unknown fields are not.
// Readers ask for fields in their own order and serde meets them in the document's. So a document
// that fails is read once more with every failure collected, and the one that serde would have met
// first is told.

import { ApiError } from './api-error.js';
import { clip } from './clip.js';
import type { JsonDocument, JsonNode } from './json-document.js';
import { pathText, placeText } from './json-place.js';
import { unexpectedNumber } from './rust-number.js';

/** The document is JSON but not of the expected shape. */
export class DeserializeError extends Error {
  override name = 'DeserializeError';
}

/**
 * Reads a document of the shape that `read` asks for. A second run of `read` on a broken document
 * gets stand-ins for what is missing or wrong; its result is not used.
 * @throws DeserializeError for the first offence in the order of the document; what `read` throws
 */
export function deserialize<T>(document: JsonDocument, read: (root: Cursor) => T): T {
  try {
    return read(Cursor.root(document));
  } catch (error) {
    if (!(error instanceof DeserializeError)) throw error;
    throw firstFailure(document, read) ?? error;
  }
}

function firstFailure(
  document: JsonDocument,
  read: (root: Cursor) => unknown,
): DeserializeError | undefined {
  const failures = new FirstFailure();
  try {
    read(Cursor.root(document, failures));
  } catch (error) {
    // A limit was exceeded behind the failure: what has been read so far decides.
    if (!(error instanceof ApiError)) throw error;
  }
  return failures.error;
}

/** Keeps the failure that stands first in the document. */
class FirstFailure {
  #order = Infinity;
  #error: (() => DeserializeError) | undefined;

  add(order: number, error: () => DeserializeError): void {
    if (order >= this.#order) return;
    this.#order = order;
    this.#error = error;
  }

  get error(): DeserializeError | undefined {
    return this.#error?.();
  }
}

interface Place {
  parent?: Cursor;
  key?: string | number;
  isOpaque: boolean;
  isStandIn?: boolean;
}

const NULL_NODE: JsonNode = { kind: 'null', start: 0, end: 0 };

export class Cursor {
  readonly #parent: Cursor | undefined;
  /** In the parent; undefined for the root and for what reports its parent's path. */
  readonly #key: string | number | undefined;
  readonly #isOpaque: boolean;
  /** For a value that is missing or wrong and has been noted: any type may be read from it. */
  readonly #isStandIn: boolean;
  /** undefined: the first failure is thrown at once. */
  readonly #failures: FirstFailure | undefined;

  private constructor(
    readonly document: JsonDocument,
    readonly node: JsonNode,
    failures: FirstFailure | undefined,
    place: Place,
  ) {
    this.#failures = failures;
    this.#parent = place.parent;
    this.#key = place.key;
    this.#isOpaque = place.isOpaque;
    this.#isStandIn = place.isStandIn ?? false;
  }

  static root(document: JsonDocument, failures?: FirstFailure): Cursor {
    return new Cursor(document, document.root, failures, { isOpaque: false });
  }

  /** The same value, whose members report this path instead of their own. */
  opaque(): Cursor {
    return this.#at(this.node, { parent: this, isOpaque: true, isStandIn: this.#isStandIn });
  }

  get isArray(): boolean {
    return this.node.kind === 'array';
  }

  get isObject(): boolean {
    return this.node.kind === 'object';
  }

  get isString(): boolean {
    return this.node.kind === 'string';
  }

  get isNull(): boolean {
    return this.node.kind === 'null';
  }

  /** The JSON text of this value as the client wrote it. */
  get sourceText(): string {
    return this.#isStandIn ? 'null' : this.document.text.slice(this.node.start, this.node.end);
  }

  /** A member that must be there; null counts as a value. */
  required(name: string, expected = 'a map'): Cursor {
    const member = this.#member(name, expected);
    if (member) return this.#child(name, member);
    // Only at its end an object is known to lack a field.
    if (this.isObject) this.#fail(`missing field \`${name}\``, { order: this.node.end - 1 });
    return this.#standIn();
  }

  /** A member, undefined when absent or null. */
  optional(name: string, expected = 'a map'): Cursor | undefined {
    const member = this.#member(name, expected);
    return member && member.kind !== 'null' ? this.#child(name, member) : undefined;
  }

  /**
   * The field that decides which fields an object has. Nothing else of the object is read before it,
   * so where it is missing or wrong this comes first, and the tag is undefined.
   */
  tag<T extends string>(name: string, variants: readonly T[], expected = 'a map'): T | undefined {
    if (!this.isObject) {
      this.refuseType(expected, undefined);
      return undefined;
    }
    const { start: order } = this.node;
    const member = this.#member(name, expected);
    if (!member) return this.#fail(`missing field \`${name}\``, { order });
    const field = this.#child(name, member);
    if (!field.isString) return field.#fail(field.#typeReason('string'), { order });
    const value = field.string();
    const found = variants.find((variant) => variant === value);
    return found ?? field.#fail(unknownVariant(value, variants), { order });
  }

  /** Names of the members, in the order in which they first stand. */
  keys(): string[] {
    return this.node.kind === 'object' ? [...this.node.members.keys()] : [];
  }

  items(expected = 'a sequence'): Cursor[] {
    if (this.node.kind !== 'array') return this.refuseType(expected, []);
    return this.node.items.map((item, index) => this.#child(index, item));
  }

  string(expected = 'a string'): string {
    return this.node.kind === 'string' ? this.node.value : this.refuseType(expected, '');
  }

  boolean(expected = 'a boolean'): boolean {
    return this.node.kind === 'boolean' ? this.node.value : this.refuseType(expected, false);
  }

  number(): number {
    return this.node.kind === 'number' ? Number(this.node.text) : this.refuseType('f64', 0);
  }

  integer(): number {
    return this.node.kind === 'number' && /^-?\d+$/.test(this.node.text)
      ? Number(this.node.text)
      : this.refuseType('i64', 0);
  }

  /** One of a fixed set of strings. */
  variant<const T extends readonly [string, ...string[]]>(variants: T): T[number] {
    if (!this.isString) return this.refuseType('string', variants[0]);
    const value = this.string();
    const found = variants.find((variant) => variant === value);
    return found ?? this.refuse(unknownVariant(value, variants), variants[0]);
  }

  /**
   * Notes what is wrong with this value; the position is told just after it. The stand-in is what a
   * reader goes on with that collects failures.
   * @throws DeserializeError unless failures are collected
   */
  refuse<T>(reason: string, standIn: T): T {
    this.#fail(reason, { order: this.node.start });
    return standIn;
  }

  /** @throws DeserializeError as `refuse` */
  refuseType<T>(expected: string, standIn: T): T {
    return this.refuse(this.#typeReason(expected), standIn);
  }

  #typeReason(expected: string): string {
    return `invalid type: ${describe(this.node)}, expected ${expected}`;
  }

  /** serde's derived structs refuse a second value for a field they know, and name its key's end. */
  #member(name: string, expected: string): JsonNode | undefined {
    const { node } = this;
    if (node.kind !== 'object') return this.refuseType(expected, undefined);
    const at = node.repeated?.get(name);
    if (at !== undefined) this.#fail(`duplicate field \`${name}\``, { order: at, at });
    return node.members.get(name);
  }

  #child(key: string | number, node: JsonNode): Cursor {
    return this.#at(
      node,
      this.#isOpaque ? { parent: this, isOpaque: true } : { parent: this, key, isOpaque: false },
    );
  }

  #standIn(): Cursor {
    return this.#at(NULL_NODE, { parent: this, isOpaque: true, isStandIn: true });
  }

  #at(node: JsonNode, place: Place): Cursor {
    return new Cursor(this.document, node, this.#failures, place);
  }

  #path(): (string | number)[] {
    const keys = this.#parent ? this.#parent.#path() : [];
    if (this.#key !== undefined) keys.push(this.#key);
    return keys;
  }

  /** `order` is where serde meets the failure, `at` the place that the message tells. */
  #fail(reason: string, { order, at = this.node.end }: { order: number; at?: number }): undefined {
    if (this.#isStandIn) return undefined;
    const error = () => {
      const path = pathText(this.#path());
      const place = placeText(this.document.text, at);
      return new DeserializeError(`${path === '' ? '' : `${path}: `}${reason} ${place}`);
    };
    if (!this.#failures) throw error();
    this.#failures.add(order, error);
    return undefined;
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
      return clip(unexpectedNumber(node.text));
    case 'string':
      return `string ${JSON.stringify(clip(node.value))}`;
    case 'array':
      return 'sequence';
    case 'object':
      return 'map';
  }
}

function unknownVariant(value: string, variants: readonly string[]): string {
  const quoted = variants.map((variant) => `\`${variant}\``);
  const expected = quoted.length > 2 ? `one of ${quoted.join(', ')}` : quoted.join(' or ');
  return `unknown variant \`${clip(value)}\`, expected ${expected}`;
}
