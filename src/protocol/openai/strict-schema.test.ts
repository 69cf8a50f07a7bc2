// Strict mode (api reference §6.3): when it is on, what the schema subset takes, and that every
// violation is named by path and keyword.

import assert from 'node:assert/strict';
import test from 'node:test';
import { requestContext, type ContextOptions } from '../../../test/helpers/request-context.js';
import { ApiError } from '../api-error.js';
import { parseChatRequest } from './chat-request.js';

type Schema = Record<string, unknown>;

function parse(tools: object[], options: ContextOptions = { base: 'beta' }) {
  const body = { model: 'deepseek-chat', messages: [{ role: 'user', content: 'x' }], tools };
  return parseChatRequest(Buffer.from(JSON.stringify(body)), requestContext(options)).chat;
}

function messageOf(tools: object[], options?: ContextOptions): string {
  try {
    parse(tools, options);
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    assert.equal(error.status, 400);
    return error.message;
  }
  return 'accepted';
}

function tool(parameters: unknown, fields: object = { strict: true }, name = 'f'): object {
  return { type: 'function', function: { name, parameters, ...fields } };
}

/** An object schema that keeps the rules. */
function object(properties: Schema, rest: Schema = {}): Schema {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
    ...rest,
  };
}

test('strict mode is on when every function asks for it, on the beta base', () => {
  const schema = object({ city: { type: 'string' } });
  assert.equal(parse([tool(schema), tool(schema, { strict: true }, 'g')]).strictTools, true);
  assert.equal(parse([tool(schema, {})]).strictTools, undefined);
  assert.equal(parse([tool(schema, { strict: false })]).strictTools, undefined);
  assert.equal(parse([]).strictTools, undefined);
});

test('on the main base strict is accepted and means nothing, whatever the schema', () => {
  const lax = tool({ type: 'object', properties: { a: { minLength: 1 } } });
  assert.equal(parse([lax, tool({ type: 'object' }, {})], {}).strictTools, undefined);
});

test('strict for some functions only is refused', () => {
  assert.equal(
    messageOf([tool(object({})), tool({ type: 'object' }, {}, 'g')]),
    "Strict mode needs strict: true in every function of tools; 'g' lacks it",
  );
});

test('a strict that is no boolean is a wrong shape', () => {
  assert.match(
    messageOf([tool(object({}), { strict: 'yes' })]),
    /tools\[0\]\.function\.strict: invalid type: string "yes", expected a boolean/,
  );
});

test('strict works in thinking mode', () => {
  const body = {
    model: 'deepseek-reasoner',
    messages: [{ role: 'user', content: 'x' }],
    tools: [tool(object({}))],
  };
  const context = requestContext({ base: 'beta' });
  const { chat } = parseChatRequest(Buffer.from(JSON.stringify(body)), context);
  assert.deepEqual([chat.strictTools, chat.thinking], [true, true]);
});

const ACCEPTED: [what: string, schema: unknown][] = [
  ['no parameters', undefined],
  ['null', null],
  ['no properties', object({})],
  ['no properties and no lists', { type: 'object', additionalProperties: false }],
  [
    'every type and keyword',
    object(
      {
        email: { type: 'string', format: 'email', pattern: '^.+@.+$', description: 'd' },
        unit: { type: 'string', enum: ['c', 'f'] },
        size: {
          type: 'number',
          minimum: 0,
          maximum: 10,
          exclusiveMinimum: -1,
          exclusiveMaximum: 11,
          multipleOf: 0.5,
          default: 1,
        },
        count: { type: 'integer', const: 3 },
        level: { type: 'integer', enum: [1, 2] },
        isOn: { type: 'boolean', default: true },
        tags: { type: 'array', items: { type: 'string' } },
        either: { anyOf: [{ type: 'string' }, object({ a: { type: 'number' } })] },
        plain: { enum: ['a', 1, true] },
        inner: object({ '': { type: 'string' }, 'a.b': { type: 'boolean' } }),
      },
      { $schema: 'https://json-schema.org/draft/2020-12/schema', title: 'T' },
    ),
  ],
  [
    'recursion through $defs',
    object(
      { tree: { $ref: '#/$defs/node' } },
      {
        $defs: {
          node: object({
            value: { type: 'string' },
            children: { type: 'array', items: { $ref: '#/$defs/node' } },
          }),
        },
      },
    ),
  ],
  [
    'references to the root, $def and definitions',
    object(
      {
        again: { anyOf: [{ $ref: '#' }, { type: 'boolean' }] },
        a: { $ref: '#/$def/a', description: 'd' },
        b: { $ref: '#/definitions/b~1c~0' },
      },
      {
        $def: { a: { $ref: '#/definitions/b~1c~0' } },
        definitions: { 'b/c~': { type: 'string' } },
      },
    ),
  ],
  ['a reference to a property', object({ a: { type: 'string' }, b: { $ref: '#/properties/a' } })],
  ['a property named as a keyword', object({ $ref: { type: 'string' }, type: { type: 'string' } })],
];

test('the documented subset is accepted', () => {
  for (const [what, schema] of ACCEPTED) assert.equal(messageOf([tool(schema)]), 'accepted', what);
});

const at = (property: unknown) => object({ p: property });

const REFUSED: [schema: unknown, problem: string][] = [
  [
    { type: 'object', properties: {} },
    "parameters: strict mode needs 'additionalProperties': false",
  ],
  [
    object({}, { additionalProperties: { type: 'string' } }),
    "parameters: strict mode needs 'additionalProperties': false",
  ],
  [
    { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false },
    "parameters: strict mode needs every property in 'required'; 'a' is not",
  ],
  [
    object({}, { required: ['b'] }),
    "parameters: 'required' names 'b', which is not in 'properties'",
  ],
  [object({}, { required: 'a' }), "parameters: 'required' must be an array of property names"],
  [object({}, { properties: [] }), 'parameters.properties: must be an object, got an array'],
  [
    object({}, { minProperties: 1 }),
    "parameters: keyword 'minProperties' is not supported beside type 'object' in strict mode",
  ],
  [
    at({ type: 'string', minLength: 1 }),
    "parameters.properties.p: keyword 'minLength' is not supported beside type 'string' in strict mode",
  ],
  [
    at({ type: 'string', maxLength: 1 }),
    "parameters.properties.p: keyword 'maxLength' is not supported beside type 'string' in strict mode",
  ],
  [
    at({ type: 'string', format: 'date' }),
    "parameters.properties.p: format 'date' is not supported in strict mode; it must be one of " +
      'email, hostname, ipv4, ipv6, uuid',
  ],
  [
    at({ type: 'string', pattern: '(' }),
    "parameters.properties.p: 'pattern' '(' is not a regular expression",
  ],
  [
    at({ type: 'string', const: 'a' }),
    "parameters.properties.p: keyword 'const' is not supported beside type 'string' in strict mode",
  ],
  [
    at({ type: 'array', items: { type: 'string' }, minItems: 1 }),
    "parameters.properties.p: keyword 'minItems' is not supported beside type 'array' in strict mode",
  ],
  [
    at({ type: 'array', items: { type: 'string' }, maxItems: 1 }),
    "parameters.properties.p: keyword 'maxItems' is not supported beside type 'array' in strict mode",
  ],
  [at({ type: 'array' }), "parameters.properties.p: strict mode needs 'items' in an array"],
  [
    at({ type: 'array', items: { type: 'array', items: true } }),
    'parameters.properties.p.items.items: must be an object, got true',
  ],
  [
    at({ type: ['string', 'null'] }),
    'parameters.properties.p: type an array is not supported in strict mode; it must be one of ' +
      'object, string, number, integer, boolean, array',
  ],
  [
    at({ type: 'null' }),
    "parameters.properties.p: type 'null' is not supported in strict mode; it must be one of " +
      'object, string, number, integer, boolean, array',
  ],
  [
    at({ type: '__proto__' }),
    "parameters.properties.p: type '__proto__' is not supported in strict mode; it must be one of " +
      'object, string, number, integer, boolean, array',
  ],
  [
    at({}),
    "parameters.properties.p: a schema needs one of 'type', 'anyOf', 'enum' or '$ref' in strict mode",
  ],
  [
    at({ type: 'number', minimum: '0' }),
    "parameters.properties.p: 'minimum' must be a number, got '0'",
  ],
  [
    at({ type: 'number', multipleOf: 0 }),
    "parameters.properties.p: 'multipleOf' must be greater than 0, got 0",
  ],
  [
    at({ type: 'integer', enum: [1, 1.5] }),
    "parameters.properties.p: 'enum' has 1.5, which is not of type 'integer'",
  ],
  [
    at({ type: 'string', enum: [] }),
    "parameters.properties.p: 'enum' must be an array with at least one value",
  ],
  [
    at({ enum: [null] }),
    "parameters.properties.p: 'enum' has null, which is not of type 'string, number or boolean'",
  ],
  [at({ anyOf: [] }), "parameters.properties.p: 'anyOf' must be an array with at least one schema"],
  [
    at({ anyOf: [{ type: 'string' }, { type: 'string', minLength: 2 }] }),
    "parameters.properties.p.anyOf[1]: keyword 'minLength' is not supported beside type 'string' in " +
      'strict mode',
  ],
  [
    at({ anyOf: [{ type: 'string' }], type: 'string' }),
    "parameters.properties.p: keyword 'type' is not supported beside 'anyOf' in strict mode",
  ],
  [
    at({ oneOf: [{ type: 'string' }] }),
    "parameters.properties.p: a schema needs one of 'type', 'anyOf', 'enum' or '$ref' in strict mode",
  ],
  [
    at({ $ref: 'https://example.com/schema' }),
    "parameters.properties.p: '$ref' 'https://example.com/schema' is not local; it must begin with " +
      "'#/'",
  ],
  [
    at({ $ref: '#/$defs/gone' }),
    "parameters.properties.p: '$ref' '#/$defs/gone' leads to no schema",
  ],
  [
    at({ $ref: '#', type: 'object' }),
    "parameters.properties.p: keyword 'type' is not supported beside '$ref' in strict mode",
  ],
  [
    at({ type: 'string', $defs: {} }),
    "parameters.properties.p: '$defs' must stand at the root of the parameters",
  ],
  [
    object({}, { $defs: { a: { type: 'string', maxLength: 1 } } }),
    "parameters.$defs.a: keyword 'maxLength' is not supported beside type 'string' in strict mode",
  ],
  [
    object({}, { $defs: { a: { $ref: '#/$defs/a' } } }),
    'parameters.$defs.a: the schema refers to itself endlessly',
  ],
  [
    object(
      { p: { $ref: '#/$defs/a' } },
      {
        $defs: {
          a: { anyOf: [{ type: 'string' }, { $ref: '#/$defs/b' }] },
          b: { $ref: '#/$defs/a' },
        },
      },
    ),
    'parameters.properties.p: the schema refers to itself endlessly',
  ],
];

test('everything else is refused, named by path and keyword', () => {
  for (const [schema, problem] of REFUSED) {
    assert.equal(
      messageOf([tool(schema)]),
      `Invalid schema for function 'f': ${problem}`,
      JSON.stringify(schema),
    );
  }
});

test('a schema of very many schemas, or a long chain of references, is refused in time', () => {
  const many = Object.fromEntries(
    Array.from({ length: 5000 }, (_, index) => [`p${index}`, { type: 'string' }]),
  );
  const chain = Object.fromEntries(
    Array.from({ length: 5000 }, (_, index) => [`d${index}`, { $ref: `#/$defs/d${index + 1}` }]),
  );
  for (const schema of [object(many), object({ p: { $ref: '#/$defs/d0' } }, { $defs: chain })]) {
    assert.match(
      messageOf([tool(schema)]),
      /strict mode takes at most 1000 schemas in one function$/,
    );
  }
});

test('an error repeats only the beginning of a long name', () => {
  const schema = object({ ['k'.repeat(10_000)]: { type: 't'.repeat(10_000) } });
  assert.ok(messageOf([tool(schema)]).length < 500);
});
