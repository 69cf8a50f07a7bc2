// Random schemas of the strict subset (api reference §6.3): every kind of node it has, recursion
// through definitions, names and values with characters that markup and JSON use.

import fc from 'fast-check';

export type Schema = Record<string, unknown>;

const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9_]{0,11}$/),
  fc.constantFrom('a b', 'größe', '城市', 'x.y', 'it-is', '$ref', 'ａ<b'),
);
const text = fc.oneof(
  fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).filter(isVisible),
  fc.constantFrom('', 'true', '42', '"quoted"', 'a\\b', 'line\nbreak', '</x>', '北京', '{"a": 1}'),
);
const bound = fc.oneof(
  fc.integer({ min: -1000, max: 1000 }),
  fc.constantFrom(0, 1, -1, 10, 0.5, -2.25, 1e6),
);

function isVisible(value: string): boolean {
  return !/[｜\p{Surrogate}\p{Control}]/u.test(value);
}

const string: fc.Arbitrary<Schema> = fc.oneof(
  fc.constant({ type: 'string' }),
  fc
    .uniqueArray(text, { minLength: 1, maxLength: 5 })
    .map((values) => ({ type: 'string', enum: values })),
  fc
    .constantFrom('email', 'hostname', 'ipv4', 'ipv6', 'uuid')
    .map((format) => ({ type: 'string', format })),
  fc
    .constantFrom(
      '^[a-z]{3}-\\d{2,4}$',
      '^(?:foo|bar)+$',
      '\\d',
      '^[A-Z][a-z]*( [A-Z][a-z]*)?$',
      '^#[0-9a-fA-F]{6}$',
      '^"[^"\\\\]*"$',
      '^\\S+@\\S+$',
      '^(?:[äöü]|[一-龥]{2}){1,4}$',
      '^.{2,5}$',
      '^\\u{1F600}?x\\/y\\.$',
    )
    .map((pattern) => ({ type: 'string', pattern })),
);

/** Bounds that leave at least one number, with or without a multiple. */
const number: fc.Arbitrary<Schema> = fc
  .record(
    {
      type: fc.constantFrom('integer', 'number'),
      low: fc.tuple(fc.constantFrom('minimum', 'exclusiveMinimum'), bound),
      width: fc.integer({ min: 3, max: 5000 }),
      high: fc.constantFrom('maximum', 'exclusiveMaximum'),
      multipleOf: fc.constantFrom(1, 2, 3, 7, 10, 60, 100, 0.5, 0.25),
    },
    { requiredKeys: ['type'] },
  )
  .map(({ type, low, width, high, multipleOf }) => ({
    type,
    ...(low && { [low[0]]: low[1] }),
    ...(high && { [high]: (low?.[1] ?? 0) + Math.max(width ?? 50, 3 * (multipleOf ?? 1)) }),
    ...(multipleOf !== undefined && { multipleOf }),
  }));

const plain: fc.Arbitrary<Schema> = fc.oneof(
  string,
  number,
  fc.constant({ type: 'boolean' }),
  fc.constant({ type: 'boolean', enum: [true] }),
  fc.constantFrom({ type: 'number', const: 1.5 }, { type: 'integer', const: 9007199254740991 }),
  fc
    .uniqueArray(fc.oneof(text, fc.integer(), fc.boolean()), { minLength: 1, maxLength: 4 })
    .map((values) => ({ enum: values })),
  fc
    .uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 4 })
    .map((values) => ({ type: 'integer', enum: values })),
);

function objectOf(node: fc.Arbitrary<Schema>, maxProperties: number): fc.Arbitrary<Schema> {
  return fc.dictionary(name, node, { maxKeys: maxProperties }).map((properties) => ({
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  }));
}

function nodeOf(depth: number): fc.Arbitrary<Schema> {
  if (depth === 0) return plain;
  const inner = nodeOf(depth - 1);
  return fc.oneof(
    { weight: 5, arbitrary: plain },
    { weight: 1, arbitrary: objectOf(inner, 3) },
    { weight: 1, arbitrary: inner.map((items) => ({ type: 'array', items })) },
    {
      weight: 1,
      arbitrary: fc.array(inner, { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom('$defs', '$def').map((at) => ({ $ref: `#/${at}/tree` })),
    },
  );
}

const tree = fc.tuple(plain, fc.constantFrom('$defs', '$def')).map(([value, at]) => ({
  type: 'object',
  properties: { value, children: { type: 'array', items: { $ref: `#/${at}/tree` } } },
  required: ['value', 'children'],
  additionalProperties: false,
}));

/** The parameters of a function. */
export const strictParameters: fc.Arbitrary<Schema> = fc
  .tuple(objectOf(nodeOf(2), 5), tree)
  .map(([parameters, definition]) => ({
    ...parameters,
    $defs: { tree: definition },
    $def: { tree: definition },
  }));
