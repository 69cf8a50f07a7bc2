// A chart of the console: title, legend that hides series, the drawing (a chunk of its own), what is
// under the pointer or the arrow keys, and the same figures as a table. Knows nothing of what is drawn.

import { ChartColumn, Table2 } from 'lucide';
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import { texts } from '../i18n/language.js';
import { theme } from '../shell/theme.js';
import { IconButton } from '../ui/button.js';
import { ChartTable } from './chart-table.js';
import type { Plot } from './plot.js';
import './charts.css';

const words = texts({
  en: {
    asTable: 'Show as a table',
    asChart: 'Show as a chart',
    keys: 'Chart. Arrow keys read its values.',
    series: 'Series',
    failed: 'The chart could not be loaded; here are its figures.',
  },
  zh: {
    asTable: '以表格显示',
    asChart: '以图表显示',
    keys: '图表。用方向键读取数值。',
    series: '数据系列',
    failed: '图表加载失败，以下为其数据。',
  },
});

/** Of tokens `--chart-N`; give series of one meaning the same colour on every page. */
export type ChartColor = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

export interface ChartSeries {
  label: string;
  /** As many as there are points; null = a gap. */
  values: readonly (number | null)[];
  color: ChartColor;
}

export type ChartPoints =
  | { kind: 'names'; names: readonly string[] }
  /** Milliseconds since 1970, ascending. `span`: what the axis shows, where it is more than the data. */
  | { kind: 'times'; times: readonly number[]; span?: readonly [from: number, to: number] };

export interface ChartProps {
  title: string;
  points: ChartPoints;
  series: readonly ChartSeries[];
  kind: 'bars' | 'lines' | 'area';
  /** Bars and areas piled on each other. */
  isStacked?: boolean;
  /** A value as it reads in full, with its unit. */
  format: (value: number) => string;
  /** The same for the axis, where room is short; default: `format`. */
  formatAxis?: (value: number) => string;
  /** Of times, e.g. only the clock; default: the clock. */
  formatTime?: (ms: number) => string;
  /** Heading of the names, for the table. */
  pointsLabel: string;
  /** Of the drawing, in px. */
  height?: number;
}

export function Chart(props: ChartProps) {
  const { title, points, series, height = 220 } = props;
  const [isTable, setTable] = useState(false);
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [hasFailed, setFailed] = useState(false);
  const t = words();
  const titleId = useId();
  const shown = series.filter(({ label }) => !hidden.has(label));
  const toggle = (label: string) => {
    const next = new Set(hidden);
    if (!next.delete(label)) next.add(label);
    setHidden(next);
  };
  return (
    <figure class="chart card" aria-labelledby={titleId}>
      <figcaption class="chart-head">
        <h3 id={titleId}>{title}</h3>
        <IconButton
          icon={isTable ? ChartColumn : Table2}
          label={isTable ? t.asChart : t.asTable}
          size="small"
          aria-pressed={isTable}
          onClick={() => setTable(!isTable)}
        />
      </figcaption>
      {series.length > 1 && !isTable && (
        <div class="chart-legend" role="group" aria-label={t.series}>
          {series.map(({ label, color }) => (
            <button
              key={label}
              type="button"
              aria-pressed={!hidden.has(label)}
              onClick={() => toggle(label)}
            >
              <span class={`chart-swatch chart-color-${color}`} />
              {label}
            </button>
          ))}
        </div>
      )}
      {hasFailed && <p class="soft small">{t.failed}</p>}
      {isTable || hasFailed ? (
        <ChartTable {...props} />
      ) : (
        <Drawing {...props} points={points} series={shown} height={height} onFail={setFailed} />
      )}
    </figure>
  );
}

interface DrawingProps extends ChartProps {
  height: number;
  onFail: (hasFailed: boolean) => void;
}

function Drawing(props: DrawingProps) {
  const { points, series, format, height, onFail, kind, isStacked } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<Plot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const [at, setAt] = useState<{ index: number; left: number; width: number }>();
  const [isReady, setReady] = useState(false);
  const t = words();

  useEffect(() => {
    let isGone = false;
    import('./plot.js').then(
      ({ Plot: PlotClass }) => {
        if (isGone || !box.current) return;
        plot.current = new PlotClass(box.current, () => latest.current, setAt);
        setReady(true);
      },
      () => {
        if (!isGone) onFail(true);
      },
    );
    return () => {
      isGone = true;
      plot.current?.dispose();
      plot.current = undefined;
    };
  }, []);

  const shape = useMemo(
    () => `${kind} ${isStacked} ${points.kind} ${series.map(({ color }) => color).join()}`,
    [kind, isStacked, points, series],
  );
  const { value: chosenTheme } = theme;
  useEffect(() => plot.current?.rebuild(), [shape, isReady, chosenTheme]);
  useEffect(() => plot.current?.update(), [points, series, isReady]);

  const count = countOf(points);
  const onKeyDown = (event: KeyboardEvent) => {
    const now = at?.index ?? (event.key === 'ArrowLeft' ? count : -1);
    const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: count - 1 }[event.key];
    if (event.key === 'Escape') plot.current?.point(undefined);
    if (to === undefined || count === 0) return;
    event.preventDefault();
    plot.current?.point(Math.max(0, Math.min(count - 1, to)));
  };
  const index = at && at.index < count ? at.index : undefined;
  return (
    <div class="chart-drawing" style={{ height: `${height}px` }}>
      <div
        class="chart-box"
        ref={box}
        role="img"
        aria-label={t.keys}
        tabIndex={0}
        onKeyDown={onKeyDown}
        onBlur={() => plot.current?.point(undefined)}
      />
      <div class="visually-hidden" aria-live="polite">
        {index !== undefined && readingOf(props, index)}
      </div>
      {at && index !== undefined && (
        <div
          class="chart-tip"
          aria-hidden="true"
          style={
            at.left > at.width / 2
              ? { right: `${at.width - at.left + 14}px` }
              : { left: `${at.left + 14}px` }
          }
        >
          <strong>{pointText(props, index)}</strong>
          {/* As they are piled: the uppermost first. */}
          {(isStacked ? series.toReversed() : series).map(({ label, values, color }) => (
            <div key={label}>
              <span class={`chart-swatch chart-color-${color}`} />
              <span class="grow">{label}</span>
              <span class="numbers">{valueText(values[index], format)}</span>
            </div>
          ))}
        </div>
      )}
    </div>
  );
}

export function countOf(points: ChartPoints): number {
  return points.kind === 'names' ? points.names.length : points.times.length;
}

export function pointText({ points, formatTime }: ChartProps, index: number): string {
  if (points.kind === 'names') return points.names[index] ?? '';
  const ms = points.times[index];
  return ms === undefined ? '' : (formatTime ?? formatClock)(ms);
}

export function valueText(
  value: number | null | undefined,
  format: (value: number) => string,
): string {
  return value == null ? '–' : format(value);
}

export function formatClock(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8);
}

function readingOf(props: ChartProps, index: number): string {
  const values = props.series.map(
    ({ label, values: all }) => `${label}: ${valueText(all[index], props.format)}`,
  );
  return `${pointText(props, index)}. ${values.join(', ')}`;
}
