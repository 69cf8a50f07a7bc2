// Near-duplicates: equal but for case and spaces, a word in a long text, and what differs in meaning.

import assert from 'node:assert/strict';
import test from 'node:test';
import { distance, DistinctTexts, simHash } from './sim-hash.js';

const LONG = Array.from({ length: 80 }, (_, i) => `Item ${i * 7919} goes to pier ${i}.`).join(' ');

test('a text is near itself whatever its case and spaces', () => {
  assert.equal(distance(simHash('Book  the Pier'), simHash('book the\npier')), 0);
});

test('a set knows what is near, in both languages', () => {
  const texts = new DistinctTexts();
  const isNew = (text: string): boolean => {
    const hash = simHash(text);
    if (texts.hasNear(hash)) return false;
    texts.add(hash);
    return true;
  };
  assert.ok(isNew(LONG));
  assert.ok(!isNew(LONG.toUpperCase()));
  assert.ok(isNew('请把三号码头的预订改到星期五上午。'));
  assert.ok(!isNew('请把三号码头的预订改到星期五上午。'));
  assert.ok(isNew('有多少份合同在今年到期？'));
  assert.ok(isNew(''));
});

test('a change of one word moves a long text less than another text does', () => {
  const changed = LONG.replace('pier 40', 'quay 40');
  const near = distance(simHash(LONG), simHash(changed));
  const far = distance(simHash(LONG), simHash([...LONG].toReversed().join('')));
  assert.ok(near < far && near <= 6, `${near} and ${far}`);
});
