// The trace against selection and dense attention computed once more, in plain loops over the same
// weights (model reference §4, §5, §7, §8), and against itself: totals against lists, nested choices,
// bounds.

import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';

import type { DeviceTensor } from '../tensor/types.js';
import { INDEXER_NORM_EPS, softmaxScale, type ModelConfig } from './config.js';
import { inspectModel } from './load-model.js';
import { ModelError } from './model-error.js';
import { randomModelFile, someTokens, testDevice, withModel } from './model-fixtures.js';
import type { PositionRange } from './selection-trace-measure.js';
import {
  traceSelection,
  type QueryTrace,
  type SelectionTrace,
  type SelectionTraceOptions,
} from './selection-trace.js';
import type { Model } from './types.js';
import type { LayerWeights } from './weights.js';

const TOPK = 16;

function withSparseModel<T>(
  t: TestContext,
  run: (model: Model) => Promise<T>,
  { settings = [], prefer }: { settings?: string[]; prefer?: 'ggml' | 'reference' } = {},
): Promise<T> {
  const device = testDevice(t, prefer);
  return randomModelFile(t, [`topk=${TOPK}`, ...settings]).then((path) =>
    withModel(path, { device, rowTables: 'off' }, run),
  );
}

function trace(model: Model, options: Partial<SelectionTraceOptions>): Promise<SelectionTrace> {
  return traceSelection(model, {
    prompt: someTokens(40, model.config.vocabSize),
    numGenerated: 6,
    ...options,
  });
}

function positionsIn(ranges: readonly PositionRange[]): number[] {
  return ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i),
  );
}

for (const [name, settings, prefer] of [
  ['the reference device', [], 'reference'],
  ['ggml', [], 'ggml'],
  ['ggml, YaRN and interleaved indexer', ['yarn=8', 'indexer-interleaved=1'], 'ggml'],
] as const) {
  test(`kept positions and recall are those of an independent computation: ${name}`, async (t) => {
    await withSparseModel(
      t,
      async (model) => {
        const result = await trace(model, { tracesPrompt: true, numGenerated: 4 });
        assert.equal(result.queries.length, 43);
        const layers = await plainSelections(model, result.tokens.subarray(0, 43));
        for (const query of result.queries) {
          for (const [index, selection] of query.layers.entries()) {
            const place = `position ${query.position}, layer ${index}`;
            const { scores, recallsOf } = layers[index]!(query.position);
            const kept = positionsIn(selection.kept);
            assertChoice(kept, scores, place);
            const recalls = recallsOf(kept);
            const mean = recalls.reduce((sum, recall) => sum + recall, 0) / recalls.length;
            assertNear(selection.recall.mean, mean, place);
            assertNear(selection.recall.min, Math.min(...recalls), place);
            for (const { position, score } of selection.topScores) {
              assertNear(score, scores[position]!, place);
            }
          }
        }
      },
      { settings: [...settings], prefer },
    );
  });
}

/** The k best, each of them; which of several equal ones is open (model reference §8.1). */
function assertChoice(kept: readonly number[], scores: readonly number[], place: string): void {
  const count = Math.min(TOPK, scores.length);
  assert.equal(kept.length, count, place);
  const border = scores.toSorted((a, b) => b - a)[count - 1]!;
  for (const [position, score] of scores.entries()) {
    if (Math.abs(score - border) < 1e-6) continue;
    assert.equal(kept.includes(position), score > border, `${place}, key ${position}`);
  }
}

function assertNear(actual: number, expected: number, place: string): void {
  assert.ok(Math.abs(actual - expected) < 1e-4, `${place}: ${actual} instead of ${expected}`);
}

test('looking changes nothing: the reply is the greedy one', async (t) => {
  await withSparseModel(t, async (model) => {
    const prompt = someTokens(40, model.config.vocabSize);
    const { tokens, numPrompt } = await trace(model, { prompt });
    const cache = model.createCache(64);
    let chunk = prompt;
    for (const token of tokens.subarray(numPrompt)) {
      const logits = await model.forward({ cache, tokens: chunk, startPos: cache.length });
      assert.equal(logits.indexOf(Math.max(...logits)), token);
      chunk = Int32Array.of(token);
    }
    cache.dispose();
    assert.equal(tokens.length, 46);
  });
});

test('keeping everything is dense: recall 1, nothing sparse', async (t) => {
  await withSparseModel(t, async (model) => {
    const result = await trace(model, { topk: 1000 });
    assert.equal(result.isWhatIf, true);
    assert.equal(result.numSparseQueries, 0);
    assert.deepEqual(result.positionTotals.neverKept, []);
    for (const query of result.queries) {
      assert.equal(query.isSparse, false);
      for (const { recall, bestRecall, overlap, kept } of query.layers) {
        assert.ok(recall.min > 1 - 1e-5 && bestRecall > 1 - 1e-5);
        assert.equal(overlap, 1);
        assert.deepEqual(kept, [[0, query.position]]);
      }
    }
  });
});

test('more positions hold more attention, and hold the fewer ones', async (t) => {
  await withSparseModel(t, async (model) => {
    const results: SelectionTrace[] = [];
    for (const topk of [4, TOPK, 32]) results.push(await trace(model, { topk }));
    for (const [smaller, larger] of [results.slice(0, 2), results.slice(1)]) {
      assert.deepEqual(smaller!.tokens, larger!.tokens);
      for (const [i, query] of smaller!.queries.entries()) {
        for (const [j, selection] of query.layers.entries()) {
          const other = larger!.queries[i]!.layers[j]!;
          assert.ok(selection.recall.mean <= other.recall.mean);
          const kept = new Set(positionsIn(other.kept));
          assert.ok(positionsIn(selection.kept).every((position) => kept.has(position)));
        }
      }
    }
    for (const { recallAt, recall, bestRecall } of results[1]!.layerTotals) {
      const recalls = recallAt.map((each) => each.recall);
      assert.deepEqual(
        recalls,
        recalls.toSorted((a, b) => a - b),
      );
      const own = recallAt.find(({ count }) => count === TOPK)!;
      assert.ok(Math.abs(own.recall - recall.mean) < 1e-5);
      assert.ok(recall.mean <= bestRecall + 1e-5);
    }
  });
});

test('totals are the sums of what single queries say', async (t) => {
  await withSparseModel(t, async (model) => {
    const result = await trace(model, { tracesPrompt: true, layers: [2, 0] });
    assert.deepEqual(result.layers, [0, 2]);
    const sparse = result.queries.filter((query) => query.isSparse);
    assert.equal(result.numSparseQueries, sparse.length);
    assert.deepEqual(
      result.queries.map((query) => query.isSparse),
      result.queries.map((query) => query.position >= TOPK),
    );
    for (const [index, totals] of result.layerTotals.entries()) {
      const kept = new Uint32Array(45);
      for (const query of sparse) {
        for (const position of positionsIn(query.layers[index]!.kept)) kept[position]!++;
      }
      assert.deepEqual(totals.keptCount, kept);
      const mean = sparse.reduce((sum, q) => sum + q.layers[index]!.recall.mean, 0) / sparse.length;
      assert.ok(Math.abs(totals.recall.mean - mean) < 1e-9);
      const mass = totals.mass.reduce((sum, each) => sum + each, 0);
      assert.ok(Math.abs(mass - sparse.length) < 1e-3, 'dense attention of a query sums to 1');
      assert.equal(totals.numNeverKept, kept.filter((count) => count === 0).length);
    }
    const { seenCount, keptCount, neverKept } = result.positionTotals;
    assert.equal(seenCount[0], 2 * sparse.length);
    const never = positionsIn(neverKept);
    assert.deepEqual(
      never,
      Array.from(keptCount.keys()).filter((position) => keptCount[position] === 0),
    );
  });
});

test('what is kept in memory is bounded; every query is told', async (t) => {
  await withSparseModel(t, async (model) => {
    const told: QueryTrace[] = [];
    const numPositions = 45;
    const result = await trace(model, {
      maxListedQueries: 2,
      maxCells: 3 * model.config.numLayers * numPositions,
      numTopScores: 1,
      onQuery: (query) => told.push(query),
    });
    assert.deepEqual(
      told.map(({ position, next }) => [position, next]),
      Array.from({ length: 6 }, (_, i) => [39 + i, result.tokens[40 + i]]),
    );
    assert.equal(result.numQueries, 6);
    assert.deepEqual(result.queries, told.slice(0, 2));
    assert.equal(told[0]!.layers[0]!.topScores.length, 1);
    const { cells } = result;
    assert.deepEqual([cells.numQueries, cells.numLayers, cells.numPositions], [3, 3, numPositions]);
    for (const [q, query] of told.slice(0, 3).entries()) {
      for (const [l, { kept }] of query.layers.entries()) {
        const start = (q * 3 + l) * numPositions;
        const row = cells.bytes.subarray(start, start + numPositions);
        const flagged = Array.from(row.keys()).filter((position) => row[position]! >= 0x80);
        assert.deepEqual(flagged, positionsIn(kept));
        assert.ok(row.every((cell, position) => (cell !== 0) === position < query.numVisible));
      }
    }
  });
});

test('generation ends at a stop token, and the totals with it', async (t) => {
  await withSparseModel(t, async (model) => {
    const whole = await trace(model, {});
    const second = whole.tokens[41]!;
    const result = await trace(model, { stopTokens: [second] });
    const numGenerated = whole.tokens.indexOf(second, 40) - 40 + 1;
    assert.equal(result.tokens.length, 40 + numGenerated);
    assert.equal(result.cells.numPositions, 39 + numGenerated);
    assert.equal(result.positionTotals.keptCount.length, 39 + numGenerated);
  });
});

test('a prompt alone: its last token has no next one', async (t) => {
  await withSparseModel(t, async (model) => {
    const result = await trace(model, { tracesPrompt: true, numGenerated: 0 });
    assert.equal(result.queries.length, 40);
    assert.equal(result.queries[5]!.next, result.tokens[6]);
    assert.equal(result.queries[39]!.next, null);
  });
});

test('a model with row tables is traced where its keys can be read, else refused', async (t) => {
  const device = testDevice(t, 'reference');
  const path = await randomModelFile(t, [`topk=${TOPK}`]);
  const results: SelectionTrace[] = [];
  for (const rowTables of ['auto', 'off'] as const) {
    await withModel(path, { device, rowTables }, async (model) => {
      results.push(await trace(model, {}));
    });
  }
  const [fused, composed] = results;
  assert.deepEqual(fused!.tokens, composed!.tokens);
  for (const [i, { recall }] of fused!.layerTotals.entries()) {
    assertNear(recall.mean, composed!.layerTotals[i]!.recall.mean, `layer ${i}`);
  }
  const halved = await randomModelFile(t, [`topk=${TOPK}`], { type: 'f16' });
  await withModel(halved, { device }, async (model) => {
    await assert.rejects(trace(model, {}), {
      name: 'ModelError',
      message: /keys are kept as i8_rows; load the model with rowTables 'off'/,
    });
  });
});

test('a model that keeps more positions than its context has is traced as dense', async (t) => {
  const device = testDevice(t);
  const path = await randomModelFile(t, ['topk=256', 'context=128']);
  await withModel(path, { device, rowTables: 'off' }, async (model) => {
    const { topk, isWhatIf, numSparseQueries } = await trace(model, {});
    assert.deepEqual([topk, isWhatIf, numSparseQueries], [256, false, 0]);
  });
});

test('refuses what cannot be traced, and frees what it took', async (t) => {
  await withSparseModel(t, async (model) => {
    const refusals: [Partial<SelectionTraceOptions>, RegExp][] = [
      [{ prompt: new Int32Array(0) }, /the prompt is empty/],
      [{ numGenerated: 0 }, /numGenerated is 0; possible: 1 to 4096/],
      [{ topk: 0 }, /topk is 0; possible: 1 to 4096/],
      [{ layers: [3] }, /layer is 3; possible: 0 to 2/],
      [{ layers: [] }, /layers is empty/],
      [
        { prompt: someTokens(4096, 512) },
        /4096 prompt tokens and 6 to generate; the context is 4096/,
      ],
      [{ prompt: Int32Array.of(1, 512) }, /token id 512 is outside the vocabulary of 512/],
      [{ maxCells: -1 }, /maxCells is -1/],
    ];
    for (const [options, message] of refusals) {
      await assert.rejects(trace(model, options), { name: 'RangeError', message });
    }
    const reason = new Error('enough');
    await assert.rejects(trace(model, { signal: AbortSignal.abort(reason) }), reason);
  });
  const device = testDevice(t);
  await withModel(await randomModelFile(t, ['indexer-heads=0']), { device }, async (model) => {
    await assert.rejects(trace(model, {}), (error) => {
      return (
        error instanceof ModelError && /no indexer; its attention is dense/.test(error.message)
      );
    });
  });
});

// --- the same once more, in plain loops ----------------------------------------------------------

interface PlainSelection {
  /** Index score of every visible position. */
  scores: number[];
  /** Share of dense attention on these positions, per head. */
  recallsOf: (kept: readonly number[]) => number[];
}

/** Per layer, a function from a position to its index scores and dense attention. */
async function plainSelections(
  model: Model,
  tokens: Int32Array,
): Promise<((position: number) => PlainSelection)[]> {
  const { config } = model;
  const cache = model.createCache(tokens.length);
  const { weights } = inspectModel(model, cache);
  const { hidden } = await model.trace({ cache, tokens, startPos: 0 });
  cache.dispose();
  return weights.layers.map((layer, index) => {
    const inputs = rowsOf(hidden[index]!, config.hiddenSize).map((row) =>
      rmsNorm(row, floats(layer.attentionNorm), config),
    );
    return plainLayer(inputs, layer, config);
  });
}

function plainLayer(
  inputs: readonly Float64Array[],
  layer: LayerWeights,
  config: ModelConfig,
): (position: number) => PlainSelection {
  const { numHeads, qkNopeHeadDim: nope, qkRopeHeadDim: rope, kvLoraRank } = config;
  const { queries, indexer } = layer;
  assert.ok(queries.kind === 'lowRank' && indexer !== null && config.indexer !== null);
  const { headDim, numHeads: numIndexHeads, interleavedRope } = config.indexer;
  const qLatents = inputs.map((x) =>
    rmsNorm(product(queries.down, x), floats(queries.norm), config),
  );
  const latents = inputs.map((x) => product(layer.latent, x));
  const compressed = latents.map((row) =>
    rmsNorm(row.subarray(0, kvLoraRank), floats(layer.latentNorm), config),
  );
  const ropeKeys = latents.map((row, p) => rotated(row.slice(kvLoraRank), p, true, config));
  const indexKeys = inputs.map((x, p) => {
    const key = layerNorm(product(indexer.keys, x), indexer.keyNormWeight, indexer.keyNormBias);
    return withRotatedStart(key, p, interleavedRope, config);
  });
  const keyUp = floats(layer.keyUp); // [nope, kv_lora, H]
  return (position) => {
    const headWeights = product(indexer.headWeights, inputs[position]!);
    const indexQueries = product(indexer.queries, qLatents[position]!);
    const scores = indexKeys.slice(0, position + 1).map((key) => {
      let score = 0;
      for (let j = 0; j < numIndexHeads; j++) {
        const head = indexQueries.slice(j * headDim, (j + 1) * headDim);
        const query = withRotatedStart(head, position, interleavedRope, config);
        score += headWeights[j]! * Math.max(0, dot(query, key));
      }
      return score / Math.sqrt(headDim * numIndexHeads);
    });
    const flat = product(queries.up, qLatents[position]!);
    const shares = Array.from({ length: numHeads }, (_, h) => {
      const query = flat.slice(h * (nope + rope), (h + 1) * (nope + rope));
      const queryRope = rotated(query.slice(nope), position, true, config);
      // k_nope = W_UK c, per head: the plain form, not the absorbed one of the trace.
      const logits = scores.map((_, p) => {
        let logit = dot(queryRope, ropeKeys[p]!);
        for (let i = 0; i < nope; i++) {
          let key = 0;
          for (let c = 0; c < kvLoraRank; c++) {
            key += keyUp[(h * kvLoraRank + c) * nope + i]! * compressed[p]![c]!;
          }
          logit += query[i]! * key;
        }
        return logit * softmaxScale(config);
      });
      const most = Math.max(...logits);
      const powers = logits.map((logit) => Math.exp(logit - most));
      const total = powers.reduce((sum, power) => sum + power, 0);
      return powers.map((power) => power / total);
    });
    const recallsOf = (kept: readonly number[]): number[] =>
      shares.map((head) => kept.reduce((sum, p) => sum + head[p]!, 0));
    return { scores, recallsOf };
  };
}

const downloaded = new WeakMap<DeviceTensor, Float32Array>();

/** Values of a weight, copied once. */
function floats(tensor: DeviceTensor): Float32Array {
  let values = downloaded.get(tensor);
  if (values === undefined) {
    values = new Float32Array(tensor.download().slice().buffer);
    downloaded.set(tensor, values);
  }
  return values;
}

function rowsOf(values: Float32Array, width: number): Float64Array[] {
  return Array.from({ length: values.length / width }, (_, i) =>
    Float64Array.from(values.subarray(i * width, (i + 1) * width)),
  );
}

/** W x for a weight [in, out]. */
function product(weight: DeviceTensor, x: Float64Array): Float64Array {
  const values = floats(weight);
  return Float64Array.from({ length: weight.shape[1] }, (_, row) => {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += values[row * x.length + i]! * x[i]!;
    return sum;
  });
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i]!, 0);
}

function rmsNorm(x: Float64Array, weight: Float32Array, { rmsNormEps }: ModelConfig): Float64Array {
  const scale = 1 / Math.sqrt(dot(x, x) / x.length + rmsNormEps);
  return x.map((value, i) => value * scale * weight[i]!);
}

function layerNorm(x: Float64Array, weight: DeviceTensor, bias: DeviceTensor): Float64Array {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + (value - mean) ** 2, 0) / x.length;
  const [factors, offsets] = [floats(weight), floats(bias)];
  return x.map(
    (value, i) =>
      ((value - mean) / Math.sqrt(variance + INDEXER_NORM_EPS)) * factors[i]! + offsets[i]!,
  );
}

/** The first dimensions of an indexer vector rotate, the rest stay (model reference §5). */
function withRotatedStart(
  vector: Float64Array,
  position: number,
  isInterleaved: boolean,
  config: ModelConfig,
): Float64Array {
  const start = rotated(vector.slice(0, config.qkRopeHeadDim), position, isInterleaved, config);
  return Float64Array.of(...start, ...vector.subarray(config.qkRopeHeadDim));
}

/** RoPE with YaRN frequencies (model reference §5 and §6.1). */
function rotated(
  vector: Float64Array,
  position: number,
  isInterleaved: boolean,
  { ropeTheta, yarn }: ModelConfig,
): Float64Array {
  const dim = vector.length;
  const half = dim / 2;
  const result = Float64Array.from(vector);
  for (let i = 0; i < half; i++) {
    let frequency = ropeTheta ** ((-2 * i) / dim);
    if (yarn !== null) {
      const turns = (rotations: number): number =>
        (dim * Math.log(yarn.originalContextLength / (rotations * 2 * Math.PI))) /
        (2 * Math.log(ropeTheta));
      const low = Math.max(0, Math.floor(turns(yarn.betaFast)));
      const high = Math.min(dim - 1, Math.ceil(turns(yarn.betaSlow)));
      const ramp = Math.min(1, Math.max(0, (i - low) / Math.max(0.001, high - low)));
      frequency = frequency * (1 - ramp) + (frequency / yarn.factor) * ramp;
    }
    const [a, b] = isInterleaved ? [2 * i, 2 * i + 1] : [i, i + half];
    const [cos, sin] = [Math.cos(position * frequency), Math.sin(position * frequency)];
    result[a] = vector[a]! * cos - vector[b]! * sin;
    result[b] = vector[a]! * sin + vector[b]! * cos;
  }
  return result;
}
