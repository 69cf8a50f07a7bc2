// Expressions: the operations by example, and totality: random expressions over random values neither
// throw nor run for ever.

import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Base, Database } from './database.js';
import { evaluate, type Scope } from './evaluate.js';
import type { Expr, Json } from './world-types.js';

const db = new Database(new Base([], {}));
const scope = (variables: Record<string, Json> = {}): Scope => ({
  before: db,
  after: db,
  variables,
});
const value = (expr: Expr, variables?: Record<string, Json>): Json =>
  evaluate(expr, scope(variables));
const constant = (json: Json): Expr => ({ op: 'const', value: json });

test('operations', () => {
  const list = constant([3, 1, 2, 1]);
  assert.equal(value({ op: 'sum', of: list }), 7);
  assert.equal(value({ op: 'min', of: list }), 1);
  assert.equal(value({ op: 'max', of: list }), 3);
  assert.deepEqual(value({ op: 'distinct', of: list }), [3, 1, 2]);
  assert.deepEqual(value({ op: 'sorted', of: list }), [1, 1, 2, 3]);
  const isSmall: Expr = { op: '<', left: { op: 'var', name: 'x' }, right: constant(3) };
  assert.deepEqual(value({ op: 'where', of: list, as: 'x', check: isSmall }), [1, 2, 1]);
  assert.equal(value({ op: 'every', of: list, as: 'x', check: isSmall }), false);
  assert.equal(value({ op: 'some', of: list, as: 'x', check: isSmall }), true);
  assert.equal(value({ op: 'div', left: constant(-7), right: constant(2) }), -4);
  assert.equal(value({ op: 'mod', left: constant(-7), right: constant(2) }), 1);
  const span: Expr = {
    op: 'days-between',
    left: constant('2025-12-01T23:00'),
    right: constant('2026-01-01'),
  };
  assert.equal(value(span), 31);
  assert.equal(value({ op: 'same-set', left: constant([1, 2]), right: constant([2, 1]) }), true);
});

test('what is missing or does not fit is null, and comparisons with null are false', () => {
  assert.equal(value({ op: 'var', name: 'constructor' }), null);
  assert.equal(value({ op: 'field', of: constant({ a: 1 }), name: '__proto__' }), null);
  assert.equal(value({ op: '=', left: constant(null), right: constant(null) }), false);
  assert.equal(value({ op: '!=', left: constant(null), right: constant(1) }), false);
  assert.equal(value({ op: '<', left: constant('3'), right: constant(4) }), false);
  assert.equal(value({ op: '+', left: constant(2 ** 53 - 1), right: constant(1) }), null);
  assert.equal(value({ op: 'rows', db: 'after', table: 'nothing' }), null);
});

test('no expression over no value throws', () => {
  const json = fc.jsonValue() as fc.Arbitrary<Json>;
  const { expr } = fc.letrec<{ expr: Expr }>((tie) => {
    const sub = tie('expr');
    const binary = fc.constantFrom(
      '=',
      '<',
      '>=',
      'in',
      'contains',
      'same-set',
      '+',
      'div',
      'mod',
      'days-between',
    );
    return {
      expr: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        fc.record({ op: fc.constant('const' as const), value: json }),
        fc.record({ op: fc.constant('var' as const), name: fc.constantFrom('s', 'x', 'y') }),
        fc.record({ op: fc.constant('field' as const), of: sub, name: fc.string() }),
        fc.record({ op: fc.constant('where' as const), of: sub, as: fc.constant('x'), check: sub }),
        fc.record({ op: fc.constantFrom('sum', 'sorted', 'max', 'distinct' as const), of: sub }),
        fc.record({ op: binary, left: sub, right: sub }),
        fc.record({ op: fc.constant('not' as const), of: sub }),
      ) as fc.Arbitrary<Expr>,
    };
  });
  fc.assert(
    fc.property(expr, json, (one, submitted) => {
      assert.notEqual(value(one, { s: submitted }), undefined);
    }),
  );
});

test('work is bounded', () => {
  const many = constant(Array.from({ length: 2000 }, (_, i) => i));
  const nested: Expr = {
    op: 'every',
    of: many,
    as: 'a',
    check: {
      op: 'every',
      of: many,
      as: 'b',
      check: { op: '>=', left: { op: 'var', name: 'a' }, right: constant(0) },
    },
  };
  assert.equal(value(nested), null);
});
