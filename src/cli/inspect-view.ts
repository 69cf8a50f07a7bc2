// From the cells of a selection trace to what a picture shows: rows of layers or of answer tokens,
// one column per position. Pure, and free of imports, because the HTML page carries this same file
// in its script.

/** One byte per query, layer and position: bit 7 = kept, the rest a share of attention on a
 *  logarithmic scale (1 .. 127, six decades); 0 = not seen. */
export interface Cells {
  numQueries: number;
  numLayers: number;
  numPositions: number;
  bytes: Uint8Array;
}

/** [rows, columns] each; means over what was merged into a cell. */
export interface HeatView {
  numRows: number;
  numColumns: number;
  /** Share of merged cells that the indexer kept; -1 where nothing was seen. */
  kept: Float32Array;
  /** Dense attention on the position while kept, and while not kept. */
  captured: Float32Array;
  missed: Float32Array;
}

/** The share behind a cell's low bits. */
export function shareOfCell(cell: number): number {
  const level = cell & 0x7f;
  return level === 0 ? 0 : 10 ** (((level - 1) / 126 - 1) * 6);
}

/** A row per layer, merged over these queries. */
export function viewByLayer(cells: Cells, queries: readonly number[]): HeatView {
  return mergedView(
    cells,
    Array.from({ length: cells.numLayers }, (_, layer) =>
      queries.map((query) => query * cells.numLayers + layer),
    ),
  );
}

/** A row per query, of one layer (its index among the traced ones) or merged over all. */
export function viewByQuery(cells: Cells, layer: number | null): HeatView {
  const { numQueries, numLayers } = cells;
  const layers = layer === null ? Array.from({ length: numLayers }, (_, i) => i) : [layer];
  return mergedView(
    cells,
    Array.from({ length: numQueries }, (_, query) =>
      layers.map((each) => query * numLayers + each),
    ),
  );
}

/** @param rows for each row of the view, the rows of cells that it merges */
function mergedView(cells: Cells, rows: readonly (readonly number[])[]): HeatView {
  const numColumns = cells.numPositions;
  const size = rows.length * numColumns;
  const view: HeatView = {
    numRows: rows.length,
    numColumns,
    kept: new Float32Array(size),
    captured: new Float32Array(size),
    missed: new Float32Array(size),
  };
  const seen = new Float32Array(size);
  for (const [row, sources] of rows.entries()) {
    for (const source of sources) {
      for (let column = 0; column < numColumns; column++) {
        const cell = cells.bytes[source * numColumns + column]!;
        if (cell === 0) continue;
        const at = row * numColumns + column;
        const isKept = cell >= 0x80;
        seen[at]! += 1;
        if (isKept) view.kept[at]! += 1;
        const side = isKept ? view.captured : view.missed;
        side[at]! += shareOfCell(cell);
      }
    }
  }
  for (let at = 0; at < size; at++) {
    const count = seen[at]!;
    view.kept[at] = count === 0 ? -1 : view.kept[at]! / count;
    if (count === 0) continue;
    view.captured[at]! /= count;
    view.missed[at]! /= count;
  }
  return view;
}

/** Fewer columns, each the mean of those it covers: for pictures narrower than the prompt. */
export function narrowed(view: HeatView, maxColumns: number): HeatView {
  if (view.numColumns <= maxColumns) return view;
  const size = view.numRows * maxColumns;
  const result: HeatView = {
    numRows: view.numRows,
    numColumns: maxColumns,
    kept: new Float32Array(size).fill(-1),
    captured: new Float32Array(size),
    missed: new Float32Array(size),
  };
  for (let row = 0; row < view.numRows; row++) {
    for (let column = 0; column < maxColumns; column++) {
      const first = Math.floor((column * view.numColumns) / maxColumns);
      const end = Math.floor(((column + 1) * view.numColumns) / maxColumns);
      let count = 0;
      let [kept, captured, missed] = [0, 0, 0];
      for (let at = row * view.numColumns + first; at < row * view.numColumns + end; at++) {
        if (view.kept[at]! < 0) continue;
        count++;
        kept += view.kept[at]!;
        captured += view.captured[at]!;
        missed += view.missed[at]!;
      }
      if (count === 0) continue;
      const at = row * maxColumns + column;
      result.kept[at] = kept / count;
      result.captured[at] = captured / count;
      result.missed[at] = missed / count;
    }
  }
  return result;
}

export type Theme = 'light' | 'dark';
export type ColourMode = 'selection' | 'kept' | 'attention';
export type Rgb = readonly [number, number, number];

interface Palette {
  /** Not seen: lies in the future of the query. */
  ground: Rgb;
  /** Seen and not kept. */
  gap: Rgb;
  /** Kept, from no attention to much. */
  kept: readonly Rgb[];
  /** Attended to and not kept. */
  missed: readonly Rgb[];
}

export const PALETTES: Readonly<Record<Theme, Palette>> = {
  light: {
    ground: [255, 255, 255],
    gap: [232, 237, 243],
    kept: [
      [176, 212, 241],
      [84, 160, 222],
      [22, 98, 178],
      [8, 40, 92],
    ],
    missed: [
      [250, 214, 170],
      [240, 140, 50],
      [176, 48, 10],
    ],
  },
  dark: {
    ground: [21, 28, 36],
    gap: [34, 43, 55],
    kept: [
      [28, 66, 104],
      [32, 116, 186],
      [92, 184, 248],
      [222, 243, 255],
    ],
    missed: [
      [92, 56, 22],
      [206, 116, 28],
      [255, 190, 96],
    ],
  },
};

/** 0 .. 1 for a mean share of attention, logarithmic from 0.03 % to 30 %. */
export function intensity(share: number): number {
  if (share <= 0) return 0;
  return Math.min(1, Math.max(0, (Math.log10(share) + 3.5) / 3));
}

/** The colour of one cell of a view. */
export function cellColour(view: HeatView, at: number, mode: ColourMode, theme: Theme): Rgb {
  const palette = PALETTES[theme];
  const kept = view.kept[at]!;
  if (kept < 0) return palette.ground;
  const [captured, missed] = [view.captured[at]!, view.missed[at]!];
  if (mode === 'kept') return mix(palette.gap, along(palette.kept, 0.2 + 0.6 * kept), kept);
  if (mode === 'attention') {
    const strength = intensity(captured + missed);
    return mix(palette.gap, along(palette.kept, strength), Math.min(1, 2 * strength));
  }
  const strength = intensity(missed);
  const open = mix(palette.gap, along(palette.missed, strength), Math.min(1, 1.6 * strength));
  return mix(open, along(palette.kept, intensity(captured)), kept);
}

/** A point of a colour scale, 0 .. 1. */
export function along(scale: readonly Rgb[], t: number): Rgb {
  const at = Math.min(1, Math.max(0, t)) * (scale.length - 1);
  const index = Math.min(scale.length - 2, Math.floor(at));
  return mix(scale[index]!, scale[index + 1]!, at - index);
}

export function mix(from: Rgb, to: Rgb, t: number): Rgb {
  return [
    Math.round(from[0] + (to[0] - from[0]) * t),
    Math.round(from[1] + (to[1] - from[1]) * t),
    Math.round(from[2] + (to[2] - from[2]) * t),
  ];
}
