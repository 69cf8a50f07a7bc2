// All programs that can be planted in an environment. A new one is an object and a line here.

import { Random } from '../random.js';
import { buckets } from './library/buckets.js';
import { cache } from './library/cache.js';
import { changeCoins } from './library/change.js';
import { codes } from './library/codes.js';
import { conflicts } from './library/conflicts.js';
import { csv } from './library/csv.js';
import { lineDiff } from './library/diff.js';
import { discounts } from './library/discounts.js';
import { dueDate } from './library/due-date.js';
import { durations } from './library/durations.js';
import { formula } from './library/formula.js';
import { freeSlots } from './library/free-slots.js';
import { glob } from './library/glob.js';
import { groups } from './library/groups.js';
import { history } from './library/history.js';
import { invoice } from './library/invoice.js';
import { ledgerBalances } from './library/ledger.js';
import { placeholders } from './library/letters.js';
import { loyalty } from './library/loyalty.js';
import { mergeRecords } from './library/merge-records.js';
import { mergeSpans } from './library/merge-spans.js';
import { meter } from './library/meter.js';
import { openingHours } from './library/opening-hours.js';
import { buildOrder } from './library/order.js';
import { packing } from './library/packing.js';
import { paging } from './library/paging.js';
import { partsList } from './library/parts.js';
import { peakLoad } from './library/peak-load.js';
import { percentiles } from './library/percentiles.js';
import { queryText } from './library/query-text.js';
import { queue } from './library/queue.js';
import { quota } from './library/quota.js';
import { ranking } from './library/ranking.js';
import { rateLimiter } from './library/rate-limiter.js';
import { recurrence } from './library/recurrence.js';
import { backOff } from './library/retry.js';
import { route } from './library/route.js';
import { seating } from './library/seating.js';
import { settings } from './library/settings.js';
import { shipping } from './library/shipping.js';
import { splitBill } from './library/split-bill.js';
import { stockCost } from './library/stock-cost.js';
import { streaks } from './library/streaks.js';
import { summary } from './library/summary.js';
import { tieredPrice } from './library/tiered-price.js';
import { orgChart } from './library/tree.js';
import { movingMean } from './library/trend.js';
import { turns } from './library/turns.js';
import { versions } from './library/versions.js';
import { waitlist } from './library/waitlist.js';
import { wordWrap } from './library/word-wrap.js';
import { workdays } from './library/workdays.js';
import { workflow } from './library/workflow.js';
import type { Draft, ProgramTemplate, Words } from './program.js';

/** In a fixed order. */
export const LIBRARY: readonly ProgramTemplate[] = [
  tieredPrice,
  discounts,
  splitBill,
  invoice,
  changeCoins,
  ledgerBalances,
  quota,
  rateLimiter,
  backOff,
  loyalty,
  dueDate,
  workdays,
  openingHours,
  durations,
  recurrence,
  mergeSpans,
  freeSlots,
  peakLoad,
  conflicts,
  csv,
  glob,
  wordWrap,
  placeholders,
  codes,
  versions,
  queryText,
  settings,
  formula,
  paging,
  ranking,
  summary,
  mergeRecords,
  lineDiff,
  buildOrder,
  route,
  groups,
  partsList,
  orgChart,
  cache,
  queue,
  history,
  stockCost,
  workflow,
  percentiles,
  streaks,
  buckets,
  meter,
  movingMean,
  seating,
  packing,
  turns,
  shipping,
  waitlist,
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
