// The words themselves: names of different meanings never coincide, labels are complete in both
// languages, themes and proper names are as many and as distinct as they should be.

import assert from 'node:assert/strict';
import test from 'node:test';
import { Random } from '../random.js';
import { ProperNames, type NameKind } from './proper-names.js';
import { themes, THEME_WORDS } from './themes.js';
import { columnLabel, columnMeanings, columnNames } from './words.js';

test('a column name leads back to one meaning, and Chinese labels differ', () => {
  const names = columnMeanings().flatMap((meaning) => columnNames(meaning));
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  assert.deepEqual(twice, []);
  const chinese = columnMeanings().map((meaning) => columnLabel(meaning, meaning).zh);
  assert.deepEqual(
    chinese.filter((label, i) => chinese.indexOf(label) !== i),
    [],
  );
});

test('at least 60 themes, each with every word in both languages', () => {
  assert.ok(themes.length >= 60);
  assert.equal(new Set(themes.map(({ id }) => id)).size, themes.length);
  for (const { id, title, words } of themes) {
    assert.ok(title.en && title.zh, id);
    for (const word of THEME_WORDS) {
      assert.match(words[word]!.en, /^[a-z_]+$/, `${id}.${word}`);
      assert.match(words[word]!.zh, /^\p{Script=Han}+$/u, `${id}.${word}`);
    }
    assert.equal(new Set(THEME_WORDS.map((word) => words[word]!.en)).size, THEME_WORDS.length, id);
  }
});

test('proper names are unique and none is a part of another', () => {
  const kinds: NameKind[] = ['person', 'organisation', 'place', 'thing', 'title'];
  for (let seed = 0; seed < 6; seed++) {
    const names = new ProperNames(new Random('names', seed));
    const made = kinds.flatMap((kind) => Array.from({ length: 70 }, () => names.next(kind)));
    for (const language of ['en', 'zh'] as const) {
      const all = made.map((name) => name[language]);
      assert.equal(new Set(all).size, all.length);
      for (const one of all) {
        assert.deepEqual(
          all.filter((other) => other !== one && other.includes(one)),
          [],
        );
      }
    }
  }
});
