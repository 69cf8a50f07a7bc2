// Near-duplicates over a corpus: what is found, what is not, and that estimates are near the truth.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Random } from '../random.js';
import { decodeSignature, encodeSignature, signatureOf, similarityOf } from './min-hash.js';
import { NearTexts } from './near-texts.js';

const random = new Random('near-texts.test');
const text = (words: number): string =>
  Array.from({ length: words }, () => random.token(random.int(3, 9))).join(' ');

/** The share of common 5-grams, counted. */
function truth(a: string, b: string): number {
  const grams = (one: string): Set<string> =>
    new Set(Array.from({ length: one.length - 4 }, (_, at) => one.slice(at, at + 5)));
  const [first, second] = [grams(a), grams(b)];
  const common = [...first].filter((gram) => second.has(gram)).length;
  return common / (first.size + second.size - common);
}

test('the estimate is near the true share of common 5-grams', () => {
  for (let i = 0; i < 20; i++) {
    const [head, tail, other] = [text(10 + 4 * i), text(20), text(20)];
    const [a, b] = [`${head} ${tail}`, `${head} ${other}`];
    const estimate = similarityOf(signatureOf(a), signatureOf(b));
    assert.ok(Math.abs(estimate - truth(a, b)) < 0.2, `${estimate} for ${truth(a, b)}`);
  }
});

test('a signature survives JSON, and what is none is named', () => {
  const signature = signatureOf('把三号码头的预订改到星期五');
  assert.deepEqual(decodeSignature(encodeSignature(signature)), signature);
  assert.throws(() => decodeSignature('AAAA'), RangeError);
});

test('among thousands, a text with one word changed is found and others are not', () => {
  const texts = new NearTexts();
  const all = Array.from({ length: 3000 }, () => text(60));
  for (const one of all) {
    assert.ok(texts.nearest(signatureOf(one)) < 0.5);
    texts.add(signatureOf(one));
  }
  assert.equal(texts.size, 3000);
  for (const one of all.filter((_, i) => i % 100 === 0)) {
    const changed = one.replace(/ \w+ /, ' quay ');
    assert.ok(texts.nearest(signatureOf(changed)) >= 0.8);
  }
  const sample = texts.sampleNearest(10);
  assert.equal(sample.length, 10);
  assert.ok(sample.every((nearest) => nearest < 0.5));
});
