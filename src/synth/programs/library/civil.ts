// Days of the calendar as numbers, for programs that count days: a file that several of them have.

import { source } from '../program.js';

export const CIVIL = source(`
/** Days since 1970-01-01 of a date of the Gregorian calendar. */
export function dayNumber(year, month, day) {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const monthFromMarch = (month + 9) % 12;
  const dayOfYear = Math.floor((153 * monthFromMarch + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

/** Day of the week of a day number: 1 is Monday, 7 is Sunday. */
export function weekday(number) {
  return ((number % 7) + 10) % 7 + 1;
}
`);
