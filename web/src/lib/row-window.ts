// Which rows of a long list are in sight, when their heights are known: the few that are drawn.

export interface RowWindow {
  /** Index of the first row that is drawn, and of the first that is not any more. */
  first: number;
  end: number;
}

/** `tops[i]` is where row i begins; the last entry is where the last row ends. */
export function topsOf(heights: readonly number[]): number[] {
  const tops = [0];
  for (const height of heights) tops.push(tops.at(-1)! + height);
  return tops;
}

/** `margin`: drawn beyond the edges, so that a quick scroll shows no gap. */
export function rowWindow(
  tops: readonly number[],
  { top, height, margin }: { top: number; height: number; margin: number },
): RowWindow {
  const count = tops.length - 1;
  const first = Math.max(0, rowAt(tops, top - margin));
  const end = Math.min(count, rowAt(tops, top + height + margin) + 1);
  return { first: Math.min(first, count), end };
}

/** The row that covers the place; -1 above all, the last one below all. */
function rowAt(tops: readonly number[], place: number): number {
  let low = 0;
  let high = tops.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (tops[middle + 1]! > place) high = middle;
    else low = middle + 1;
  }
  return place < 0 ? -1 : Math.min(low, tops.length - 2);
}
