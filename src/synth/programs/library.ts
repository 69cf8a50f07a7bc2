// All programs that can be planted in an environment. A new one is an object and a line here.

import { Random } from '../random.js';
import { backOff, ledgerBalances, loyalty, quota, rateLimiter } from './library/accounts.js';
import { packing, seating, shipping, turns, waitlist } from './library/allotments.js';
import { dueDate, durations, openingHours, recurrence, workdays } from './library/calendar.js';
import { buckets, meter, movingMean, percentiles, streaks } from './library/figures.js';
import { lineDiff, mergeRecords, paging, ranking, summary } from './library/lists.js';
import { buildOrder, groups, orgChart, partsList, route } from './library/networks.js';
import { changeCoins, discounts, invoice, splitBill, tieredPrice } from './library/prices.js';
import { formula, queryText, settings, versions } from './library/readers.js';
import { conflicts, freeSlots, mergeSpans, peakLoad } from './library/spans.js';
import { cache, history, queue, stockCost, workflow } from './library/stores.js';
import { codes, csv, glob, placeholders, wordWrap } from './library/texts.js';
import type { Draft, ProgramTemplate, Words } from './program.js';

/** In a fixed order. */
export const LIBRARY: readonly ProgramTemplate[] = [
  ...[tieredPrice, discounts, splitBill, invoice, changeCoins],
  ...[ledgerBalances, quota, rateLimiter, backOff, loyalty],
  ...[dueDate, workdays, openingHours, durations, recurrence],
  ...[mergeSpans, freeSlots, peakLoad, conflicts],
  ...[csv, glob, wordWrap, placeholders, codes],
  ...[versions, queryText, settings, formula],
  ...[paging, ranking, summary, mergeRecords, lineDiff],
  ...[buildOrder, route, groups, partsList, orgChart],
  ...[cache, queue, history, stockCost, workflow],
  ...[percentiles, streaks, buckets, meter, movingMean],
  ...[seating, packing, turns, shipping, waitlist],
];

/** Which program, with which figures. */
export interface ProgramId {
  readonly id: string;
  readonly seed: number;
}

/** @throws RangeError for a program that is not there */
export function makeProgram({ id, seed }: ProgramId, words: Words): Draft {
  const template = LIBRARY.find((one) => one.id === id);
  if (!template) throw new RangeError(`the library has no program ${id}`);
  return template.make(new Random('program', id, seed), words);
}
