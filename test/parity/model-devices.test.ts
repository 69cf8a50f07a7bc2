// The same graph on two devices: the native kernels and the plain TypeScript reference agree after
// every layer, so a wrong kernel or a wrong binding shows where it happens.

import assert from 'node:assert/strict';
import test from 'node:test';

import {
  maxDifference,
  randomModelFile,
  scaleOf,
  someTokens,
  testDevice,
  withModel,
} from '../../src/model/model-fixtures.js';
import type { ForwardTrace } from '../../src/model/types.js';

/** f32 sums in another order; a little more per layer. */
const TOLERANCE_PER_LAYER = 1e-5;

// Keys to which no indexer head responds all score exactly 0, and any choice among equals is right.
// With 16 heads such ties do not occur, so both devices must choose alike.
const SHAPES: { name: string; settings: string[] }[] = [
  { name: 'sparse, masked chunk and gathered steps', settings: ['topk=16', 'indexer-heads=16'] },
  {
    name: 'YaRN, groups',
    settings: ['topk=16', 'indexer-heads=16', 'yarn=8', 'groups=4', 'groups-used=2'],
  },
  { name: 'no indexer', settings: ['indexer-heads=0', 'dense-layers=0'] },
  { name: 'no low-rank queries, no experts', settings: ['q-lora=0', 'experts=0'] },
];

interface Path {
  prefer: 'ggml' | 'reference';
  rowTables: 'auto' | 'off';
}

/** Held against the composed operations of the reference device. */
const PATHS: readonly Path[] = [
  { prefer: 'ggml', rowTables: 'off' },
  { prefer: 'ggml', rowTables: 'auto' }, // the same again where there are no row tables
  { prefer: 'reference', rowTables: 'auto' },
];

for (const { name, settings } of SHAPES) {
  test(`ggml and reference agree layer by layer: ${name}`, async (t) => {
    const path = await randomModelFile(t, settings);
    const tokens = someTokens(40, 512);
    const run = async ({ prefer, rowTables }: Path): Promise<ForwardTrace[]> => {
      const device = testDevice(t, prefer);
      return withModel(path, { device, rowTables, gatherFactor: 2 }, async (model) => {
        const cache = model.createCache(64);
        const traces: ForwardTrace[] = [];
        // A chunk from the start, a chunk with history, and single steps.
        for (const [start, end] of [
          [0, 24],
          [24, 38],
          [38, 39],
          [39, 40],
        ] as const) {
          const chunk = tokens.slice(start, end);
          traces.push(await model.trace({ cache, tokens: chunk, startPos: start }));
        }
        cache.dispose();
        return traces;
      });
    };
    const reference = await run({ prefer: 'reference', rowTables: 'off' });
    for (const path of PATHS) {
      const name = `${path.prefer}, row tables ${path.rowTables}`;
      for (const [step, trace] of (await run(path)).entries()) {
        const other = reference[step]!;
        assert.equal(trace.hidden.length, 4);
        for (const [layer, hidden] of trace.hidden.entries()) {
          const relative = maxDifference(hidden, other.hidden[layer]!) / scaleOf(hidden);
          const limit = TOLERANCE_PER_LAYER * (layer + 1);
          assert.ok(
            relative <= limit,
            `${name}, step ${step}, layer ${layer}: relative difference ${relative}`,
          );
        }
        const relative = maxDifference(trace.logits, other.logits) / scaleOf(trace.logits);
        assert.ok(
          relative <= 1e-4,
          `${name}, step ${step}: relative difference of logits ${relative}`,
        );
      }
    }
  });
}
