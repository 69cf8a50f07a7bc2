import assert from 'node:assert/strict';
import test from 'node:test';

import { quantize } from '../tensor/quantize.js';
import type { MoeConfig } from './config.js';
import { gate } from './feed-forward.js';
import { testDevice } from './model-fixtures.js';

const GOLDEN: MoeConfig = {
  numExperts: 8,
  numExpertsPerToken: 2,
  numSharedExperts: 1,
  intermediateSize: 32,
  numGroups: 4,
  numGroupsUsed: 2,
  scoring: 'sigmoid',
  normTopkProb: true,
  routedScalingFactor: 2.5,
};
const LOGITS = [0.2, -0.5, 1, 0.3, -1.2, 0.8, 0.1, 0.6];
const BIAS = [0, 0, -0.3, 0.2, 0.5, 0, 0, 0.1];

/** Chosen experts and their weights for one token with the given router logits. */
function route(
  t: test.TestContext,
  config: MoeConfig,
  bias: number[] | null,
  { prefer = 'ggml', logits = LOGITS }: { prefer?: 'ggml' | 'reference'; logits?: number[] } = {},
): Map<number, number> {
  const device = testDevice(t, prefer);
  const weights = device.allocate([
    { name: 'router', dtype: 'f32', shape: [1, logits.length] },
    { name: 'bias', dtype: 'f32', shape: [logits.length] },
  ]);
  // Hidden size 1 and input 1: the router's weights are the logits.
  weights.get('router').upload(quantize('f32', Float32Array.from(logits)));
  weights.get('bias').upload(quantize('f32', Float32Array.from(bias ?? BIAS)));
  const graph = device.buildGraph((g) => {
    const x = g.input('x', 'f32', [1, 1]);
    const router = weights.get('router');
    return { ...gate(g, x, { router, bias: bias === null ? null : weights.get('bias') }, config) };
  });
  graph.write('x', Float32Array.of(1));
  graph.computeSync();
  const shares = graph.readF32('shares');
  const routed = new Map([...graph.readI32('chosen')].map((expert, i) => [expert, shares[i]!]));
  graph.dispose();
  weights.dispose();
  return routed;
}

function assertRoute(routed: Map<number, number>, expected: Record<number, number>): void {
  assert.deepEqual([...routed.keys()].toSorted(), Object.keys(expected).map(Number).toSorted());
  for (const [expert, share] of routed) {
    assert.ok(Math.abs(share - expected[expert]!) < 2e-6, `expert ${expert}: ${share}`);
  }
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

for (const prefer of ['ggml', 'reference'] as const) {
  test(`the gate gives the golden route of the reference (${prefer})`, (t) => {
    // Model reference §9: groups 2 and 3 are kept; weights come from unbiased scores.
    assertRoute(route(t, GOLDEN, BIAS, { prefer }), { 7: 1.840249, 4: 0.659751 });
  });
}

test('without group limits the best biased experts are chosen', (t) => {
  const config = { ...GOLDEN, numGroups: 1, numGroupsUsed: 1, normTopkProb: false };
  const routed = route(t, config, BIAS);
  // Biased: expert 3 has 0.774, expert 7 has 0.746, then 4 with 0.731.
  assertRoute(routed, { 3: 2.5 * sigmoid(0.3), 7: 2.5 * sigmoid(0.6) });
});

test('a group counts by its two best experts, and by its best one without bias', (t) => {
  const config = { ...GOLDEN, normTopkProb: false, routedScalingFactor: 1, numGroupsUsed: 1 };
  const logits = [2, -3, 0.9, 0.8, -9, -9, -9, -9];
  const zeros = logits.map(() => 0);
  assertRoute(route(t, config, zeros, { logits }), { 2: sigmoid(0.9), 3: sigmoid(0.8) });
  assertRoute(route(t, config, null, { logits }), { 0: sigmoid(2), 1: sigmoid(-3) });
});

test('softmax scores are plain probabilities', (t) => {
  const config: MoeConfig = {
    ...GOLDEN,
    numGroups: 1,
    numGroupsUsed: 1,
    scoring: 'softmax',
    normTopkProb: false,
    routedScalingFactor: 1,
  };
  const total = LOGITS.reduce((sum, x) => sum + Math.exp(x), 0);
  assertRoute(route(t, config, null), { 2: Math.exp(1) / total, 5: Math.exp(0.8) / total });
});
