import assert from 'node:assert/strict';
import test from 'node:test';

import { presetConfig } from './presets.js';
import { testDevice } from './model-fixtures.js';
import { ropeOptions } from './rope.js';

/** Rotary parameters of V3.2: 64 dimensions, base 10000, YaRN from 4096 tokens by 40. */
const V32 = {
  ...presetConfig('test'),
  qkRopeHeadDim: 64,
  ropeTheta: 10_000,
  yarn: {
    factor: 40,
    originalContextLength: 4096,
    betaFast: 32,
    betaSlow: 1,
    mscaleAllDim: 1,
    ropeMagnitude: 1,
    softmaxMagnitude: 1.3688879454,
  },
};

/** Radians per position of some pairs (model reference §6.1). */
const FREQUENCIES: readonly (readonly [pair: number, radians: number])[] = [
  [0, 1],
  [5, 0.237137371],
  [10, 0.0562341325],
  [11, 0.0390069266],
  [12, 0.0268793601],
  [16, 0.0055],
  [20, 7.90569415e-4],
  [22, 1.77827941e-4],
  [23, 3.33380358e-5],
  [24, 2.5e-5],
  [31, 3.33380358e-6],
];

/** Kimi-K2: base 50000, by 32, and both betas 1, so that pair 19 keeps its frequency and 20 has none of
 *  it: low = floor(19.16), high = ceil(19.16) in the formula of model reference §6.1. */
const KIMI_K2 = {
  ...V32,
  ropeTheta: 50_000,
  yarn: { ...V32.yarn, factor: 32, betaFast: 1, softmaxMagnitude: 1.3465735903 },
};

const KIMI_K2_FREQUENCIES: typeof FREQUENCIES = [
  [0, 1],
  [10, 0.0340072782],
  [18, 0.00227420376],
  [19, 0.00162175991],
  [20, 3.61404677e-5],
  [21, 2.57721682e-5],
  [31, 8.76441291e-7],
];

const MODELS = [
  { name: 'V3.2', config: V32, frequencies: FREQUENCIES },
  { name: 'Kimi-K2', config: KIMI_K2, frequencies: KIMI_K2_FREQUENCIES },
];

const CASES = MODELS.flatMap((model) =>
  (['reference', 'ggml'] as const).flatMap((kind) =>
    (['interleaved', 'half'] as const).map((mode) => ({ ...model, kind, mode })),
  ),
);

for (const { name, config, frequencies, kind, mode } of CASES) {
  test(`YaRN turns ${mode} pairs by the frequencies of ${name} (${kind})`, (t) => {
    const graph = testDevice(t, kind).buildGraph((g) => ({
      rotated: g.rope(
        g.input('x', 'f32', [64, 1, 1]),
        g.input('positions', 'i32', [1]),
        ropeOptions(config, mode),
      ),
    }));
    const places = (pair: number): [number, number] =>
      mode === 'half' ? [pair, pair + 32] : [2 * pair, 2 * pair + 1];
    const x = new Float32Array(64);
    for (let pair = 0; pair < 32; pair++) x[places(pair)[0]] = 1;
    graph.write('x', x);
    graph.write('positions', Int32Array.of(1));
    graph.computeSync();
    const rotated = graph.readF32('rotated');
    graph.dispose();
    for (const [pair, expected] of frequencies) {
      const [first, second] = places(pair);
      const angle = Math.atan2(rotated[second]!, rotated[first]!);
      assert.ok(Math.abs(angle / expected - 1) < 1e-5, `pair ${pair}: ${angle}, not ${expected}`);
      const length = Math.hypot(rotated[first]!, rotated[second]!);
      assert.ok(Math.abs(length - 1) < 1e-5, `pair ${pair} is scaled by ${length}`);
    }
  });
}
