// Conversations by when they were last used, in groups that get coarser: today, yesterday, the week,
// the month, then one per month. Days are those of the reader's clock.

export type DayGroup =
  | { kind: 'today' | 'yesterday' | 'week' | 'month' }
  /** `month`: 0-11. */
  | { kind: 'older'; year: number; month: number };

export function dayGroupOf(time: Date, now: Date): DayGroup {
  const days = Math.round((midnight(now) - midnight(time)) / 86_400_000);
  if (days <= 0) return { kind: 'today' };
  if (days === 1) return { kind: 'yesterday' };
  if (days < 7) return { kind: 'week' };
  if (days < 30) return { kind: 'month' };
  return { kind: 'older', year: time.getFullYear(), month: time.getMonth() };
}

export function groupKey(group: DayGroup): string {
  return group.kind === 'older' ? `${group.year}-${group.month}` : group.kind;
}

/** Days of a change of clocks have 23 or 25 hours: hence the rounding above. */
function midnight(time: Date): number {
  return new Date(time.getFullYear(), time.getMonth(), time.getDate()).getTime();
}
