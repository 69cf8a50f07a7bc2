// The drawing itself, on uPlot: the only file that loads it. Colours are read from the page's tokens,
// so that a theme needs a new drawing and nothing else.

import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { shownLabels, stacked } from '../lib/stacked.js';
import { countOf, formatClock, type ChartProps } from './chart.js';

type Drawn = ChartProps & { height: number };
type OnPoint = (at: { index: number; left: number; width: number } | undefined) => void;

const LETTER_PX = 7;
const LABEL_GAP_PX = 16;
const BAR_WIDTH = [0.68, 56] as const;

export class Plot {
  readonly #box: HTMLElement;
  readonly #read: () => Drawn;
  readonly #onPoint: OnPoint;
  readonly #resize: ResizeObserver;
  readonly #scheme = matchMedia('(prefers-color-scheme: dark)');
  #chart: uPlot | undefined;

  /** `read` gives what is to be drawn now. */
  constructor(box: HTMLElement, read: () => Drawn, onPoint: OnPoint) {
    this.#box = box;
    this.#read = read;
    this.#onPoint = onPoint;
    this.#resize = new ResizeObserver(() => this.#fit());
    this.#resize.observe(box);
    this.#scheme.addEventListener('change', this.rebuild);
  }

  /** For another set of series, or other colours. */
  readonly rebuild = (): void => {
    this.#chart?.destroy();
    const drawn = this.#read();
    const { clientWidth } = this.#box;
    if (clientWidth === 0) return; // the observer calls again when there is room
    this.#chart = new uPlot(this.#optionsOf(drawn, clientWidth), dataOf(drawn), this.#box);
  };

  update(): void {
    this.#chart?.setData(dataOf(this.#read()));
  }

  /** Points at a value as the mouse would; undefined = at none. */
  point(index: number | undefined): void {
    const chart = this.#chart;
    if (!chart) return;
    const x = index === undefined ? undefined : chart.data[0][index];
    const left = x === undefined ? -10 : chart.valToPos(x, 'x');
    chart.setCursor({ left, top: left < 0 ? -10 : 1 });
  }

  dispose(): void {
    this.#resize.disconnect();
    this.#scheme.removeEventListener('change', this.rebuild);
    this.#chart?.destroy();
  }

  #fit(): void {
    const { clientWidth } = this.#box;
    if (clientWidth === 0) return;
    if (this.#chart) this.#chart.setSize({ width: clientWidth, height: this.#read().height });
    else this.rebuild();
  }

  #optionsOf(drawn: Drawn, width: number): uPlot.Options {
    const { points, series, kind, isStacked = false, height } = drawn;
    const style = getComputedStyle(this.#box);
    const token = (name: string) => style.getPropertyValue(name).trim();
    const font = `12px ${style.fontFamily}`;
    const axis = { stroke: token('--text-soft'), font, ticks: { show: false } };
    const isPiled = isStacked && kind !== 'lines';
    // The tallest pile first, so that the lower ones are painted over it.
    const drawnSeries = isPiled ? series.toReversed() : series;
    return {
      width,
      height,
      ms: 1,
      legend: { show: false },
      padding: [10, 22, 0, 0],
      cursor: {
        y: false,
        drag: { setScale: false, x: false },
        points: { show: kind === 'lines', size: 7 },
      },
      scales: {
        x:
          points.kind === 'names'
            ? { time: false, range: () => [-0.5, Math.max(0.5, countNow(this.#read) - 0.5)] }
            : { time: true, range: (_chart, min, max) => spanNow(this.#read, min, max) },
        y: {
          range: (_chart, _min, max) => [0, max > 0 ? uPlot.rangeNum(0, max, 0.08, true)[1]! : 1],
        },
      },
      axes: [
        { ...axis, ...this.#xAxis(), grid: { show: false }, size: 30 },
        {
          ...axis,
          grid: { stroke: token('--edge'), width: 1 },
          values: (_chart, splits) => splits.map((value) => this.#axisText(value)),
          size: (_chart, values) =>
            14 + LETTER_PX * Math.max(3, ...(values ?? []).map((text) => text.length)),
        },
      ],
      series: [
        {},
        ...drawnSeries.map(({ color }) => {
          const stroke = token(`--chart-${color}`);
          if (kind === 'bars') {
            return {
              stroke,
              fill: stroke,
              width: 0,
              points: { show: false },
              paths: uPlot.paths.bars!({ size: [...BAR_WIDTH], radius: isPiled ? 0 : 0.12 }),
            };
          }
          // The tokens are hexadecimal: two digits more are the opacity.
          const fill = isPiled ? stroke : `${stroke}26`;
          return {
            stroke,
            width: 2,
            points: { show: false },
            ...(kind === 'area' && { fill }),
          };
        }),
      ],
      hooks: {
        setCursor: [
          (chart) => {
            const { idx, left = -1 } = chart.cursor;
            const x = idx == null ? undefined : chart.data[0][idx];
            if (left < 0 || idx == null || x === undefined) return this.#onPoint(undefined);
            const offset = chart.bbox.left / uPlot.pxRatio;
            this.#onPoint({
              index: idx,
              left: chart.valToPos(x, 'x') + offset,
              width: chart.width,
            });
          },
        ],
      },
    };
  }

  #xAxis(): Partial<uPlot.Axis> {
    const { points } = this.#read();
    if (points.kind === 'times') {
      return {
        space: 84,
        values: (_chart, splits) =>
          splits.map((ms) => (this.#read().formatTime ?? formatClock)(ms)),
      };
    }
    return {
      splits: (chart) => {
        const { points: now } = this.#read();
        const names = now.kind === 'names' ? now.names : [];
        const widest = LABEL_GAP_PX + LETTER_PX * Math.max(0, ...names.map(({ length }) => length));
        return shownLabels(names.length, chart.bbox.width / uPlot.pxRatio, widest);
      },
      values: (_chart, splits) => {
        const { points: now } = this.#read();
        return splits.map((index) => (now.kind === 'names' ? (now.names[index] ?? '') : ''));
      },
    };
  }

  #axisText(value: number): string {
    const { format, formatAxis } = this.#read();
    return (formatAxis ?? format)(value);
  }
}

function dataOf({ points, series, kind, isStacked = false }: Drawn): uPlot.AlignedData {
  const x = points.kind === 'names' ? points.names.map((_name, index) => index) : [...points.times];
  const values = series.map((each) => [...each.values]);
  const isPiled = isStacked && kind !== 'lines';
  return [x, ...(isPiled ? stacked(values).toReversed() : values)];
}

function countNow(read: () => Drawn): number {
  return countOf(read().points);
}

function spanNow(read: () => Drawn, min: number, max: number): uPlot.Range.MinMax {
  const { points } = read();
  if (points.kind === 'times' && points.span) return [points.span[0], points.span[1]];
  return min === max ? [min - 1000, max + 1000] : [min, max];
}
