// A JSON Schema as the kinds of values it allows, one level deep: references followed, `anyOf` laid
// flat, keywords it does not know ignored. What strict mode allows is understood exactly (api
// reference §6.3); of the rest, what says most about how a value looks. Knows no grammar.

import { isJsonObject, JsonNumber, type JsonObject, type JsonValue } from '../json.js';
import { readDecimal, type Bound } from './decimal.js';
import type { NumberLimits } from './number-automaton.js';

export type SchemaAlternative =
  | { kind: 'any' | 'boolean' | 'null' }
  | { kind: 'literal'; value: JsonValue }
  | { kind: 'string'; pattern?: string; format?: string }
  | { kind: 'number'; limits: NumberLimits }
  /** `items` is absent where any value may stand. */
  | { kind: 'array'; items?: JsonValue }
  /** Any members, or those of `values`; `properties` is absent. */
  | { kind: 'map'; values?: JsonValue }
  | { kind: 'object'; properties: SchemaProperty[] };

export interface SchemaProperty {
  name: string;
  schema: JsonValue;
  isRequired: boolean;
}

const ANY: readonly SchemaAlternative[] = [{ kind: 'any' }];
/** Schemas looked at for one value: references and alternatives of a client may multiply. */
const MAX_VISITS = 200;

/** @param root where references start. Never empty: what cannot be understood allows anything. */
export function schemaAlternatives(
  schema: JsonValue | undefined,
  root: JsonValue | undefined,
  visits = { left: MAX_VISITS },
): readonly SchemaAlternative[] {
  if (!isJsonObject(schema) || visits.left-- <= 0) return ANY;
  const ref = schema.get('$ref');
  if (typeof ref === 'string') return schemaAlternatives(resolve(root, ref), root, visits);
  if (schema.has('const')) return [{ kind: 'literal', value: schema.get('const')! }];
  const values = schema.get('enum');
  if (Array.isArray(values) && values.length > 0) return literals(schema, values);
  const type = schema.get('type');
  const branches = schema.get('anyOf') ?? schema.get('oneOf') ?? onlyBranch(schema.get('allOf'));
  if (Array.isArray(branches) && branches.length > 0 && !schema.has('properties')) {
    return branches.flatMap((branch) => schemaAlternatives(branch, root, visits));
  }
  if (Array.isArray(type) && type.length > 0) return type.flatMap((one) => ofType(schema, one));
  return ofType(schema, type ?? (schema.has('properties') ? 'object' : undefined));
}

/** A single schema under `allOf` is how some generators write a reference with a description. */
function onlyBranch(branches: JsonValue | undefined): JsonValue[] | undefined {
  return Array.isArray(branches) && branches.length === 1 ? branches : undefined;
}

/** Strict mode checks that values fit beside `type`; elsewhere they are taken as they are. */
function literals(schema: JsonObject, values: readonly JsonValue[]): SchemaAlternative[] {
  const limits = numberLimits(schema, schema.get('type') === 'integer');
  const fitting = values.filter(
    (value) => !(value instanceof JsonNumber) || isWithin(value, limits),
  );
  const kept = fitting.length > 0 ? fitting : values;
  return kept.map((value) => ({ kind: 'literal', value }));
}

function ofType(schema: JsonObject, type: JsonValue | undefined): readonly SchemaAlternative[] {
  switch (type) {
    case 'string':
      return [stringAlternative(schema)];
    case 'integer':
    case 'number':
      return [{ kind: 'number', limits: numberLimits(schema, type === 'integer') }];
    case 'boolean':
    case 'null':
      return [{ kind: type }];
    case 'array': {
      const items = schema.get('items');
      return [{ kind: 'array', ...(isJsonObject(items) && { items }) }];
    }
    case 'object':
      return [objectAlternative(schema)];
    default:
      return ANY;
  }
}

function stringAlternative(schema: JsonObject): SchemaAlternative {
  const pattern = schema.get('pattern');
  const format = schema.get('format');
  return {
    kind: 'string',
    ...(typeof pattern === 'string' && { pattern }),
    ...(typeof format === 'string' && { format }),
  };
}

function objectAlternative(schema: JsonObject): SchemaAlternative {
  const declared = schema.get('properties');
  const properties = isJsonObject(declared) ? [...declared] : [];
  const required = schema.get('required');
  const names = new Set(Array.isArray(required) ? required : []);
  for (const name of names) {
    const isKnown = typeof name !== 'string' || properties.some(([known]) => known === name);
    if (!isKnown) properties.push([name, true]);
  }
  const additional = schema.get('additionalProperties');
  if (properties.length === 0 && additional !== false) {
    return { kind: 'map', ...(isJsonObject(additional) && { values: additional }) };
  }
  return {
    kind: 'object',
    properties: properties.map(([name, property]) => ({
      name,
      schema: property,
      isRequired: names.has(name),
    })),
  };
}

function numberLimits(schema: JsonObject, isInteger: boolean): NumberLimits {
  const min = tighter(
    boundOf(schema.get('minimum'), false),
    boundOf(schema.get('exclusiveMinimum'), true),
    (a, b) => a > b,
  );
  const max = tighter(
    boundOf(schema.get('maximum'), false),
    boundOf(schema.get('exclusiveMaximum'), true),
    (a, b) => a < b,
  );
  const multiple = schema.get('multipleOf');
  const multipleOf = multiple instanceof JsonNumber ? readDecimal(multiple.text) : undefined;
  return {
    isInteger,
    ...(min && { min }),
    ...(max && { max }),
    ...(multipleOf && multipleOf.units > 0n && { multipleOf }),
  };
}

function boundOf(value: JsonValue | undefined, isExclusive: boolean): Bound | undefined {
  const at = value instanceof JsonNumber ? readDecimal(value.text) : undefined;
  return at && { at, isExclusive };
}

/** Of two bounds on one side, the one that excludes more. */
function tighter(
  inclusive: Bound | undefined,
  exclusive: Bound | undefined,
  isBeyond: (a: bigint, b: bigint) => boolean,
): Bound | undefined {
  if (!inclusive || !exclusive) return inclusive ?? exclusive;
  const a = inclusive.at.units * 10n ** BigInt(exclusive.at.scale);
  const b = exclusive.at.units * 10n ** BigInt(inclusive.at.scale);
  return isBeyond(a, b) ? inclusive : exclusive;
}

function isWithin(value: JsonNumber, { min, max, multipleOf, isInteger }: NumberLimits): boolean {
  const number = value.toNumber();
  if (isInteger && !Number.isInteger(number)) return false;
  const low = min ? Number(min.at.units) / 10 ** min.at.scale : -Infinity;
  const high = max ? Number(max.at.units) / 10 ** max.at.scale : Infinity;
  if (number < low || (min?.isExclusive && number <= low)) return false;
  if (number > high || (max?.isExclusive && number >= high)) return false;
  if (!multipleOf) return true;
  const at = readDecimal(value.text);
  if (!at) return false;
  const scale = Math.max(at.scale, multipleOf.scale);
  const units = at.units * 10n ** BigInt(scale - at.scale);
  return units % (multipleOf.units * 10n ** BigInt(scale - multipleOf.scale)) === 0n;
}

/** A JSON pointer from the root; undefined when it leads to nothing. */
function resolve(root: JsonValue | undefined, ref: string): JsonValue | undefined {
  if (!ref.startsWith('#')) return undefined;
  let value: JsonValue | undefined = root;
  for (const part of ref.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (isJsonObject(value)) value = value.get(key);
    else value = Array.isArray(value) && /^\d+$/.test(key) ? value[Number(key)] : undefined;
  }
  return value;
}
