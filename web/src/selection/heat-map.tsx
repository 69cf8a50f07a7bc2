// The map: a row per layer or per token of the reply, a column per position, on a canvas. The pointer
// and the arrow keys read a cell; a click or Enter chooses its row.

import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import {
  cellColour,
  narrowed,
  type ColourMode,
  type HeatView,
  type Theme,
} from '../../../src/cli/inspect-view.js';
import { axisStep } from '../lib/selection-map.js';
import { selectionWords } from './selection-words.js';

export interface HeatMapProps {
  view: HeatView;
  mode: ColourMode;
  isDark: boolean;
  /** Column where the reply begins. */
  numPrompt: number;
  rowNames: readonly string[];
  /** -1 = none. */
  chosenRow: number;
  onChoose: (row: number) => void;
  /** The cell that is read, or none. */
  onRead: (cell: MapCell | undefined) => void;
  /** A cell in words. */
  describe: (cell: MapCell) => string;
}

export interface MapCell {
  row: number;
  column: number;
}

const TOP = 24;
const BOTTOM = 24;
const MAX_HEIGHT = 420;

export function HeatMap(props: HeatMapProps) {
  const { view, rowNames, chosenRow, numPrompt, isDark, mode, onChoose, onRead, describe } = props;
  const t = selectionWords();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const width = useWidth(box);
  const [cell, setCell] = useState<MapCell>();
  const left = width < 520 ? 40 : 78;
  const rowHeight = heightOfRows(view.numRows);
  const place: Place = { width, left, rowHeight, mapWidth: Math.max(1, width - left) };
  const cellColours = useMemo(
    () => ({ mode, theme: (isDark ? 'dark' : 'light') as Theme }),
    [mode, isDark],
  );
  useLayoutEffect(() => {
    if (width === 0) return;
    draw(canvas.current!, view, { ...place, ...cellColours, numPrompt, rowNames });
  }, [view, width, cellColours, numPrompt, rowNames]);

  const read = (next: MapCell | undefined) => {
    setCell(next);
    onRead(next);
  };
  // What was read belongs to the view of before.
  useEffect(() => read(undefined), [view.numRows, view.numColumns]);

  const cellAt = (event: MouseEvent): MapCell | undefined => {
    const bounds = canvas.current!.getBoundingClientRect();
    const row = Math.floor((event.clientY - bounds.top - TOP) / rowHeight);
    const share = (event.clientX - bounds.left - left) / place.mapWidth;
    const column = Math.floor(share * view.numColumns);
    const isInside = row >= 0 && row < view.numRows && column >= 0 && column < view.numColumns;
    return isInside ? { row, column } : undefined;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = cell ?? { row: Math.max(0, chosenRow), column: 0 };
    const step = event.shiftKey ? 10 : 1;
    const moves: Record<string, MapCell> = {
      ArrowRight: { ...at, column: at.column + (cell ? step : 0) },
      ArrowLeft: { ...at, column: at.column - step },
      ArrowDown: { ...at, row: at.row + 1 },
      ArrowUp: { ...at, row: at.row - 1 },
      Home: { ...at, column: 0 },
      End: { ...at, column: view.numColumns - 1 },
    };
    const next = moves[event.key];
    if (next) {
      event.preventDefault();
      read({
        row: clamp(next.row, view.numRows - 1),
        column: clamp(next.column, view.numColumns - 1),
      });
    } else if ((event.key === 'Enter' || event.key === ' ') && cell) {
      event.preventDefault();
      onChoose(cell.row);
    } else if (event.key === 'Escape') read(undefined);
  };
  const columnWidth = place.mapWidth / view.numColumns;
  return (
    <div
      ref={box}
      class="heat-map"
      role="slider"
      tabIndex={0}
      aria-label={t.mapLabel}
      aria-orientation="horizontal"
      aria-valuemin={0}
      aria-valuemax={view.numColumns - 1}
      aria-valuenow={cell?.column ?? 0}
      aria-valuetext={cell ? describe(cell) : t.mapKeys}
      onKeyDown={onKeyDown}
      onMouseMove={(event) => read(cellAt(event))}
      onMouseLeave={() => read(undefined)}
      onClick={(event) => {
        const clicked = cellAt(event);
        if (clicked) onChoose(clicked.row);
      }}
    >
      <canvas ref={canvas} aria-hidden="true" />
      {chosenRow >= 0 && chosenRow < view.numRows && (
        <span
          class="heat-chosen"
          style={{
            left: `${left}px`,
            top: `${TOP + chosenRow * rowHeight}px`,
            width: `${place.mapWidth}px`,
            height: `${rowHeight}px`,
          }}
        />
      )}
      {cell && (
        <>
          <span
            class="heat-column"
            style={{
              left: `${left + cell.column * columnWidth}px`,
              top: `${TOP}px`,
              width: `${Math.max(1, columnWidth)}px`,
              height: `${rowHeight * view.numRows}px`,
            }}
          />
          <span
            class="heat-cell"
            style={{
              left: `${left + (cell.column + 0.5) * columnWidth}px`,
              top: `${TOP + cell.row * rowHeight}px`,
              height: `${rowHeight}px`,
            }}
          />
        </>
      )}
    </div>
  );
}

interface Place {
  width: number;
  left: number;
  rowHeight: number;
  mapWidth: number;
}

interface Drawing extends Place {
  mode: ColourMode;
  theme: Theme;
  numPrompt: number;
  rowNames: readonly string[];
}

function draw(canvas: HTMLCanvasElement, view: HeatView, drawing: Drawing): void {
  const { width, left, rowHeight, mapWidth } = drawing;
  const mapHeight = rowHeight * view.numRows;
  const height = TOP + mapHeight + BOTTOM;
  const ratio = devicePixelRatio;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext('2d')!;
  context.scale(ratio, ratio);
  context.imageSmoothingEnabled = false;
  const cells = narrowed(view, Math.max(1, Math.round(mapWidth * ratio)));
  context.drawImage(paint(cells, drawing), left, TOP, mapWidth, mapHeight);
  if (rowHeight >= 8) {
    for (let row = 1; row < view.numRows; row++) {
      context.clearRect(left, TOP + row * rowHeight - 1, mapWidth, 1);
    }
  }
  const style = getComputedStyle(canvas);
  context.font = `12px ${style.fontFamily}`;
  context.fillStyle = style.color;
  drawRowNames(context, drawing);
  drawColumns(context, view, drawing);
}

function drawRowNames(context: CanvasRenderingContext2D, drawing: Drawing): void {
  const { rowNames, rowHeight, left } = drawing;
  context.textAlign = 'right';
  context.textBaseline = 'middle';
  const every = Math.max(1, Math.ceil(15 / rowHeight));
  for (let row = 0; row < rowNames.length; row += every) {
    // Where there is little room the number says it.
    const name = left < 60 ? rowNames[row]!.replace(/^\D+/, '') : rowNames[row]!;
    context.fillText(name, left - 10, TOP + (row + 0.5) * rowHeight);
  }
}

function drawColumns(context: CanvasRenderingContext2D, view: HeatView, drawing: Drawing): void {
  const { left, mapWidth, rowHeight, numPrompt } = drawing;
  const t = selectionWords();
  const bottom = TOP + rowHeight * view.numRows;
  const xOf = (column: number): number => left + (column / view.numColumns) * mapWidth;
  context.textAlign = 'left';
  context.textBaseline = 'top';
  const step = axisStep(view.numColumns / Math.max(2, mapWidth / 100));
  for (let column = 0; column < view.numColumns; column += step) {
    context.fillRect(Math.round(xOf(column)), bottom + 2, 1, 5);
    const x = xOf(column) + 4;
    if (x + 30 < left + mapWidth) context.fillText(String(column), x, bottom + 7);
  }
  if (numPrompt >= view.numColumns) return;
  const x = Math.round(xOf(numPrompt));
  context.fillRect(x - 1, 4, 1.5, bottom - 4);
  const isLate = x > left + mapWidth - 60;
  if (!isLate) context.fillText(t.reply, x + 6, 5);
  context.textAlign = 'right';
  context.fillText(isLate ? `${t.prompt} | ${t.reply}` : t.prompt, x - 6, 5);
}

/** One pixel per cell. */
function paint(view: HeatView, { mode, theme }: Drawing): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = view.numColumns;
  canvas.height = view.numRows;
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(view.numColumns, view.numRows);
  for (let at = 0; at < view.kept.length; at++) {
    const [red, green, blue] = cellColour(view, at, mode, theme);
    image.data.set([red, green, blue, view.kept[at]! < 0 ? 0 : 255], 4 * at);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** In pixels; whole where rows can be told apart. */
function heightOfRows(numRows: number): number {
  if (numRows > MAX_HEIGHT / 2) return MAX_HEIGHT / numRows;
  return Math.min(38, Math.max(2, Math.floor(MAX_HEIGHT / numRows)));
}

function useWidth(ref: { current: HTMLDivElement | null }): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const observer = new ResizeObserver(([entry]) =>
      setWidth(Math.floor(entry!.contentRect.width)),
    );
    observer.observe(ref.current!);
    return () => observer.disconnect();
  }, []);
  return width;
}

function clamp(value: number, max: number): number {
  return Math.min(max, Math.max(0, value));
}
