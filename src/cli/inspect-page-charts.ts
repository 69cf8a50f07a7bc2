// The charts of the inspection page, as SVG: recall by layer, by answer token, and by the number of
// kept positions. Part of the page's script; it imports only what that script also carries.

import { percentText, shape, type PageDocument, type PageElement } from './inspect-page-dom.js';
import type { PageWords } from './inspect-page-words.js';
import type { ReportLayer, ReportQuery } from './inspect-report.js';

const WIDTH = 520;
const HEIGHT = 200;
const LEFT = 44;
const BOTTOM = 24;

/** Bars with marks for the best choice (dark) and for a window (orange). */
export function layerChart(
  document: PageDocument,
  layers: readonly ReportLayer[],
  words: PageWords,
): PageElement {
  const rowHeight = Math.min(30, Math.max(5, 260 / layers.length));
  const height = rowHeight * layers.length + 34;
  const [left, right] = [56, 64];
  const width = WIDTH - left - right;
  const drawing = svg(document, height);
  const every = Math.max(1, Math.ceil(14 / rowHeight));
  for (const [row, layer] of layers.entries()) {
    const y = row * rowHeight;
    const thickness = Math.max(2, rowHeight * 0.5);
    const top = y + (rowHeight - thickness) / 2;
    const bar = { x: left, y: top, height: thickness, rx: 3 };
    const mark = (share: number, name: string): PageElement =>
      shape(document, 'rect', {
        class: name,
        x: left + share * width - 1.5,
        y: top - 3,
        width: 3,
        height: thickness + 6,
        rx: 1.5,
      });
    drawing.append(
      shape(document, 'rect', { ...bar, class: 'gap', width }),
      shape(document, 'rect', { ...bar, class: 'blue', width: width * layer.recall.mean }),
      mark(layer.window_recall, 'orange'),
      mark(layer.best_recall, 'ink'),
    );
    if (row % every !== 0) continue;
    const middle = y + rowHeight / 2 + 4;
    drawing.append(
      label(document, left - 10, middle, `${words.layer} ${layer.layer}`, 'end'),
      label(document, left + width + 10, middle, percentText(layer.recall.mean), 'start', 'strong'),
    );
  }
  const y = height - 10;
  drawing.append(
    shape(document, 'rect', { class: 'ink', x: left, y: y - 10, width: 3, height: 12, rx: 1.5 }),
    label(document, left + 10, y, words.best, 'start'),
    shape(document, 'rect', {
      class: 'orange',
      x: left + 150,
      y: y - 10,
      width: 3,
      height: 12,
      rx: 1.5,
    }),
    label(document, left + 160, y, words.window, 'start'),
  );
  return drawing;
}

/** The mean over layers, and a band down to the worst head of any layer. */
export function queryChart(
  document: PageDocument,
  queries: readonly ReportQuery[],
  words: PageWords,
): PageElement {
  const drawing = svg(document, HEIGHT + 20);
  axis(document, drawing);
  const values = queries.map(({ layers }) => ({
    mean: layers.reduce((sum, { recall }) => sum + recall.mean, 0) / layers.length,
    worst: Math.min(...layers.map(({ recall }) => recall.min)),
  }));
  const step = (WIDTH - LEFT) / Math.max(1, values.length);
  for (const [i, { worst }] of values.entries()) {
    drawing.append(
      shape(document, 'rect', {
        class: 'pale',
        x: LEFT + i * step,
        y: yOf(1),
        width: Math.max(1, step - (step > 4 ? 1 : 0)),
        height: yOf(worst) - yOf(1),
      }),
    );
  }
  const points = values.map(({ mean }, i) => `${LEFT + (i + 0.5) * step},${yOf(mean)}`);
  drawing.append(
    shape(document, 'polyline', { class: 'line', points: points.join(' ') }),
    label(document, LEFT, HEIGHT + 2, '1', 'start'),
    label(document, WIDTH, HEIGHT + 2, String(values.length), 'end'),
    shape(document, 'rect', { class: 'blue', x: LEFT, y: HEIGHT + 9, width: 14, height: 3 }),
    label(document, LEFT + 20, HEIGHT + 14, words.mean, 'start'),
    shape(document, 'rect', { class: 'pale', x: LEFT + 90, y: HEIGHT + 5, width: 14, height: 10 }),
    label(document, LEFT + 110, HEIGHT + 14, words.worstHead, 'start'),
  );
  return drawing;
}

/** One line per layer over the number of kept positions, which doubles from mark to mark. */
export function countChart(
  document: PageDocument,
  layers: readonly ReportLayer[],
  topk: number,
  words: PageWords,
): PageElement {
  const drawing = svg(document, HEIGHT + 20);
  axis(document, drawing);
  const counts = layers[0]?.recall_at.map(({ top_k: count }) => count) ?? [];
  const xOf = (i: number): number =>
    LEFT + 14 + (i / Math.max(1, counts.length - 1)) * (WIDTH - LEFT - 40);
  for (const [i, count] of counts.entries()) {
    const isOwn = count === topk;
    drawing.append(
      label(document, xOf(i), HEIGHT + 2, String(count), 'middle', isOwn ? 'strong' : ''),
    );
    if (!isOwn) continue;
    drawing.append(
      shape(document, 'line', {
        class: 'grid-line',
        x1: xOf(i),
        x2: xOf(i),
        y1: yOf(1),
        y2: yOf(0),
        'stroke-dasharray': '3 3',
      }),
    );
  }
  for (const { recall_at: recalls, layer } of layers) {
    const points = recalls.map(({ recall }, i) => `${xOf(i)},${yOf(recall)}`);
    const line = shape(document, 'polyline', { class: 'line', points: points.join(' ') });
    line.append(shape(document, 'title', {}, `${words.layer} ${layer}`));
    const opacity = 1 - (0.65 * layers.findIndex((each) => each.layer === layer)) / layers.length;
    line.setAttribute('stroke-opacity', opacity.toFixed(2));
    const first = recalls[0];
    drawing.append(line);
    if (first === undefined || layers.length > 12) continue;
    drawing.append(
      shape(document, 'circle', { class: 'blue', cx: xOf(0), cy: yOf(first.recall), r: 2.5 }),
    );
  }
  drawing.append(label(document, WIDTH, HEIGHT + 18, words.positionsKept, 'end'));
  return drawing;
}

function svg(document: PageDocument, height: number): PageElement {
  return shape(document, 'svg', { viewBox: `0 0 ${WIDTH} ${height}`, role: 'img' });
}

function axis(document: PageDocument, drawing: PageElement): void {
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const y = yOf(share);
    drawing.append(
      shape(document, 'line', { class: 'grid-line', x1: LEFT, x2: WIDTH, y1: y, y2: y }),
      label(document, LEFT - 8, y + 4, `${100 * share} %`, 'end'),
    );
  }
}

function yOf(share: number): number {
  return 8 + (1 - share) * (HEIGHT - BOTTOM - 8);
}

function label(
  document: PageDocument,
  x: number,
  y: number,
  text: string,
  anchor: 'start' | 'middle' | 'end',
  name = '',
): PageElement {
  return shape(document, 'text', { x, y, 'text-anchor': anchor, class: name }, text);
}
