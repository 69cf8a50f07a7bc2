// A selection report as one PNG: positions from left to right, above by layer, below by answer token.
// Blue was kept, the deeper the more attention lies on it; orange was attended to and not kept. Drawn
// by hand, so the picture needs no browser and no font; its words are English.

import { Canvas, textWidth, type Colour } from './inspect-canvas.js';
import type { SelectionReport } from './inspect-report.js';
import {
  along,
  cellColour,
  narrowed,
  PALETTES,
  viewByLayer,
  viewByQuery,
  type Cells,
  type HeatView,
} from './inspect-view.js';

const WIDTH = 1600;
const MARGIN = 56;
/** Left of the maps: names of rows. Right of them: recall. */
const LABELS = 76;
const SIDE = 300;
const MAP_WIDTH = WIDTH - 2 * MARGIN - LABELS - SIDE;
const MAP_LEFT = MARGIN + LABELS;
const SIDE_LEFT = MAP_LEFT + MAP_WIDTH + 36;
const SIDE_WIDTH = SIDE - 36 - 76;

const GROUND: Colour = PALETTES.light.ground;
const TEXT: Colour = [22, 32, 44];
const SOFT: Colour = [92, 106, 124];
const LINE: Colour = [208, 215, 224];
const BLUE: Colour = PALETTES.light.kept[2]!;
const ORANGE: Colour = PALETTES.light.missed[1]!;

const TITLE = 26;
const BODY = 13;

interface Panel {
  top: number;
  rowHeight: number;
  view: HeatView;
}

export function drawSelection(report: SelectionReport, cells: Cells): Buffer {
  const sparse = sparseQueries(report, cells);
  const layers = narrowed(viewByLayer(cells, sparse), MAP_WIDTH);
  const queries = narrowed(viewByQuery(cells, null), MAP_WIDTH);
  const layerHeight = Math.min(40, Math.max(4, 400 / layers.numRows));
  const queryHeight = Math.min(14, Math.max(1, 560 / Math.max(1, queries.numRows)));
  const first: Panel = { top: 196, rowHeight: layerHeight, view: layers };
  const second: Panel = {
    top: first.top + layerHeight * layers.numRows + 128,
    rowHeight: queryHeight,
    view: queries,
  };
  const end = second.top + Math.max(1, queries.numRows) * queryHeight;
  const canvas = new Canvas(WIDTH, Math.ceil(end + 132), GROUND);
  drawHead(canvas, report);
  drawMap(canvas, first, report, 'by layer');
  drawLayerSide(canvas, first, report);
  const rows = report.queries > report.generated_tokens ? 'traced' : 'answer';
  drawMap(canvas, second, report, `by ${rows} token, mean of all layers`);
  drawQuerySide(canvas, second, report);
  drawLegend(canvas, end + 84);
  return canvas.toPng();
}

/** Indices of sparse queries in the heat map; all where none is, so that there is something to see. */
export function sparseQueries(report: SelectionReport, cells: Cells): number[] {
  const all = report.traced.slice(0, cells.numQueries).map((_, index) => index);
  const sparse = all.filter((index) => report.traced[index]!.selection === 'sparse');
  return sparse.length > 0 ? sparse : all;
}

function drawHead(canvas: Canvas, report: SelectionReport): void {
  const { model, summary } = report;
  canvas.text('what the indexer kept', MARGIN, MARGIN, { size: TITLE, colour: TEXT, weight: 0.14 });
  const facts = [
    model.name.slice(0, 40),
    report.what_if ? `what if top-k were ${report.top_k}` : `top-k ${report.top_k}`,
    `${report.prompt_tokens} prompt tokens`,
    `${report.generated_tokens} generated`,
    summary === null ? 'nothing is sparse' : `recall ${percent(summary.recall)}`,
    ...(summary === null ? [] : [`a window of the same size ${percent(summary.window_recall)}`]),
  ];
  canvas.text(facts.join('  ·  '), MARGIN, MARGIN + 48, { size: BODY, colour: SOFT });
}

function drawMap(
  canvas: Canvas,
  { top, rowHeight, view }: Panel,
  report: SelectionReport,
  title: string,
): void {
  canvas.text(title, MAP_LEFT, top - 34, { size: BODY, colour: TEXT, weight: 0.15 });
  const gap = rowHeight >= 12 ? 2 : 0;
  for (let row = 0; row < view.numRows; row++) {
    const y = top + row * rowHeight;
    for (let column = 0; column < view.numColumns; column++) {
      const [x, next] = [column, column + 1].map((at) => (at * MAP_WIDTH) / view.numColumns);
      const colour = cellColour(view, row * view.numColumns + column, 'selection', 'light');
      canvas.fillRect(MAP_LEFT + x!, y, next! - x!, rowHeight - gap, colour);
    }
  }
  const height = view.numRows * rowHeight;
  drawPositions(canvas, top + height, report);
  const numPositions = report.prompt_tokens + Math.max(0, report.generated_tokens - 1);
  const promptEnd = MAP_LEFT + (report.prompt_tokens / numPositions) * MAP_WIDTH;
  if (report.generated_tokens < 2) return;
  canvas.fillRect(promptEnd - 1, top - 8, 2, height + 16, SOFT);
  canvas.text('prompt', promptEnd - 8, top - 24, { size: 10, colour: SOFT, align: 'right' });
  canvas.text('answer', promptEnd + 8, top - 24, { size: 10, colour: SOFT });
}

function drawPositions(canvas: Canvas, y: number, report: SelectionReport): void {
  const numPositions = report.prompt_tokens + Math.max(0, report.generated_tokens - 1);
  const step = niceStep(numPositions / 8);
  canvas.fillRect(MAP_LEFT, y + 6, MAP_WIDTH, 1, LINE);
  for (let position = 0; position < numPositions; position += step) {
    const x = MAP_LEFT + (position / numPositions) * MAP_WIDTH;
    canvas.fillRect(x, y + 6, 1, 6, SOFT);
    canvas.text(String(position), x, y + 18, { size: 11, colour: SOFT });
  }
  canvas.text('position', MAP_LEFT + MAP_WIDTH, y + 18, {
    size: 11,
    colour: SOFT,
    align: 'right',
  });
}

/** Bars of recall, with marks for the best choice and for a window. */
function drawLayerSide(canvas: Canvas, panel: Panel, report: SelectionReport): void {
  const { top, rowHeight } = panel;
  canvas.text('recall of dense attention', SIDE_LEFT, top - 34, {
    size: BODY,
    colour: TEXT,
    weight: 0.15,
  });
  const every = Math.max(1, Math.ceil(18 / rowHeight));
  for (const [row, layer] of report.layer_totals.entries()) {
    const y = top + row * rowHeight;
    const thickness = Math.max(1, Math.min(14, rowHeight - 2));
    const barTop = y + (rowHeight - 2 - thickness) / 2;
    canvas.fillRect(SIDE_LEFT, barTop, SIDE_WIDTH, thickness, PALETTES.light.gap);
    canvas.fillRect(SIDE_LEFT, barTop, SIDE_WIDTH * layer.recall.mean, thickness, BLUE);
    const mark = (share: number, colour: Colour): void =>
      canvas.fillRect(
        SIDE_LEFT + SIDE_WIDTH * share - 1.5,
        barTop - Math.min(4, rowHeight / 6),
        3,
        thickness + 2 * Math.min(4, rowHeight / 6),
        colour,
      );
    mark(layer.window_recall, ORANGE);
    mark(layer.best_recall, TEXT);
    if (row % every !== 0) continue;
    const middle = y + (rowHeight - 2) / 2 - 6;
    canvas.text(`layer ${layer.layer}`, MAP_LEFT - 14, middle, {
      size: 12,
      colour: SOFT,
      align: 'right',
    });
    canvas.text(percent(layer.recall.mean), SIDE_LEFT + SIDE_WIDTH + 12, middle, {
      size: 12,
      colour: TEXT,
    });
  }
  const y = top + report.layer_totals.length * rowHeight + 16;
  canvas.fillRect(SIDE_LEFT, y, 3, 14, TEXT);
  canvas.text('best possible', SIDE_LEFT + 12, y + 1, { size: 11, colour: SOFT });
  const next = SIDE_LEFT + 12 + textWidth('best possible', 11) + 24;
  canvas.fillRect(next, y, 3, 14, ORANGE);
  canvas.text('sliding window', next + 12, y + 1, { size: 11, colour: SOFT });
}

/** The same per answer token: a band from the worst head to the best, and the mean in it. */
function drawQuerySide(
  canvas: Canvas,
  { top, rowHeight, view }: Panel,
  report: SelectionReport,
): void {
  canvas.text('recall', SIDE_LEFT, top - 34, { size: BODY, colour: TEXT, weight: 0.15 });
  const every = Math.max(1, Math.ceil(64 / rowHeight));
  for (const [row, query] of report.traced.slice(0, view.numRows).entries()) {
    const y = top + row * rowHeight;
    const count = query.layers.length;
    const mean = query.layers.reduce((sum, { recall }) => sum + recall.mean, 0) / count;
    const worst = Math.min(...query.layers.map(({ recall }) => recall.min));
    const height = Math.max(1, rowHeight - (rowHeight > 3 ? 1 : 0));
    canvas.fillRect(SIDE_LEFT, y, SIDE_WIDTH, height, PALETTES.light.gap);
    canvas.fillRect(
      SIDE_LEFT + SIDE_WIDTH * worst,
      y,
      SIDE_WIDTH * (1 - worst),
      height,
      PALETTES.light.kept[0]!,
    );
    canvas.fillRect(SIDE_LEFT + SIDE_WIDTH * mean - 2, y, 4, Math.ceil(rowHeight), BLUE);
    if (row % every !== 0) continue;
    canvas.text(`token ${row + 1}`, MAP_LEFT - 14, y, { size: 12, colour: SOFT, align: 'right' });
  }
  const y = top + view.numRows * rowHeight + 16;
  canvas.fillRect(SIDE_LEFT, y, 4, 14, BLUE);
  canvas.text('mean', SIDE_LEFT + 12, y + 1, { size: 11, colour: SOFT });
  const next = SIDE_LEFT + 12 + textWidth('mean', 11) + 24;
  canvas.fillRect(next, y, 22, 14, PALETTES.light.kept[0]!);
  canvas.text('worst head', next + 30, y + 1, { size: 11, colour: SOFT });
}

function drawLegend(canvas: Canvas, y: number): void {
  const style = { size: 12, colour: SOFT };
  let x = MAP_LEFT;
  const swatch = (width: number, colourAt: (t: number) => Colour, label: string): void => {
    for (let i = 0; i < width; i++) canvas.fillRect(x + i, y - 2, 1, 16, colourAt(i / (width - 1)));
    canvas.text(label, x + width + 10, y, style);
    x += width + 10 + textWidth(label, style.size) + 40;
  };
  swatch(120, (t) => along(PALETTES.light.kept, t), 'kept, more attention to the right');
  swatch(24, () => PALETTES.light.gap, 'seen, not kept');
  swatch(90, (t) => along(PALETTES.light.missed, t), 'attended to, not kept');
}

function niceStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, atLeast)));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= atLeast) ?? power;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
