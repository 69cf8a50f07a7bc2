// Sampling against exact probabilities: counts of many seeded draws, chi-square at a level a fixed
// seed either passes or not; everything else is exact.

import assert from 'node:assert/strict';
import test from 'node:test';
import type { SamplingParams } from '../backend/types.js';
import { createRandom } from './random.js';
import { penaltyProcessor, Sampler } from './sampler.js';

const PLAIN: SamplingParams = { temperature: 1, topP: 1, presencePenalty: 0, frequencyPenalty: 0 };
const PROBABILITIES = [0.4, 0.3, 0.15, 0.1, 0.05];
const LOGITS = Float32Array.from(PROBABILITIES, Math.log);

function draw(params: SamplingParams, numDraws: number, seed = 1): number[] {
  const sampler = new Sampler(LOGITS.length);
  const random = createRandom(seed);
  const counts = PROBABILITIES.map(() => 0);
  for (let i = 0; i < numDraws; i++) counts[sampler.sample(LOGITS, params, random)]!++;
  return counts;
}

function sequence(seed?: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length: 20 }, () => random());
}

function assertDistribution(counts: number[], expected: number[]): void {
  const total = counts.reduce((sum, count) => sum + count, 0);
  let chiSquare = 0;
  expected.forEach((probability, index) => {
    if (probability === 0) assert.equal(counts[index], 0, `token ${index} must never be drawn`);
    else chiSquare += (counts[index]! - probability * total) ** 2 / (probability * total);
  });
  // 99.9 % quantile of chi-square with 4 degrees of freedom.
  assert.ok(chiSquare < 18.47, `chi-square ${chiSquare} for ${counts} against ${expected}`);
}

test('draws follow the softmax', () => {
  assertDistribution(draw(PLAIN, 20_000), PROBABILITIES);
});

test('temperature raises probabilities to the power of its inverse', () => {
  for (const temperature of [0.5, 2]) {
    const powers = PROBABILITIES.map((p) => p ** (1 / temperature));
    const total = powers.reduce((sum, p) => sum + p, 0);
    assertDistribution(
      draw({ ...PLAIN, temperature }, 20_000),
      powers.map((p) => p / total),
    );
  }
});

test('top-p keeps the smallest set that reaches the mass, renormalised', () => {
  assertDistribution(draw({ ...PLAIN, topP: 0.65 }, 20_000), [4 / 7, 3 / 7, 0, 0, 0]);
  assertDistribution(
    draw({ ...PLAIN, topP: 0.71 }, 20_000),
    [0.4, 0.3, 0.15, 0, 0].map((p) => p / 0.85),
  );
  assertDistribution(draw({ ...PLAIN, topP: 1e-9 }, 1000), [1, 0, 0, 0, 0]);
  assertDistribution(draw({ ...PLAIN, topP: 0.999999 }, 20_000), PROBABILITIES);
});

test('temperature 0 takes the best, the lowest id among equals, and needs no randomness', () => {
  const sampler = new Sampler(4);
  const params = { ...PLAIN, temperature: 0 };
  assert.equal(sampler.sample(Float32Array.of(1, 3, 3, 2), params, assert.fail), 1);
});

test('a tiny temperature does not overflow', () => {
  const logits = Float32Array.of(1000, 1001, -1000);
  const token = new Sampler(3).sample(logits, { ...PLAIN, temperature: 1e-8 }, createRandom(1));
  assert.equal(token, 1);
});

test('equal seeds give equal draws, different seeds different ones', () => {
  assert.deepEqual(sequence(42), sequence(42));
  const seeds = [0, 1, -1, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER];
  const firsts = new Set(seeds.map((seed) => sequence(seed).join()));
  assert.equal(firsts.size, seeds.length);
  assert.notDeepEqual(sequence(), sequence(1));
});

test('random numbers fill [0, 1) evenly', () => {
  const random = createRandom(7);
  const buckets = Array.from({ length: 16 }, () => 0);
  for (let i = 0; i < 32_000; i++) {
    const value = random();
    assert.ok(value >= 0 && value < 1);
    buckets[Math.floor(value * 16)]!++;
  }
  for (const count of buckets) assert.ok(Math.abs(count - 2000) < 200, `${buckets}`);
});

test('penalties subtract per count and once for presence', () => {
  const counts = new Map([
    [0, 3],
    [2, 1],
  ]);
  const params = { ...PLAIN, presencePenalty: 0.5, frequencyPenalty: 0.25 };
  const logits = Float32Array.of(1, 1, 1);
  penaltyProcessor(params, counts)!(logits);
  assert.deepEqual([...logits], [1 - 0.75 - 0.5, 1, 1 - 0.25 - 0.5]);
  assert.equal(penaltyProcessor(PLAIN, counts), undefined);
});

test('penalties change what is sampled and leave the given logits alone', () => {
  const logits = Float32Array.of(2, 1, 0);
  const params = { ...PLAIN, temperature: 0, frequencyPenalty: 2 };
  const process = penaltyProcessor(params, new Map([[0, 1]]))!;
  assert.equal(new Sampler(3).sample(logits, params, createRandom(1), [process]), 1);
  assert.deepEqual([...logits], [2, 1, 0]);
});

test('logprobs are those of the unmodified softmax, best first, with the rank', () => {
  const { logprob, rank, top } = new Sampler(5).logprobs(LOGITS, 3, 3);
  assert.ok(Math.abs(logprob - Math.log(0.1)) < 1e-6);
  assert.equal(rank, 4);
  assert.deepEqual(
    top.map(({ token }) => token),
    [0, 1, 2],
  );
  top.forEach(({ token, logprob }) => {
    assert.ok(Math.abs(logprob - Math.log(PROBABILITIES[token]!)) < 1e-6);
  });
  assert.equal(new Sampler(5).logprobs(LOGITS, 3, 20).top.length, 5);
});

test('rows of the logits beyond the vocabulary are never sampled', () => {
  const logits = Float32Array.of(0, 1, 9, 9);
  assert.equal(new Sampler(2).sample(logits, { ...PLAIN, temperature: 0 }, createRandom(1)), 1);
});

test('logits that are not numbers are an error, not a token', () => {
  const sampler = new Sampler(2);
  for (const bad of [NaN, Infinity, -Infinity]) {
    assert.throws(
      () => sampler.sample(Float32Array.of(bad, bad), PLAIN, createRandom(1)),
      /no finite logit|not numbers/,
    );
  }
  assert.throws(
    () => sampler.sample(Float32Array.of(1, NaN), PLAIN, createRandom(1)),
    /not numbers/,
  );
});
