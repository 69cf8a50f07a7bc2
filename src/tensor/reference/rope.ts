// Rotary position embedding with YaRN interpolation (arXiv 2309.00071 section 3.2), with ggml's
// conventions for the ramp between interpolated and extrapolated frequencies.
// Angles are computed in double precision; ggml multiplies up in f32, which drifts with position.

import type { RopeOptions } from '../graph.js';
import { forEachRow } from './operand.js';
import type { Operand } from './operand.js';

/** Rotates the first numDims of each row [headDim] of head i1 at token i2 by positions[i2]. */
export function rope(
  out: Operand,
  a: Operand,
  positions: Operand,
  options: Required<RopeOptions>,
): void {
  const { mode, numDims } = options;
  const numPairs = numDims / 2;
  const frequencies = Float64Array.from({ length: numPairs }, (_, pair) =>
    frequency(pair, options),
  );
  const magnitude = yarnMagnitude(options);
  const scratch = new Float32Array(a.rowLength);
  const result = new Float32Array(a.rowLength);
  forEachRow(a.shape, (i1, i2, i3) => {
    const x = a.row(i1, i2, i3, scratch);
    const position = positions.int(i2, 0, 0, 0);
    result.set(x);
    for (let pair = 0; pair < numPairs; pair++) {
      const first = mode === 'interleaved' ? 2 * pair : pair;
      const second = mode === 'interleaved' ? first + 1 : pair + numPairs;
      const angle = position * frequencies[pair]!;
      const cos = Math.cos(angle) * magnitude;
      const sin = Math.sin(angle) * magnitude;
      result[first] = x[first]! * cos - x[second]! * sin;
      result[second] = x[first]! * sin + x[second]! * cos;
    }
    out.setRow(i1, i2, i3, result);
  });
}

/** Radians per position of one pair. */
function frequency(pair: number, options: Required<RopeOptions>): number {
  const { numDims, freqBase, freqScale, extFactor } = options;
  const extrapolated = freqBase ** ((-2 * pair) / numDims);
  const interpolated = extrapolated * freqScale;
  if (extFactor === 0) return interpolated;
  const mix = yarnRamp(pair, options) * extFactor;
  return interpolated * (1 - mix) + extrapolated * mix;
}

/** 1 for pairs that turn more than betaFast times in the original context, 0 for those that turn
 *  less than betaSlow times, linear in the pair's index between. */
function yarnRamp(pair: number, options: Required<RopeOptions>): number {
  const { numDims, freqBase, betaFast, betaSlow, origContextLength } = options;
  const pairWithTurns = (turns: number): number =>
    (numDims * Math.log(origContextLength / (turns * 2 * Math.PI))) / (2 * Math.log(freqBase));
  const low = Math.max(0, Math.floor(pairWithTurns(betaFast)));
  const high = Math.min(numDims - 1, Math.ceil(pairWithTurns(betaSlow)));
  const y = (pair - low) / Math.max(0.001, high - low);
  return 1 - Math.min(1, Math.max(0, y));
}

function yarnMagnitude({ extFactor, freqScale, attnFactor }: Required<RopeOptions>): number {
  return extFactor === 0 ? attnFactor : attnFactor * (1 + 0.1 * Math.log(1 / freqScale));
}
