import assert from 'node:assert/strict';
import test from 'node:test';
import { fromPlainJson, type JsonObject, toPlainJson } from '../encoding/json.js';
import { fitArguments } from './fit-schema.js';

const fit = (schema: object) => toPlainJson(fitArguments(fromPlainJson(schema) as JsonObject));
const property = (schema: object) =>
  (fit({ type: 'object', properties: { x: schema }, required: ['x'] }) as { x: unknown }).x;

test('required properties only, nested, in the order of the schema', () => {
  const schema = {
    type: 'object',
    properties: {
      b: { type: 'object', properties: { c: { type: 'boolean' } }, required: ['c'] },
      a: { type: 'string' },
      unused: { type: 'string' },
    },
    required: ['a', 'b', 'missing'],
  };
  assert.equal(JSON.stringify(fit(schema)), '{"b":{"c":true},"a":"example"}');
});

test('values fit their keywords', () => {
  const cases: [object, unknown][] = [
    [{ enum: ['red', 'blue'] }, 'red'],
    [{ const: 7 }, 7],
    [{ type: 'integer', minimum: 5 }, 5],
    [{ type: 'integer', exclusiveMinimum: 0, maximum: 9007199254740991 }, 1],
    [{ type: 'number', maximum: -2 }, -2],
    [{ type: 'integer', multipleOf: 5 }, 5],
    [{ type: 'string', format: 'ipv4' }, '192.0.2.1'],
    [{ type: 'string', minLength: 9 }, 'example..'],
    [{ type: 'array', items: { type: 'integer' }, minItems: 2 }, [1, 1]],
    [{ type: ['null', 'string'] }, 'example'],
    [{ anyOf: [{ type: 'null' }, { type: 'integer' }] }, 1],
    [{ allOf: [{ type: 'boolean' }] }, true],
    [{ properties: { y: { type: 'null' } }, required: ['y'] }, { y: null }],
    [{}, 'example'],
  ];
  for (const [schema, expected] of cases) assert.deepEqual(property(schema), expected);
});

test('references are followed, in rings too', () => {
  const schema = {
    type: 'object',
    $defs: {
      node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } }, required: ['next'] },
      ring: { $ref: '#/$defs/ring' },
    },
    properties: { node: { $ref: '#/$defs/node' }, ring: { $ref: '#/$defs/ring' } },
    required: ['node', 'ring'],
  };
  assert.ok(JSON.stringify(fit(schema)).startsWith('{"node":{"next":'));
});

test('sizes are bounded, whatever the schema asks for', () => {
  assert.equal((property({ type: 'array', minItems: 1e9 }) as unknown[]).length, 16);
  assert.equal((property({ type: 'string', minLength: 1e9 }) as string).length, 1000);
  assert.deepEqual(fit({ type: 'array' }), {});
});
