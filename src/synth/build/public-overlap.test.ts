// Decontamination: a public prompt is known, in whole and in part, and so is somebody from a benchmark;
// requests of our own are not.

import assert from 'node:assert/strict';
import test from 'node:test';
import { entitiesOf, publicOverlap, runsOf } from './public-overlap.js';

/** GSM8K, test split, second question. */
const PUBLIC =
  'A robe takes 2 bolts of blue fiber and half that much white fiber.  How many bolts in total does it take?';

test('a public prompt is known, with other words around it too', () => {
  assert.match(publicOverlap(PUBLIC)!, /is in a public prompt/);
  const [, ...words] = PUBLIC.split(' ');
  const part = words.slice(2, 16).join(' ').toUpperCase();
  assert.match(publicOverlap(`Please note: ${part}; thank you.`)!, /is in a public prompt/);
});

test('a person of a benchmark is known, whatever is asked', () => {
  assert.match(publicOverlap('Please book a room for Noah Muller on Friday.')!, /noah muller/);
});

test('what is our own has nothing in common', () => {
  assert.equal(
    publicOverlap('Please give the harvest “Aruga Charter” to the worker “Ufas Zanpin”.'),
    undefined,
  );
  assert.equal(
    publicOverlap('请把排练“曼彤泽指引”交给演员“谢晴曼”，并把状态改为进行中。'),
    undefined,
  );
});

test('any thirteen words in a row of a prompt hold one of the runs that are noted', () => {
  const words = Array.from({ length: 60 }, (_, i) => `word${i}`);
  const noted = new Set(runsOf(words.join(' ')));
  for (let at = 0; at + 13 <= words.length; at++) {
    const window = words.slice(at, at + 13);
    const runs = [0, 1, 2, 3, 4].flatMap((from) => runsOf(window.slice(from, from + 9).join(' ')));
    assert.ok(
      runs.some((run) => noted.has(run)),
      `${at}`,
    );
  }
});

test('names, addresses and identifiers are entities; beginnings of sentences are not', () => {
  const text = 'Ask Mia Li (mia_li_3668, mia.li@example.com) about HAT136. Then Robin goes.';
  const found = entitiesOf(text);
  for (const one of ['mia li', 'mia_li_3668', 'mia.li@example.com', 'hat136']) {
    assert.ok(found.includes(one), `${one} in ${found.join(', ')}`);
  }
  assert.ok(!found.some((one) => one.includes('robin')));
});
