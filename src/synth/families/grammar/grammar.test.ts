import assert from 'node:assert/strict';
import test from 'node:test';
import { sameJson } from '../../canonical.js';
import { Random } from '../../random.js';
import { roundTrips } from './round-trips.js';
import { Words } from './words.js';
import { constraintSentences } from './constraints.js';
import { dateForm, datetimeForm } from './dates.js';
import type { Form } from './form.js';
import { moneyForm } from './money.js';
import { numberForm } from './numbers.js';
import { choosables } from '../choose/world.js';
import { harbour } from '../fixture.js';
import type { Json } from '../../world-types.js';

const LANGUAGES = ['en', 'zh'] as const;

/** Spellings of a value that draws find. */
function spellings<T extends Json>(form: Form<T>, value: T): Set<string> {
  const random = new Random('spellings');
  return new Set(Array.from({ length: 60 }, () => form.write(value, random)!));
}

test('numbers, money and dates have four spellings and more, each read as one value', () => {
  const random = new Random('slots');
  for (const language of LANGUAGES) {
    assert.ok(spellings(numberForm(language), 21).size >= 3);
    assert.ok(spellings(moneyForm(language), 123_400).size >= 4);
    assert.ok(spellings(dateForm(language), '2026-03-12').size >= 4);
    assert.ok(spellings(datetimeForm(language), '2026-03-12T09:30').size >= 4);
    for (let i = 0; i < 3000; i++) {
      const number = random.int(-50, random.pick([30, 999, 20_000]));
      const money = random.int(0, random.pick([99, 10_000, 50_000_000]));
      const date = `20${random.int(10, 39)}-${two(random.int(1, 12))}-${two(random.int(1, 28))}`;
      readsBack(numberForm(language), number, random);
      readsBack(moneyForm(language), money, random);
      readsBack(dateForm(language), date, random);
      readsBack(
        datetimeForm(language),
        `${date}T${two(random.int(0, 23))}:${two(random.int(0, 59))}`,
        random,
      );
    }
  }
});

const two = (value: number): string => String(value).padStart(2, '0');

/** Of all readings that take in the whole text there is one, and it is the value. */
function readsBack<T extends Json>(form: Form<T>, value: T, random: Random): void {
  const text = form.write(value, random);
  assert.ok(text !== null, `no words for ${String(value)}`);
  const whole = form.read(text, 0).filter(({ end }) => end === text.length);
  assert.deepEqual(
    whole.map((one) => one.value),
    [value],
    text,
  );
}

test('10,000 random requests read back as they were meant, in both languages', () => {
  for (const language of LANGUAGES) {
    const { tried, failed } = roundTrips(language, 5000, 'quick');
    assert.equal(tried, 5000);
    assert.deepEqual(failed.slice(0, 3), []);
  }
});

test('a text that says something else, more or less, is not the same meaning', () => {
  const env = harbour(1);
  const words = new Words(env, 'en');
  const form = constraintSentences(words, choosables(env));
  const text = 'the price of the first berth must be at most $12.00.';
  const [reading] = form.read(text, 0);
  const other = form.read(text.replace('at most', 'at least'), 0)[0];
  assert.ok(reading && other && !sameJson(reading.value, other.value));
  assert.deepEqual(form.read(text.replace('must', 'might'), 0), []);
});
