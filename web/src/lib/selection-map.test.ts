import assert from 'node:assert/strict';
import test from 'node:test';
import type { SelectionReport } from '../../../src/web/models-wire.js';
import {
  axisStep,
  cellsOf,
  countedQueries,
  mapView,
  positionsIn,
  queryByPosition,
  readableToken,
  textView,
} from './selection-map.js';

const KEPT = 0x80 + 100;
const SEEN = 50;

/** Two traced tokens, two layers, three positions; the first token is dense. */
function reportOf(selections: ('sparse' | 'dense')[]): SelectionReport {
  const tokens = [
    [KEPT, KEPT, 0, KEPT, KEPT, 0], // layer 0, then layer 1
    [KEPT, SEEN, KEPT, SEEN, KEPT, KEPT],
  ];
  const bytes = Uint8Array.from(tokens.flat());
  const traced = selections.map((selection, i) => ({ selection, position: i + 1 }));
  return {
    traced,
    cells: { queries: 2, layers: 2, positions: 3, bytes: Buffer.from(bytes).toString('base64') },
  } as unknown as SelectionReport;
}

test('only sparse tokens count, unless none is', () => {
  const report = reportOf(['dense', 'sparse']);
  const cells = cellsOf(report);
  assert.deepEqual(countedQueries(report, cells), [1]);
  assert.deepEqual(countedQueries(reportOf(['dense', 'dense']), cells), [0, 1]);
});

test('rows of layers, of tokens, and of one layer', () => {
  const report = reportOf(['dense', 'sparse']);
  const cells = cellsOf(report);
  const kept = (choice: Parameters<typeof mapView>[2]) => [...mapView(report, cells, choice).kept];
  assert.deepEqual(kept({ rows: 'layers', layer: null, query: null }), [1, 0, 1, 0, 1, 1]);
  assert.deepEqual(kept({ rows: 'layers', layer: null, query: 0 }), [1, 1, -1, 1, 1, -1]);
  assert.deepEqual(kept({ rows: 'tokens', layer: null, query: null }), [1, 1, -1, 0.5, 0.5, 1]);
  assert.deepEqual(kept({ rows: 'tokens', layer: 1, query: null }), [1, 1, -1, 0, 1, 1]);
});

test('the text takes the row of what is chosen', () => {
  const report = reportOf(['dense', 'sparse']);
  const cells = cellsOf(report);
  const kept = (layer: number | null, query: number | null) => [
    ...textView(report, cells, { rows: 'layers', layer, query }).kept,
  ];
  assert.deepEqual(kept(null, null), [0.5, 0.5, 1]);
  assert.deepEqual(kept(0, 1), [1, 0, 1]);
  assert.deepEqual(kept(null, 0), [1, 1, -1]);
});

test('ranges, positions, axis steps and tokens that would not be seen', () => {
  assert.deepEqual(
    [
      ...positionsIn([
        [1, 3],
        [7, 7],
      ]),
    ],
    [1, 2, 3, 7],
  );
  assert.deepEqual(
    [...queryByPosition(reportOf(['dense', 'sparse']))],
    [
      [2, 0],
      [3, 1],
    ],
  );
  assert.deepEqual([0.2, 1, 3, 7, 60].map(axisStep), [1, 1, 5, 10, 100]);
  assert.equal(readableToken(' a\n'), '␣a⏎');
});
