// Retries with pauses that double, a limit of attempts and a budget of waiting.

import { many, source, type ProgramTemplate } from '../program.js';

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
