// Strict mode: the subset of JSON Schema that call arguments can be held to (api reference §6.3).
// The documented subset is enforced, each violation named by path and keyword. Knows nothing of how
// decoding is constrained.

import { isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../../encoding/json.js';
import { clip } from '../clip.js';
import { strictSchemaError } from './errors.js';
import { findEndlessRef, isLocalRef, resolveRef } from './schema-refs.js';
import type { WireTool } from './wire-tool.js';

/** Say nothing about which values are valid. */
const ANNOTATIONS = [
  '$comment',
  '$schema',
  'default',
  'deprecated',
  'description',
  'examples',
  'title',
];
/** Where `$ref` finds its schemas; the platform's guide writes `$def`. */
const DEFINITIONS = ['$def', '$defs', 'definitions'];
const NUMBER_KEYWORDS = [
  'const',
  'enum',
  'exclusiveMaximum',
  'exclusiveMinimum',
  'maximum',
  'minimum',
  'multipleOf',
];
const KEYWORDS: Readonly<Record<string, readonly string[]>> = {
  object: ['additionalProperties', 'properties', 'required'],
  string: ['enum', 'format', 'pattern'],
  number: NUMBER_KEYWORDS,
  integer: NUMBER_KEYWORDS,
  boolean: ['enum'],
  array: ['items'],
};
const FORMATS = ['email', 'hostname', 'ipv4', 'ipv6', 'uuid'];
/** Schemas in one function; the check recurses, and decoding must hold them all. */
const MAX_SCHEMAS = 1000;
/** As much of a client's text as an error repeats. */
const MAX_SHOWN = 80;

/**
 * `parameters` may be absent: no arguments. Its type has been checked to be `object`.
 * @throws ApiError naming the function, the path and the keyword
 */
export function checkStrictSchema({ name, function: definition }: WireTool): void {
  const parameters = isJsonObject(definition) ? definition.get('parameters') : undefined;
  if (isJsonObject(parameters)) new StrictSchemaCheck(name, parameters).run();
}

class StrictSchemaCheck {
  readonly #name: string;
  readonly #root: JsonObject;
  /** Schemas checked or being checked, so that recursion ends, and where they were met first. */
  readonly #seen = new Map<JsonObject, string>();

  constructor(name: string, root: JsonObject) {
    this.#name = name;
    this.#root = root;
  }

  run(): void {
    this.#check(this.#root, 'parameters');
    for (const keyword of DEFINITIONS) {
      if (!this.#root.has(keyword)) continue;
      const path = `parameters.${keyword}`;
      const definitions = this.#object(this.#root.get(keyword), path);
      for (const [name, schema] of definitions) this.#check(schema, pathOf(path, name));
    }
    const endless = findEndlessRef(this.#root, this.#seen.keys());
    if (endless) {
      this.#fail(this.#seen.get(endless) ?? 'parameters', 'the schema refers to itself endlessly');
    }
  }

  #check(value: JsonValue | undefined, path: string): void {
    const schema = this.#object(value, path);
    if (this.#seen.has(schema)) return;
    this.#seen.set(schema, path);
    if (this.#seen.size > MAX_SCHEMAS) {
      this.#fail(path, `strict mode takes at most ${MAX_SCHEMAS} schemas in one function`);
    }
    if (schema.has('$ref')) return this.#checkRef(schema, path);
    if (schema.has('anyOf')) return this.#checkAnyOf(schema, path);
    const type = schema.get('type');
    if (type === undefined) return this.#checkUntyped(schema, path);
    const keywords =
      typeof type === 'string' && Object.hasOwn(KEYWORDS, type) ? KEYWORDS[type] : undefined;
    if (typeof type !== 'string' || !keywords) {
      this.#fail(
        path,
        `type ${shown(type)} is not supported in strict mode; it must be one of ${Object.keys(KEYWORDS).join(', ')}`,
      );
    }
    this.#allow(schema, path, { keywords: ['type', ...keywords], where: `type '${type}'` });
    this.#checkEnum(schema, path, type);
    if (type === 'object') this.#checkObject(schema, path);
    else if (type === 'array') this.#checkArray(schema, path);
    else if (type === 'string') this.#checkString(schema, path);
    else if (type !== 'boolean') this.#checkNumber(schema, path);
  }

  #checkObject(schema: JsonObject, path: string): void {
    const properties = schema.has('properties')
      ? this.#object(schema.get('properties'), `${path}.properties`)
      : new Map<string, JsonValue>();
    const required = schema.get('required') ?? [];
    if (!Array.isArray(required)) this.#fail(path, "'required' must be an array of property names");
    if (schema.get('additionalProperties') !== false) {
      this.#fail(path, "strict mode needs 'additionalProperties': false");
    }
    const names = new Set(required);
    for (const name of properties.keys()) {
      if (!names.has(name)) {
        this.#fail(path, `strict mode needs every property in 'required'; ${shown(name)} is not`);
      }
    }
    const unknown = required.find((name) => typeof name !== 'string' || !properties.has(name));
    if (unknown !== undefined) {
      this.#fail(path, `'required' names ${shown(unknown)}, which is not in 'properties'`);
    }
    for (const [name, property] of properties) {
      this.#check(property, pathOf(`${path}.properties`, name));
    }
  }

  #checkArray(schema: JsonObject, path: string): void {
    if (!schema.has('items')) this.#fail(path, "strict mode needs 'items' in an array");
    this.#check(schema.get('items'), `${path}.items`);
  }

  #checkString(schema: JsonObject, path: string): void {
    const format = schema.get('format');
    if (format !== undefined && !FORMATS.some((known) => known === format)) {
      this.#fail(
        path,
        `format ${shown(format)} is not supported in strict mode; it must be one of ${FORMATS.join(', ')}`,
      );
    }
    const pattern = schema.get('pattern');
    if (pattern === undefined) return;
    if (typeof pattern !== 'string' || !isPattern(pattern)) {
      this.#fail(path, `'pattern' ${shown(pattern)} is not a regular expression`);
    }
  }

  #checkNumber(schema: JsonObject, path: string): void {
    for (const keyword of NUMBER_KEYWORDS) {
      const value = schema.get(keyword);
      if (value === undefined || keyword === 'enum') continue;
      if (!(value instanceof JsonNumber)) {
        this.#fail(path, `'${keyword}' must be a number, got ${shown(value)}`);
      }
      if (keyword === 'multipleOf' && !(value.toNumber() > 0)) {
        this.#fail(path, `'multipleOf' must be greater than 0, got ${shown(value)}`);
      }
    }
  }

  /** `type` is undefined for an enum of any plain values. */
  #checkEnum(schema: JsonObject, path: string, type?: string): void {
    const values = schema.get('enum');
    if (values === undefined) return;
    if (!Array.isArray(values) || values.length === 0) {
      this.#fail(path, "'enum' must be an array with at least one value");
    }
    const odd = values.find((value) => !fits(value, type));
    if (odd !== undefined) {
      this.#fail(
        path,
        `'enum' has ${shown(odd)}, which is not of type '${type ?? 'string, number or boolean'}'`,
      );
    }
  }

  #checkUntyped(schema: JsonObject, path: string): void {
    if (!schema.has('enum')) {
      this.#fail(path, "a schema needs one of 'type', 'anyOf', 'enum' or '$ref' in strict mode");
    }
    this.#allow(schema, path, { keywords: ['enum'], where: "'enum' without a type" });
    this.#checkEnum(schema, path);
  }

  #checkAnyOf(schema: JsonObject, path: string): void {
    this.#allow(schema, path, { keywords: ['anyOf'], where: "'anyOf'" });
    const branches = schema.get('anyOf');
    if (!Array.isArray(branches) || branches.length === 0) {
      this.#fail(path, "'anyOf' must be an array with at least one schema");
    }
    for (const [index, branch] of branches.entries())
      this.#check(branch, `${path}.anyOf[${index}]`);
  }

  #checkRef(schema: JsonObject, path: string): void {
    this.#allow(schema, path, { keywords: ['$ref'], where: "'$ref'" });
    const ref = schema.get('$ref');
    if (!isLocalRef(ref)) {
      this.#fail(path, `'$ref' ${shown(ref)} is not local; it must begin with '#/'`);
    }
    const target = resolveRef(this.#root, ref);
    if (!target) this.#fail(path, `'$ref' ${shown(ref)} leads to no schema`);
    this.#check(target, path);
  }

  /** Definitions may stand at the root, whatever kind of schema that is. */
  #allow(
    schema: JsonObject,
    path: string,
    { keywords, where }: { keywords: readonly string[]; where: string },
  ): void {
    for (const keyword of schema.keys()) {
      if (keywords.includes(keyword) || ANNOTATIONS.includes(keyword)) continue;
      if (DEFINITIONS.includes(keyword)) {
        if (schema === this.#root) continue;
        this.#fail(path, `'${keyword}' must stand at the root of the parameters`);
      }
      this.#fail(path, `keyword ${shown(keyword)} is not supported beside ${where} in strict mode`);
    }
  }

  #object(value: JsonValue | undefined, path: string): JsonObject {
    if (!isJsonObject(value)) this.#fail(path, `must be an object, got ${shown(value)}`);
    return value;
  }

  #fail(path: string, problem: string): never {
    throw strictSchemaError(this.#name, path, problem);
  }
}

function pathOf(path: string, name: string): string {
  return `${path}.${clip(name, MAX_SHOWN)}`;
}

function fits(value: JsonValue, type: string | undefined): boolean {
  switch (type) {
    case 'string':
    case 'boolean':
      return typeof value === type;
    case 'number':
      return value instanceof JsonNumber;
    case 'integer':
      return value instanceof JsonNumber && Number.isInteger(value.toNumber());
    default:
      return typeof value === 'string' || typeof value === 'boolean' || value instanceof JsonNumber;
  }
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').source.length > 0;
  } catch {
    return false;
  }
}

/** A client's value in an error: short, and quoted as in JSON where it is text. */
function shown(value: JsonValue | undefined): string {
  if (value instanceof JsonNumber) return clip(value.text, MAX_SHOWN);
  if (Array.isArray(value)) return 'an array';
  if (isJsonObject(value)) return 'an object';
  if (typeof value !== 'string') return String(value);
  return `'${clip(value, MAX_SHOWN)}'`;
}
