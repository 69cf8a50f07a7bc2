// Dates and times of rows, counted from the frozen clock. Text in, text out; UTC throughout.

const DAY_MS = 86_400_000;

/** Dates that were asked for, by day since 1970: rows of all environments have the same few thousand. */
const spelled = new Map<number, string>();

/** The date so many days after the clock's, YYYY-MM-DD. */
export function dateAt(clock: string, days: number): string {
  const [year, month, day] = [clock.slice(0, 4), clock.slice(5, 7), clock.slice(8, 10)];
  const at = Date.UTC(Number(year), Number(month) - 1, Number(day)) / DAY_MS + days;
  let date = spelled.get(at);
  if (date === undefined) {
    date = new Date(at * DAY_MS).toISOString().slice(0, 10);
    spelled.set(at, date);
  }
  return date;
}

/** The time of day on that date, YYYY-MM-DDTHH:MM. */
export function timeAt(clock: string, days: number, hour: number, minute = 0): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${dateAt(clock, days)}T${two(hour)}:${two(minute)}`;
}
