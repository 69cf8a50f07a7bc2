// Charts as inline SVG. They hold marks only and stretch with the page; words and figures stand beside
// them as HTML, so that they keep their size on a phone and on paper.

import { quantilesOf, totalOf, type Counts } from '../histogram.js';
import { grouped, markup, percent, type Markup } from './markup.js';

/** Columns of a histogram, at most; more values than that are put together. */
const MAX_COLUMNS = 48;
/** Height of a histogram in its own units. */
const HEIGHT = 100;

/** One share as a bar that fills `value` of `most`. */
export function bar(value: number, most: number): Markup {
  const width = short((100 * value) / Math.max(1, most));
  return markup`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="rail" width="100" height="10"/><rect class="mark" width="${width}" height="10"/></svg>`;
}

/** Counts by name, the largest first. @param whole what shares are of; absent: the sum */
export function bars(counts: Counts, whole = totalOf(counts)): Markup {
  const sorted = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
  const most = sorted[0]?.[1] ?? 0;
  const rows = sorted.map(
    ([name, count]) =>
      markup`<li><span class="name">${name}</span>${bar(count, most)}<span class="count">${grouped(count)}</span><span class="share">${percent(count, whole)}</span></li>`,
  );
  return markup`<ul class="bars">${rows}</ul>`;
}

export interface Column {
  readonly from: number;
  readonly count: number;
}

/** Whole numbers in columns of equal width, those of no value among them. */
export function columnsOf(counts: Counts): { readonly width: number; readonly columns: Column[] } {
  const values = Object.keys(counts).map(Number);
  const [least, most] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
  if (values.length === 0) return { width: 1, columns: [] };
  const width = roundStep((most - least + 1) / MAX_COLUMNS);
  const first = Math.floor(least / width);
  const columns = Array.from({ length: Math.floor(most / width) - first + 1 }, (_, i) => ({
    from: (first + i) * width,
    count: 0,
  }));
  for (const value of values) {
    const i = Math.floor(value / width) - first;
    columns[i] = { ...columns[i]!, count: columns[i]!.count + counts[value]! };
  }
  return { width, columns };
}

/** 1, 2, 5, 10, 20, ... and not below what is asked. */
function roundStep(asked: number): number {
  for (let tens = 1; ; tens *= 10) {
    for (const digit of [1, 2, 5]) if (digit * tens >= asked) return digit * tens;
  }
}

export interface HistogramWords {
  readonly title: string;
  /** What is counted, in the plural. */
  readonly of: string;
  /** How a value reads. */
  readonly value?: (value: number) => string;
}

/** A distribution, with the band that the middle 80 % lie in and the median. */
export function histogram(counts: Counts, { title, of, value = grouped }: HistogramWords): Markup {
  const { width, columns } = columnsOf(counts);
  const first = columns[0];
  if (!first) return markup`<figure><figcaption>${title}: none</figcaption></figure>`;
  const tallest = Math.max(...columns.map(({ count }) => count));
  const spot = (at: number): number => (at - first.from) / width;
  const [low, middle, high] = quantilesOf(counts);
  const start = Math.floor(spot(low));
  const end = Math.floor(spot(high)) + 1;
  const median = Math.floor(spot(middle)) + 0.5;
  const marks = columns.map(({ from, count }, i) => {
    const height = short((HEIGHT * count) / tallest);
    const range = width === 1 ? value(from) : `${value(from)} to ${value(from + width - 1)}`;
    const about = `${range}: ${grouped(count)} ${of}`;
    return (
      count > 0 &&
      markup`<rect class="mark" x="${i + 0.08}" y="${short(HEIGHT - height)}" width="0.84" height="${height}"><title>${about}</title></rect>`
    );
  });
  const last = columns.at(-1)!.from;
  const quantiles = `p10 ${value(low)} · p50 ${value(middle)} · p90 ${value(high)}`;
  return markup`<figure><figcaption><b>${title}</b><span>${quantiles}</span></figcaption><svg class="histogram" viewBox="0 0 ${columns.length} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${title}: ${quantiles}"><rect class="band" x="${start}" y="0" width="${end - start}" height="${HEIGHT}"/>${marks}<line class="middle" x1="${median}" x2="${median}" y1="0" y2="${HEIGHT}"/></svg><div class="axis"><span>${value(first.from)}</span><span>tallest: ${grouped(tallest)} ${of}</span><span>${value(last)}</span></div></figure>`;
}

/** From p10 to p90 with the median, on a scale from 0 to `most`. */
export function spread(counts: Counts, most: number): Markup {
  const [low, middle, high] = quantilesOf(counts).map((value) => short((100 * value) / most)) as [
    number,
    number,
    number,
  ];
  return markup`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="rail" width="100" height="10"/><rect class="span" x="${low}" y="2" width="${short(high - low)}" height="6"/><rect class="mark" x="${short(Math.max(0, middle - 0.8))}" width="1.6" height="10"/></svg>`;
}

/** Marks on a scale from 0 to 1, up to a limit. */
export function scale(
  limit: number,
  marks: readonly (readonly [name: string, at: number])[],
): Markup {
  const lines = marks.map(
    ([name, at]) =>
      markup`<rect class="mark" x="${short(100 * at - 0.4)}" width="0.8" height="10"><title>${name} ${at}</title></rect>`,
  );
  const beyond = short(100 * limit);
  return markup`<svg class="scale" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="rail" width="100" height="10"/><rect class="beyond" x="${beyond}" width="${short(100 - beyond)}" height="10"/>${lines}</svg>`;
}

/** How strongly a cell is tinted, from 0 to 1. */
export function tinted(share: number, text: string, about: string): Markup {
  const tint = Math.round(60 * Math.sqrt(Math.min(1, share)));
  return markup`<span class="tint" style="--tint:${tint}%" title="${about}">${text}</span>`;
}

/** Two decimals are finer than a pixel. */
const short = (value: number): number => Math.round(value * 100) / 100;
