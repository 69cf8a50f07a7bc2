// What charts compute before they draw: series piled on each other, and which of many labels have room.

/** Each series on top of those before it; a gap counts as nothing. */
export function stacked(series: readonly (readonly (number | null)[])[]): number[][] {
  let below: readonly number[] | undefined;
  return series.map((values) => {
    const sums = values.map((value, index) => (value ?? 0) + (below?.[index] ?? 0));
    below = sums;
    return sums;
  });
}

/** Indexes of labels that fit: the last one always, since it is the one people look at. */
export function shownLabels(count: number, room: number, widestLabel: number): number[] {
  const fitting = Math.max(1, Math.floor(room / Math.max(1, widestLabel)));
  const step = Math.max(1, Math.ceil(count / fitting));
  const shown: number[] = [];
  for (let index = count - 1; index >= 0; index -= step) shown.unshift(index);
  return shown;
}
