import assert from 'node:assert/strict';
import test from 'node:test';
import { mutate, mutationsOf } from './mutations.js';
import { tokensOf } from './tokens.js';

const SOURCE = `import { f } from './f.js';

/** At most 3, or "4" if a < b. */
const LIMIT = 3;

export default function run(a, b) {
  if (a === null) return 0;
  // a > b
  return a < b && f(a, b) !== 'x < y' ? LIMIT : -1;
}
`;

test('mistakes are planted in code, not in comments, texts, imports or figures', () => {
  const changed = mutationsOf(SOURCE).map((mutation) => {
    const after = mutate(SOURCE, mutation);
    assert.notEqual(after, SOURCE);
    const [head = ''] = SOURCE.split('export default');
    assert.ok(after.startsWith(head), mutation.operator);
    assert.equal(mutate(after, { ...mutation, old: mutation.text, text: mutation.old }), SOURCE);
    return `${mutation.operator} ${mutation.old.trim()}`;
  });
  assert.deepEqual(changed.toSorted(), [
    'arguments (a, b',
    'edge <',
    'equality !==',
    'equality ===',
    'guard if (a === null) return 0;',
    'logic &&',
    'off-by-one 0',
    'off-by-one 1',
    'off-by-one 1',
    'turned <',
  ]);
});

test('tokens are those of the language; what the library does not have is refused', () => {
  const texts = tokensOf("a?.b ?? [...c] => 'it\\'s' // no\n /* no */ !== 12").map(
    ({ text }) => text,
  );
  assert.deepEqual(texts, [
    'a',
    '?.',
    'b',
    '??',
    '[',
    '...',
    'c',
    ']',
    '=>',
    "'it\\'s'",
    '!==',
    '12',
  ]);
  assert.throws(() => tokensOf('`text`'), SyntaxError);
});
