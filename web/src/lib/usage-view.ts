// Usage as the console shows it: cells of a day, a model and a key, summed and laid out by day. Money
// is added as decimal text, exactly.

import type { UsageCellInfo } from '../../../src/web/account/account-wire.js';
import { addDecimals } from '../../../src/web/usage-sum.js';

export interface UsageSums {
  requests: number;
  hit: number;
  miss: number;
  output: number;
  /** Of the output. */
  reasoning: number;
  /** Exact decimal text by currency. */
  cost: Record<string, string>;
}

const DAY_MS = 86_400_000;
const MAX_DAYS = 3660;

export function sumCells(cells: readonly UsageCellInfo[]): UsageSums {
  const sums: UsageSums = { requests: 0, hit: 0, miss: 0, output: 0, reasoning: 0, cost: {} };
  for (const cell of cells) {
    sums.requests += cell.requests;
    sums.hit += cell.prompt_cache_hit_tokens;
    sums.miss += cell.prompt_tokens - cell.prompt_cache_hit_tokens;
    sums.output += cell.completion_tokens;
    sums.reasoning += cell.reasoning_tokens;
    for (const [currency, cost] of Object.entries(cell.cost)) {
      sums.cost[currency] = addDecimals(sums.cost[currency] ?? '0', cost);
    }
  }
  return sums;
}

/** Share of the input that the cache answered; undefined without input. */
export function hitShare({ hit, miss }: UsageSums): number | undefined {
  return hit + miss === 0 ? undefined : hit / (hit + miss);
}

/** Groups by a name, the one with the most tokens first. */
export function groupCells(
  cells: readonly UsageCellInfo[],
  nameOf: (cell: UsageCellInfo) => string,
): { name: string; sums: UsageSums }[] {
  const groups = grouped(cells, nameOf);
  const total = ({ hit, miss, output }: UsageSums) => hit + miss + output;
  return [...groups]
    .map(([name, own]) => ({ name, sums: sumCells(own) }))
    .toSorted((a, b) => total(b.sums) - total(a.sums) || (a.name < b.name ? -1 : 1));
}

/** UTC days from the first to the last, both included; at most ten years of them. */
export function daysBetween(from: string, to: string): string[] {
  const days: string[] = [];
  const last = Date.parse(to);
  for (let at = Date.parse(from); at <= last && days.length < MAX_DAYS; at += DAY_MS) {
    days.push(dayOf(at));
  }
  return days;
}

/** The UTC day of a time, `2026-11-23`. */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** The first day of as many that end today. */
export function daysBack(count: number, now: number): string {
  return dayOf(now - (count - 1) * DAY_MS);
}

/** One sum per day, in the order of the days. */
export function sumsByDay(cells: readonly UsageCellInfo[], days: readonly string[]): UsageSums[] {
  const byDay = grouped(cells, ({ day }) => day);
  return days.map((day) => sumCells(byDay.get(day) ?? []));
}

export interface DaySeries {
  /** undefined: those beyond the largest, together. */
  name: string | undefined;
  values: number[];
}

/** A series per name over the days; the largest by themselves, the rest as one. */
export function seriesByDay(
  cells: readonly UsageCellInfo[],
  days: readonly string[],
  options: {
    nameOf: (cell: UsageCellInfo) => string;
    measure: (sums: UsageSums) => number;
    maxSeries: number;
  },
): DaySeries[] {
  const { nameOf, measure, maxSeries } = options;
  const names = groupCells(cells, nameOf)
    .toSorted((a, b) => measure(b.sums) - measure(a.sums))
    .map(({ name }) => name);
  const valuesOf = (own: readonly UsageCellInfo[]) => sumsByDay(own, days).map(measure);
  const alone = names.length <= maxSeries ? names : names.slice(0, maxSeries - 1);
  const series: DaySeries[] = alone.map((name) => ({
    name,
    values: valuesOf(cells.filter((cell) => nameOf(cell) === name)),
  }));
  if (alone.length < names.length) {
    const known = new Set(alone);
    const rest = cells.filter((cell) => !known.has(nameOf(cell)));
    series.push({ name: undefined, values: valuesOf(rest) });
  }
  return series;
}

function grouped(
  cells: readonly UsageCellInfo[],
  nameOf: (cell: UsageCellInfo) => string,
): Map<string, UsageCellInfo[]> {
  const groups = new Map<string, UsageCellInfo[]>();
  for (const cell of cells) {
    const name = nameOf(cell);
    const group = groups.get(name);
    if (group) group.push(cell);
    else groups.set(name, [cell]);
  }
  return groups;
}
