// The selection report as the page shows it: the cells of the map, which of its tokens count, and what
// is under a cell. Colours and views are those of `hadal inspect`. No DOM.

import type { SelectionReport } from '../../../src/web/models-wire.js';
import {
  viewByLayer,
  viewByQuery,
  type Cells,
  type HeatView,
} from '../../../src/cli/inspect-view.js';

export interface MapChoice {
  rows: 'layers' | 'tokens';
  /** Index among the traced layers; null = all. */
  layer: number | null;
  /** Index among the traced tokens; null = all that are sparse. */
  query: number | null;
}

export function cellsOf({ cells }: Pick<SelectionReport, 'cells'>): Cells {
  const { queries: numQueries, layers: numLayers, positions: numPositions } = cells;
  const bytes = Uint8Array.from(atob(cells.bytes), (each) => each.charCodeAt(0));
  return { numQueries, numLayers, numPositions, bytes };
}

/** Traced tokens that left something out; all of them where none did. */
export function countedQueries({ traced }: SelectionReport, { numQueries }: Cells): number[] {
  const all = Array.from({ length: numQueries }, (_, index) => index);
  const sparse = all.filter((index) => traced[index]?.selection === 'sparse');
  return sparse.length > 0 ? sparse : all;
}

export function mapView(report: SelectionReport, cells: Cells, choice: MapChoice): HeatView {
  if (choice.rows === 'tokens') return viewByQuery(cells, choice.layer);
  const queries = choice.query === null ? countedQueries(report, cells) : [choice.query];
  return viewByLayer(cells, queries);
}

/** One row, for the text: what the chosen token and layer kept, or all of them. */
export function textView(report: SelectionReport, cells: Cells, choice: MapChoice): HeatView {
  const queries = choice.query === null ? countedQueries(report, cells) : [choice.query];
  const layers =
    choice.layer === null ? Array.from({ length: cells.numLayers }, (_, i) => i) : [choice.layer];
  // As one query of one layer each: rows of cells, merged into one row.
  const rows = queries.flatMap((query) => layers.map((layer) => query * cells.numLayers + layer));
  return viewByLayer({ ...cells, numLayers: 1 }, rows);
}

/** Positions of ranges, both ends included. */
export function positionsIn(ranges: readonly (readonly [number, number])[]): Set<number> {
  const positions = new Set<number>();
  for (const [first, last] of ranges) {
    for (let position = first; position <= last; position++) positions.add(position);
  }
  return positions;
}

/** Traced token whose choice produced the token at a position. */
export function queryByPosition({ traced }: SelectionReport): Map<number, number> {
  return new Map(traced.map(({ position }, index) => [position + 1, index]));
}

/** 1, 2 or 5 times a power of ten, at least this much: the step of an axis. */
export function axisStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, atLeast)));
  return [1, 2, 5].map((factor) => factor * power).find((step) => step >= atLeast) ?? 10 * power;
}

/** Where a token's text stands among others, in sight: line breaks and spaces at its ends are shown. */
export function readableToken(text: string): string {
  return text.replaceAll('\n', '⏎').replaceAll('\t', '⇥').replace(/^ | $/g, '␣');
}
