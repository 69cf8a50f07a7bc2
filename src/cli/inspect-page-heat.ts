// The heat map of the inspection page: a canvas with axes, and a line of facts under the pointer.
// Part of the page's script; it imports only what that script also carries.

import {
  element,
  percentText,
  type PageCanvas,
  type PageDocument,
  type PageElement,
  type PageEvent,
  type PageWindow,
} from './inspect-page-dom.js';
import type { PageWords } from './inspect-page-words.js';
import {
  cellColour,
  narrowed,
  type ColourMode,
  type HeatView,
  type Theme,
} from './inspect-view.js';

export interface HeatInput {
  view: HeatView;
  mode: ColourMode;
  theme: Theme;
  /** Column where the answer begins. */
  numPrompt: number;
  /** Name of each row, as short as it can be. */
  rowNames: readonly string[];
  /** Row that is marked, or -1. */
  marked: number;
  words: PageWords;
  /** Text of the token of a column. */
  textOf: (column: number) => string;
}

const LEFT = 76;
const TOP = 22;
const BOTTOM = 26;
const TEXT = { light: '#566273', dark: '#9aa8b8' };
const INK = { light: '#16202c', dark: '#e8edf3' };

export class HeatMap {
  readonly root: PageElement;
  private readonly canvas: PageCanvas;
  private readonly tip: PageElement;
  private input: HeatInput | undefined;
  private rowHeight = 1;

  constructor(
    private readonly document: PageDocument,
    private readonly window: PageWindow,
    private readonly onRow: (row: number) => void,
  ) {
    this.canvas = document.createElement('canvas');
    this.tip = element(document, 'div', 'tip');
    this.root = element(document, 'div', 'heat', this.canvas, this.tip);
    this.canvas.setAttribute('role', 'img');
    this.canvas.addEventListener('mousemove', (event) => this.point(event));
    this.canvas.addEventListener('mouseleave', () => this.hideTip());
    this.canvas.addEventListener('click', (event) => {
      const cell = this.cellAt(event);
      if (cell !== null) this.onRow(cell.row);
    });
  }

  draw(input: HeatInput): void {
    this.input = input;
    const { canvas, document } = this;
    const { view, theme } = input;
    const width = Math.max(200, this.root.clientWidth);
    const mapWidth = width - LEFT;
    this.rowHeight = heightOfRows(view.numRows);
    const mapHeight = this.rowHeight * view.numRows;
    const height = TOP + mapHeight + BOTTOM;
    const ratio = this.window.devicePixelRatio;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style['height'] = `${height}px`;
    canvas.setAttribute('aria-label', input.words.map);
    const context = canvas.getContext('2d');
    context.scale(ratio, ratio);
    context.clearRect(0, 0, width, height);
    context.imageSmoothingEnabled = false;
    const image = paint(document, narrowed(view, Math.round(mapWidth * ratio)), input);
    context.drawImage(image, LEFT, TOP, mapWidth, mapHeight);
    context.font = '12px system-ui, sans-serif';
    this.drawRowNames(input);
    this.drawColumns(input, mapWidth, mapHeight);
    if (input.marked < 0) return;
    context.strokeStyle = INK[theme];
    context.lineWidth = 1.5;
    context.strokeRect(LEFT, TOP + input.marked * this.rowHeight, mapWidth, this.rowHeight);
  }

  private drawRowNames({ rowNames, theme }: HeatInput): void {
    const context = this.canvas.getContext('2d');
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    context.fillStyle = TEXT[theme];
    const every = Math.max(1, Math.ceil(16 / this.rowHeight));
    for (let row = 0; row < rowNames.length; row += every) {
      context.fillText(rowNames[row]!, LEFT - 10, TOP + (row + 0.5) * this.rowHeight);
    }
    if (this.rowHeight < 8) return;
    // Gaps between rows.
    for (let row = 1; row < rowNames.length; row++) {
      context.clearRect(LEFT, TOP + row * this.rowHeight - 1, 1e5, 1);
    }
  }

  private drawColumns(input: HeatInput, mapWidth: number, mapHeight: number): void {
    const { view, numPrompt, theme, words } = input;
    const context = this.canvas.getContext('2d');
    const xOf = (column: number): number => LEFT + (column / view.numColumns) * mapWidth;
    context.fillStyle = TEXT[theme];
    context.textBaseline = 'top';
    context.textAlign = 'left';
    const step = roundStep(view.numColumns / Math.max(2, mapWidth / 110));
    for (let column = 0; column < view.numColumns; column += step) {
      context.fillRect(xOf(column), TOP + mapHeight + 2, 1, 5);
      context.fillText(String(column), xOf(column) + 4, TOP + mapHeight + 6);
    }
    if (numPrompt >= view.numColumns) return;
    const x = xOf(numPrompt);
    context.fillRect(x - 0.5, 4, 1.5, TOP + mapHeight);
    context.fillText(words.answer, x + 6, 3);
    context.textAlign = 'right';
    context.fillText(words.prompt, x - 6, 3);
  }

  private cellAt(event: PageEvent): { row: number; column: number; x: number; y: number } | null {
    if (this.input === undefined) return null;
    const { view } = this.input;
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const row = Math.floor((y - TOP) / this.rowHeight);
    const column = Math.floor(((x - LEFT) / (box.width - LEFT)) * view.numColumns);
    const isInside = row >= 0 && row < view.numRows && column >= 0 && column < view.numColumns;
    return isInside ? { row, column, x, y } : null;
  }

  private point(event: PageEvent): void {
    const cell = this.cellAt(event);
    if (cell === null || this.input === undefined) return this.hideTip();
    const { view, words, rowNames, textOf } = this.input;
    const at = cell.row * view.numColumns + cell.column;
    const kept = view.kept[at]!;
    const facts =
      kept < 0
        ? words.notSeen
        : `${words.keptBy} ${percentText(kept)} · ${words.attentionHere} ${percentText(view.captured[at]! + view.missed[at]!)}`;
    this.tip.replaceChildren(
      element(this.document, 'div', 'what', JSON.stringify(textOf(cell.column)).slice(1, -1)),
      element(
        this.document,
        'div',
        'soft',
        `${words.position} ${cell.column} · ${rowNames[cell.row]!}`,
      ),
      element(this.document, 'div', '', facts),
    );
    const isRight = cell.x > this.root.clientWidth / 2;
    this.tip.style['left'] = isRight ? '' : `${cell.x + 14}px`;
    this.tip.style['right'] = isRight ? `${this.root.clientWidth - cell.x + 14}px` : '';
    this.tip.style['top'] = `${cell.y + 14}px`;
    this.tip.style['visibility'] = 'visible';
    return undefined;
  }

  private hideTip(): void {
    this.tip.style['visibility'] = 'hidden';
  }
}

/** In pixels; whole where rows can be told apart. */
function heightOfRows(numRows: number): number {
  if (numRows > 360) return 720 / numRows;
  return Math.min(36, Math.max(2, Math.round(360 / numRows)));
}

/** One pixel per cell. */
function paint(document: PageDocument, view: HeatView, { mode, theme }: HeatInput): PageCanvas {
  const canvas = document.createElement('canvas');
  canvas.width = view.numColumns;
  canvas.height = view.numRows;
  const context = canvas.getContext('2d');
  const image = context.createImageData(view.numColumns, view.numRows);
  for (let at = 0; at < view.kept.length; at++) {
    const [red, green, blue] = cellColour(view, at, mode, theme);
    image.data[4 * at] = red;
    image.data[4 * at + 1] = green;
    image.data[4 * at + 2] = blue;
    image.data[4 * at + 3] = view.kept[at]! < 0 ? 0 : 255;
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** 1, 2 or 5 times a power of ten, at least this much. */
export function roundStep(atLeast: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, atLeast)));
  return [1, 2, 5].map((factor) => factor * power).find((step) => step >= atLeast) ?? 10 * power;
}
