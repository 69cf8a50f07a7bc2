// Dates and times of rows, counted from the frozen clock. Text in, text out; UTC throughout.

const DAY_MS = 86_400_000;

/** The date so many days after the clock's, YYYY-MM-DD. */
export function dateAt(clock: string, days: number): string {
  const from = Date.parse(`${clock.slice(0, 10)}T00:00:00Z`);
  return new Date(from + days * DAY_MS).toISOString().slice(0, 10);
}

/** The time of day on that date, YYYY-MM-DDTHH:MM. */
export function timeAt(clock: string, days: number, hour: number, minute = 0): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${dateAt(clock, days)}T${two(hour)}:${two(minute)}`;
}
