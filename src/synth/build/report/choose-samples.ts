// Which tasks a report shows: every family there is, both languages, and different environments where
// there are enough; the same ones for the same corpus. Reads only as many tasks as it takes to find them.

import type { CorpusStore } from '../../corpus.js';
import type { PublicTask } from '../../task-types.js';

/** Tasks that are looked at, at most. */
const MAX_READ = 2000;
/** Of one family and language that are kept to choose from. */
const KEPT = 8;

/** @throws CorpusError for a damaged file */
export function chooseSamples(store: CorpusStore, wanted: number): PublicTask[] {
  const kinds = new Map<string, PublicTask[]>();
  for (const key of scattered([...store.taskKeys()]).slice(0, MAX_READ)) {
    const task = store.task(key)!;
    const kind = `${task.family} ${task.language}`;
    const found = kinds.get(kind) ?? [];
    kinds.set(kind, found);
    if (found.length < KEPT) found.push(task);
  }
  const families = [...new Set([...kinds.keys()].map((kind) => kind.split(' ')[0]!))].toSorted();
  const languages = [...new Set([...kinds.keys()].map((kind) => kind.split(' ')[1]!))].toSorted();
  const chosen: PublicTask[] = [];
  const seen = new Set<string>();
  // Round by round, one of each family, in the languages by turns.
  for (let round = 0; chosen.length < wanted && round < KEPT * languages.length; round++) {
    for (const [i, family] of families.entries()) {
      const language = languages[(i + round) % languages.length]!;
      const left = kinds.get(`${family} ${language}`) ?? [];
      const fresh = left.findIndex(({ envId }) => !seen.has(envId));
      const [task] = left.splice(Math.max(0, fresh), 1);
      if (!task || chosen.length === wanted) continue;
      seen.add(task.envId);
      chosen.push(task);
    }
  }
  return chosen.toSorted((a, b) => families.indexOf(a.family) - families.indexOf(b.family));
}

/** All of them, in an order that soon has been everywhere: steps of about 0.618 of the whole. */
function scattered(keys: readonly string[]): string[] {
  const { length } = keys;
  let step = Math.max(1, Math.floor((618 * length) / 1000));
  while (commonDivisor(step, length) > 1) step++;
  return keys.map((_, i) => keys[(i * step) % length]!);
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b);
}
