import assert from 'node:assert/strict';
import test from 'node:test';
import type { Json } from './json-value.js';
import { type Captures, match, MatcherError } from './matcher.js';

const fits = (matcher: Json, value: Json | undefined) => match(matcher, value).length === 0;

/** Matcher, values that fit, values that do not. */
const CASES: [name: string, matcher: Json, good: Json[], bad: (Json | undefined)[]][] = [
  ['a literal', 'x', ['x'], ['y', null, undefined, ['x']]],
  ['null', null, [null], [undefined, 0, '', false]],
  ['an object literal', { a: 1 }, [{ a: 1 }], [{}, { a: 2 }, { a: 1, b: 2 }, [], null]],
  ['an array literal', [1, { $type: 'string' }], [[1, 'x']], [[1], [1, 2], [1, 'x', 3], {}]],
  ['$like', { $like: { a: 1 } }, [{ a: 1, b: 2 }], [{ b: 2 }, { a: 2 }, null, 'a']],
  [
    '$ordered',
    { $ordered: { a: 1, b: 2 } },
    [{ a: 1, b: 2 }],
    [{ b: 2, a: 1 }, { a: 1 }, { a: 1, b: 3 }],
  ],
  ['$keys', { $keys: ['a', 'b'] }, [{ a: 0, b: 0 }], [{ b: 0, a: 0 }, { a: 0 }, []]],
  ['$type', { $type: ['integer', 'null'] }, [1, null], [1.5, '1', undefined, {}]],
  ['$regex', { $regex: '^a+$' }, ['aa'], ['ab', 1, undefined]],
  ['$contains', { $contains: 'b' }, ['abc'], ['ac', ['b']]],
  ['$range', { $range: [1, 3] }, [1, 3], [0, 4, '2', null]],
  ['$length', { $length: [1, 2] }, ['a', [1, 2]], ['', [], 'abc', 2]],
  ['$length exact', { $length: 1 }, ['a'], ['ab']],
  ['$each', { $each: 1 }, [[], [1, 1]], [[1, 2], {}]],
  ['$some', { $some: 1 }, [[2, 1]], [[], [2], 1]],
  ['$json', { $json: { a: 1 } }, ['{"a": 1}'], ['{"a": 2}', '{', { a: 1 }]],
  [
    '$sums',
    { $sums: { t: ['a', 'd.b'] } },
    [{ t: 3, a: 1, d: { b: 2 } }],
    [{ t: 4, a: 1, d: { b: 2 } }, { t: 1, a: 1 }, {}],
  ],
  [
    '$equal',
    { $equal: ['id', 'c.0.s'] },
    [{ id: 'a', c: [{ s: 'a' }] }],
    [{ id: 'a', c: [{ s: 'b' }] }, { id: 'a', c: [] }, {}, null],
  ],
  ['$any', { $any: [1, 'x'] }, [1, 'x'], [2, null]],
  ['$all', { $all: [{ $type: 'string' }, { $length: 2 }] }, ['ab'], ['a', [1, 2]]],
  ['$not', { $not: 1 }, [2, 'x'], [1]],
  ['$absent in $like', { $like: { a: { $absent: true } } }, [{}], [{ a: null }]],
  ['$absent: false', { $like: { a: { $absent: false } } }, [{ a: null }], [{}]],
  ['several operators', { $type: 'string', $length: 1 }, ['a'], ['ab', [1]]],
];

for (const [name, matcher, good, bad] of CASES) {
  test(`${name} takes what fits and rejects the rest`, () => {
    for (const value of good) assert.deepEqual(match(matcher, value), [], JSON.stringify(value));
    for (const value of bad)
      assert.ok(!fits(matcher, value), `${JSON.stringify(value)} must not fit`);
  });
}

test('keys of hostile replies are own members only', () => {
  assert.ok(!fits({ $like: { constructor: { $absent: false } } }, {}));
  assert.ok(fits({ $like: { __proto__x: { $absent: true } } }, {}));
});

test('a mismatch says where and what', () => {
  const [mismatch] = match(
    { $like: { choices: [{ delta: { content: 'a' } }] } },
    { choices: [{ delta: { content: 'b' } }] },
  );
  assert.deepEqual(mismatch, {
    path: 'choices[0].delta.content',
    problem: 'expected "a", got "b"',
  });
});

test('captures bind what fitted, and nothing of a branch that did not', () => {
  const captures: Captures = new Map();
  assert.deepEqual(
    match(
      { $some: { a: { $capture: 'x' }, b: 1 } },
      [
        { a: 'no', b: 2 },
        { a: 'yes', b: 1 },
      ],
      captures,
    ),
    [],
  );
  assert.equal(captures.get('x'), 'yes');
  assert.equal(match({ $capture: 'y' }, undefined, captures).length, 1);
});

test('a matcher that is not well formed is an error, not a mismatch', () => {
  for (const matcher of [
    { $lik: {} },
    { $type: 'text' },
    { $range: [1] },
    { $each: { $nope: 1 } },
    { $regex: 1 },
  ] as Json[]) {
    assert.throws(() => match(matcher, ['x']), MatcherError);
  }
});
