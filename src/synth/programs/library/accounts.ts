// Programs about balances and allowances: ledgers, quotas, limits on rates, points.

import { capital, many, near, source, type ProgramTemplate } from '../program.js';

export const ledgerBalances: ProgramTemplate = {
  id: 'ledger',
  make(random, { person }) {
    const limit = random.int(2, 6) * 50;
    const fee = random.int(2, 9);
    return {
      files: {
        'limits.js': source(`
/** An account may go down to minus this much, and not below. */
export const OVERDRAFT = ${limit};
/** What a booking costs that leaves the account below zero; it may itself go beyond the limit. */
export const FEE = ${fee};

export function isCovered(balance, amount) {
  return balance - amount >= -OVERDRAFT;
}
`),
        'book.js': source(`
import { FEE, isCovered } from './limits.js';

/** Carries out one booking; false where the paying account is not covered or both are the same. */
export function book(balances, booking) {
  const { from, to, amount } = booking;
  if (from === to || amount <= 0) return false;
  if (from !== null && !isCovered(balances[from] ?? 0, amount)) return false;
  if (from !== null) {
    balances[from] = (balances[from] ?? 0) - amount;
    if (balances[from] < 0) balances[from] -= FEE;
  }
  if (to !== null) balances[to] = (balances[to] ?? 0) + amount;
  return true;
}
`),
        'index.js': source(`
import { book } from './book.js';

/**
 * Balances after bookings in order of time; equal times stay in the order given. A booking without
 * \`from\` is paid in, one without \`to\` is paid out (both are null then, not absent).
 * @returns balances by ${person}, names in order, and the numbers (from 1) of refused bookings
 */
export default function balancesOf(bookings) {
  const balances = {};
  const refused = [];
  const numbered = bookings.map((booking, i) => ({ booking, number: i + 1 }));
  numbered.sort((a, b) => a.booking.time - b.booking.time || a.number - b.number);
  for (const { booking, number } of numbered) {
    if (!book(balances, booking)) refused.push(number);
  }
  const names = Object.keys(balances).sort();
  return {
    balances: names.map((name) => ({ ${person}: name, balance: balances[name] })),
    refused: refused.sort((a, b) => a - b),
  };
}
`),
      },
      args: (draw) => [
        many(draw, 1, 6, () => ({
          time: draw.int(1, 4),
          from: draw.pick(['ada', 'bo', 'cy', null]),
          to: draw.pick(['ada', 'bo', 'cy', null]),
          amount: near(draw, [limit, limit - fee, 20, 1]),
        })),
      ],
    };
  },
};

export const quota: ProgramTemplate = {
  id: 'quota',
  make(random, { person }) {
    const included = random.int(8, 15) * 10;
    const step = random.int(2, 5) * 5;
    const price = random.int(3, 9);
    const warn = random.int(75, 90);
    return {
      files: {
        'plan.js': source(`
/** Units included each month. */
export const INCLUDED = ${included};
/** Beyond that, units are sold in blocks of this many; a begun block is paid in full. */
export const BLOCK = ${step};
export const BLOCK_PRICE = ${price};
/** From this share of the included units on, in percent, a warning is given. */
export const WARN_PERCENT = ${warn};
`),
        'carry.js': source(`
import { INCLUDED } from './plan.js';

/** Unused units go over to the next month, but no more than half of what a month includes. */
export function carriedOver(available, used) {
  const left = Math.max(0, available - used);
  return Math.min(left, Math.floor(INCLUDED / 2));
}
`),
        'index.js': source(`
import { carriedOver } from './carry.js';
import { BLOCK, BLOCK_PRICE, INCLUDED, WARN_PERCENT } from './plan.js';

/**
 * What a ${person} pays for the months of a contract, in order.
 * @param usage units used in each month
 * @returns per month: what was available, the extra cost, and whether a warning was given (only in
 *   months that need no extra units)
 */
export default function monthsOf${capital(person)}(usage) {
  let carried = 0;
  return usage.map((used) => {
    const available = INCLUDED + carried;
    const extra = Math.max(0, used - available);
    const cost = Math.ceil(extra / BLOCK) * BLOCK_PRICE;
    const warned = extra === 0 && used * 100 >= available * WARN_PERCENT;
    carried = carriedOver(available, used);
    return { available, cost, warned };
  });
}
`),
      },
      args: (draw) => [
        many(draw, 1, 5, () =>
          near(draw, [
            included,
            Math.floor((included * warn) / 100),
            included + step,
            included >> 1,
          ]),
        ),
      ],
    };
  },
};

export const rateLimiter: ProgramTemplate = {
  id: 'rate-limiter',
  make(random, { person }) {
    const capacity = random.int(3, 6);
    const every = random.int(4, 9);
    return {
      files: {
        'bucket.js': source(`
/** A bucket holds at most ${capacity} tokens and is full at first. */
export const CAPACITY = ${capacity};
/** One token comes back after every ${every} full seconds. */
export const SECONDS_PER_TOKEN = ${every};

export function newBucket(time) {
  return { tokens: CAPACITY, filledAt: time };
}

/** Puts in what has come back since; begun seconds count on. */
export function refill(bucket, time) {
  const back = Math.floor((time - bucket.filledAt) / SECONDS_PER_TOKEN);
  if (back <= 0) return;
  bucket.tokens = Math.min(CAPACITY, bucket.tokens + back);
  bucket.filledAt += back * SECONDS_PER_TOKEN;
}
`),
        'index.js': source(`
import { newBucket, refill, SECONDS_PER_TOKEN } from './bucket.js';

/**
 * Decides about calls in the order given (times never fall). Every ${person} has a bucket of tokens,
 * made at the first call; a call takes as many as it costs, or none if there are too few.
 * @param calls list of { time, ${person}, cost }; cost 1 where it is absent
 * @returns for each call whether it may pass, and how many seconds to wait otherwise (0 if it may)
 */
export default function decide(calls) {
  const buckets = new Map();
  return calls.map((call) => {
    const cost = call.cost ?? 1;
    let bucket = buckets.get(call.${person});
    if (bucket === undefined) {
      bucket = newBucket(call.time);
      buckets.set(call.${person}, bucket);
    }
    refill(bucket, call.time);
    if (bucket.tokens >= cost) {
      bucket.tokens -= cost;
      return { allowed: true, wait: 0 };
    }
    const missing = cost - bucket.tokens;
    return { allowed: false, wait: bucket.filledAt + missing * SECONDS_PER_TOKEN - call.time };
  });
}
`),
      },
      args: (draw) => {
        let time = 0;
        return [
          many(draw, 2, 9, () => {
            time += draw.pick([0, 0, 1, every - 1, every, every + 1, 2 * every]);
            return {
              time,
              [person]: draw.pick(['a', 'b']),
              ...(draw.chance(50) && { cost: draw.int(1, capacity) }),
            };
          }),
        ];
      },
    };
  },
};

export const backOff: ProgramTemplate = {
  id: 'retry',
  make(random, { place }) {
    const first = random.int(2, 6) * 50;
    const most = first * random.int(5, 12);
    const tries = random.int(5, 7);
    const budget = most * 2 + first;
    return {
      files: {
        'delay.js': source(`
const FIRST_MS = ${first};
const MOST_MS = ${most};

/** Pause before the retry of this number (from 1): doubled every time, up to ${most} ms. */
export function pauseBefore(retry) {
  let pause = FIRST_MS;
  for (let i = 1; i < retry; i++) pause *= 2;
  return Math.min(pause, MOST_MS);
}
`),
        'errors.js': source(`
/** Whether it makes sense to try again: too many requests, or a fault of the other side but 501. */
export function isRetryable(status) {
  if (status === 429) return true;
  return status >= 500 && status !== 501;
}

export function isSuccess(status) {
  return status >= 200 && status < 300;
}
`),
        'index.js': source(`
import { pauseBefore } from './delay.js';
import { isRetryable, isSuccess } from './errors.js';

/** Attempts at most, the first one included. */
const MOST_ATTEMPTS = ${tries};
/** Pauses together never take longer than this; the attempt that would need more is not made. */
const BUDGET_MS = ${budget};

/**
 * What becomes of a request to the ${place} when the attempts are answered with these codes, in order.
 * An answer's \`after\` (ms) is waited for instead of the usual pause where it is longer.
 */
export default function outcome(answers) {
  let waited = 0;
  for (let attempt = 1; attempt <= answers.length; attempt++) {
    const { status, after } = answers[attempt - 1];
    if (isSuccess(status)) return { result: 'done', attempts: attempt, waited };
    if (!isRetryable(status)) return { result: 'failed', attempts: attempt, waited };
    const pause = Math.max(pauseBefore(attempt), after ?? 0);
    if (attempt === MOST_ATTEMPTS || waited + pause > BUDGET_MS) {
      return { result: 'gave up', attempts: attempt, waited };
    }
    waited += pause;
  }
  return { result: 'open', attempts: answers.length, waited };
}
`),
      },
      args: (draw) => {
        const answers = many(draw, 0, tries + 1, () => ({
          status: draw.weighted([
            { item: 503, weight: 7 },
            { item: 429, weight: 4 },
            { item: 500, weight: 5 },
            { item: 200, weight: 1 },
            { item: 501, weight: 1 },
            { item: 404, weight: 1 },
            { item: 300, weight: 1 },
            { item: 299, weight: 1 },
          ]),
          ...(draw.chance(15) && { after: draw.pick([first - 1, first * 3, most]) }),
        }));
        return [answers];
      },
    };
  },
};

export const loyalty: ProgramTemplate = {
  id: 'loyalty',
  make(random, { person }) {
    const silver = random.int(8, 14) * 10;
    const gold = silver + random.int(15, 25) * 10;
    const bonus = random.int(2, 4) * 5;
    const valid = random.int(3, 5);
    return {
      files: {
        'levels.js': source(`
/** Levels by points, highest first: from so many points on a ${person} has the level. */
export const LEVELS = [
  { name: 'gold', from: ${gold}, percent: ${2 * bonus} },
  { name: 'silver', from: ${silver}, percent: ${bonus} },
  { name: 'basic', from: 0, percent: 0 },
];

export function levelOf(points) {
  return LEVELS.find((level) => points >= level.from);
}
`),
        'expiry.js': source(`
/** Points earned in a month can be used in that month and the ${valid} months after it. */
const MONTHS_VALID = ${valid};

export function isValid(earnedIn, month) {
  return month - earnedIn <= MONTHS_VALID;
}

/** Takes points off, the oldest first; false and nothing taken if there are not enough. */
export function takeOldest(lots, points) {
  const all = lots.reduce((sum, lot) => sum + lot.points, 0);
  if (all < points) return false;
  let left = points;
  for (const lot of lots) {
    const taken = Math.min(lot.points, left);
    lot.points -= taken;
    left -= taken;
  }
  return true;
}
`),
        'index.js': source(`
import { isValid, takeOldest } from './expiry.js';
import { levelOf } from './levels.js';

/**
 * Points of a ${person} after events in order (months never fall): { month, earn } adds points and the
 * percentage of the level held before (rounded down), { month, spend } takes them, oldest first.
 * @returns points, level, and how often too few points were there to spend
 */
export default function statusOf${capital(person)}(events) {
  let lots = [];
  let refused = 0;
  const sum = () => lots.reduce((all, lot) => all + lot.points, 0);
  for (const event of events) {
    lots = lots.filter((lot) => lot.points > 0 && isValid(lot.month, event.month));
    if (event.spend !== undefined) {
      if (!takeOldest(lots, event.spend)) refused += 1;
      continue;
    }
    const { percent } = levelOf(sum());
    const points = event.earn + Math.floor((event.earn * percent) / 100);
    lots.push({ month: event.month, points });
  }
  return { points: sum(), level: levelOf(sum()).name, refused };
}
`),
      },
      args: (draw) => {
        let month = 1;
        return [
          many(draw, 1, 7, () => {
            month += draw.pick([0, 0, 1, valid, valid + 1]);
            return draw.chance(65)
              ? { month, earn: near(draw, [silver, gold, 60]) }
              : { month, spend: near(draw, [silver, 30]) };
          }),
        ];
      },
    };
  },
};
