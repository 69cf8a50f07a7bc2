// Counts of names or whole numbers, and what is said of them: shares, entropy, quantiles.

import { byCodeUnit } from '../canonical.js';

/** In a form for JSON: by name, in order of code units. */
export type Counts = Readonly<Record<string, number>>;

export class Histogram {
  readonly #counts = new Map<string, number>();

  add(name: string | number, count = 1): void {
    const key = String(name);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
  }

  counts(): Counts {
    return Object.fromEntries(
      [...this.#counts].toSorted(([a], [b]) => Number(a) - Number(b) || byCodeUnit(a, b)),
    );
  }
}

export function totalOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Of counts by whole numbers: the values below which 10, 50 and 90 % lie. */
export function quantilesOf(counts: Counts): readonly [p10: number, p50: number, p90: number] {
  const total = totalOf(counts);
  const at = (percent: number): number => {
    let left = Math.floor((percent * (total - 1)) / 100);
    for (const [value, count] of Object.entries(counts)) {
      if (left < count) return Number(value);
      left -= count;
    }
    return 0;
  };
  return [at(10), at(50), at(90)];
}

export function meanOf(counts: Counts): number {
  const sum = Object.entries(counts).reduce(
    (all, [value, count]) => all + Number(value) * count,
    0,
  );
  return sum / Math.max(1, totalOf(counts));
}

/** In bits. */
export function entropyOf(counts: Iterable<number>): number {
  const all = [...counts];
  const total = all.reduce((sum, count) => sum + count, 0);
  return all.reduce((sum, count) => sum - (count / total) * Math.log2(count / total), 0);
}
