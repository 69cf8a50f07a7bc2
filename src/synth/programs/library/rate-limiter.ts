// A token bucket for each caller.

import { many, source, type ProgramTemplate } from '../program.js';

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
