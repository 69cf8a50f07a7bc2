// Makes a value that fits a JSON Schema, so that a scenario can call tools it has never seen. Covers
// what clients send (clients reference, summary 9): refs, unions, enums, bounds, formats. `pattern`
// is not solved: such a string may not match. Schemas are hostile: depth and sizes are bounded.

import { isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../encoding/json.js';

/** A value the caller wants for a property, by its name; undefined = no wish. */
export type Wish = (property: string, schema: JsonObject) => JsonValue | undefined;

const MAX_DEPTH = 12;
const MAX_ITEMS = 16;
const MAX_TEXT = 1000;
/** Of one value altogether: bounds of each level multiply. */
const MAX_VALUES = 1000;
const MAX_TOTAL_TEXT = 64 * 1024;

const FORMATS: Readonly<Record<string, string>> = {
  email: 'ada@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uuid: '7d444840-9dc0-4d11-9245-5ffdce74fad2',
  uri: 'https://example.com/',
  date: '2025-12-01',
  'date-time': '2025-12-01T12:00:00Z',
  time: '12:00:00Z',
};

/** Arguments with every required property and every wished-for one. */
export function fitArguments(schema: JsonObject | undefined, wish: Wish = () => undefined) {
  const value = new Fitter(schema ?? new Map(), wish).fit(schema ?? new Map(), 0);
  return isJsonObject(value) ? value : new Map<string, JsonValue>();
}

class Fitter {
  #valuesLeft = MAX_VALUES;
  #textLeft = MAX_TOTAL_TEXT;

  constructor(
    private readonly root: JsonObject,
    private readonly wish: Wish,
  ) {}

  fit(schemaOrFlag: JsonValue | undefined, depth: number): JsonValue {
    const schema = this.#resolve(schemaOrFlag);
    if (depth > MAX_DEPTH || --this.#valuesLeft < 0) return null;
    if (schema.has('const')) return schema.get('const')!;
    const options = schema.get('enum');
    if (Array.isArray(options) && options.length > 0) return options[0]!;
    for (const union of ['anyOf', 'oneOf', 'allOf']) {
      const branches = schema.get(union);
      if (!Array.isArray(branches) || branches.length === 0) continue;
      const branch = branches.find((each) => !isNullSchema(each)) ?? branches[0];
      if (!schema.has('properties')) return this.fit(branch, depth + 1);
    }
    switch (typeOf(schema)) {
      case 'object':
        return this.#object(schema, depth);
      case 'array':
        return this.#array(schema, depth);
      case 'string':
        return this.#string(schema);
      case 'integer':
      case 'number':
        return numberFor(schema);
      case 'boolean':
        return true;
      default:
        return null;
    }
  }

  #array(schema: JsonObject, depth: number): JsonValue[] {
    const items: JsonValue[] = [];
    const length = boundOf(schema, 'minItems', MAX_ITEMS);
    while (items.length < length && this.#valuesLeft > 0) {
      items.push(this.fit(schema.get('items'), depth + 1));
    }
    return items;
  }

  #string(schema: JsonObject): string {
    const text = stringFor(schema);
    if (text.length > this.#textLeft) return '';
    this.#textLeft -= text.length;
    return text;
  }

  #object(schema: JsonObject, depth: number): JsonObject {
    const properties = schema.get('properties');
    const required = schema.get('required');
    const names = new Set(
      Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [],
    );
    const object: JsonObject = new Map();
    for (const [name, property] of isJsonObject(properties) ? properties : []) {
      const wished = this.wish(name, this.#resolve(property));
      if (wished !== undefined) object.set(name, wished);
      else if (names.has(name)) object.set(name, this.fit(property, depth + 1));
    }
    return object;
  }

  /** Local references only, and only so many in a row: they may form a ring. */
  #resolve(schema: JsonValue | undefined): JsonObject {
    let current = schema;
    for (let hops = 0; hops < MAX_DEPTH; hops++) {
      if (!isJsonObject(current)) return new Map();
      const reference = current.get('$ref');
      if (typeof reference !== 'string') return current;
      current = this.#follow(reference);
    }
    return new Map();
  }

  #follow(reference: string): JsonValue | undefined {
    let target: JsonValue | undefined = this.root;
    for (const part of reference.split('/').slice(1)) {
      target = isJsonObject(target) ? target.get(part) : undefined;
    }
    return target;
  }
}

function isNullSchema(schema: JsonValue): boolean {
  return isJsonObject(schema) && schema.get('type') === 'null';
}

function typeOf(schema: JsonObject): JsonValue | undefined {
  const type = schema.get('type');
  if (Array.isArray(type)) return type.find((each) => each !== 'null') ?? 'null';
  return type ?? (schema.has('properties') ? 'object' : 'string');
}

function stringFor(schema: JsonObject): string {
  const format = schema.get('format');
  const example = (typeof format === 'string' ? FORMATS[format] : undefined) ?? 'example';
  return example.padEnd(boundOf(schema, 'minLength', MAX_TEXT), '.');
}

/** A size that the schema asks for, as far as we go. */
function boundOf(schema: JsonObject, keyword: string, limit: number): number {
  return Math.min(limit, Math.max(0, Math.ceil(numberIn(schema, keyword) ?? 0)));
}

function numberIn(schema: JsonObject, keyword: string): number | undefined {
  const value = schema.get(keyword);
  return value instanceof JsonNumber ? value.toNumber() : undefined;
}

/** The smallest allowed number at or above 1, or the largest allowed one when that is below. */
function numberFor(schema: JsonObject): JsonNumber {
  const step = numberIn(schema, 'multipleOf') ?? 1;
  const above = numberIn(schema, 'exclusiveMinimum');
  const lowest = Math.max(
    numberIn(schema, 'minimum') ?? -Infinity,
    above === undefined ? -Infinity : Math.floor(above) + 1,
  );
  const below = numberIn(schema, 'exclusiveMaximum');
  const highest = Math.min(
    numberIn(schema, 'maximum') ?? Infinity,
    below === undefined ? Infinity : Math.ceil(below) - 1,
  );
  const wanted = Math.max(lowest, Math.min(1, highest));
  const value = step > 0 ? Math.ceil(wanted / step) * step : wanted;
  return Number.isInteger(value) ? JsonNumber.integer(value) : JsonNumber.float(value);
}
