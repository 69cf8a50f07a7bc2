// Work that is done a slice at a time, so that one long prompt does not hold up the replies of all
// others: between slices everything else has its turn. Work of a single slice is done at once.

import { setImmediate } from 'node:timers/promises';

/**
 * Runs the steps to their end. Rejects with the signal's reason when it is aborted between two; the
 * rest is then not done.
 */
export async function inSlices<T>(steps: Generator<void, T>, signal?: AbortSignal): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    await setImmediate();
    signal?.throwIfAborted();
  }
}
