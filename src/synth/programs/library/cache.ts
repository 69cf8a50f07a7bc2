// A cache that forgets what was used least recently, and what is too old.

import { many, source, type ProgramTemplate } from '../program.js';

export const cache: ProgramTemplate = {
  id: 'cache',
  make(random, { thing }) {
    const capacity = random.int(2, 4);
    const life = random.int(5, 9);
    return {
      files: {
        'cache.js': source(`
/** A cache holds ${capacity} entries; the one that was not used for longest makes room. */
export const CAPACITY = ${capacity};
/** An entry is good for ${life} seconds after it was put in; reading does not make it last longer. */
export const SECONDS = ${life};

/** Entries in order of use, the latest last. */
export function newCache() {
  return { entries: [] };
}

export function put(cache, key, time) {
  const entries = cache.entries.filter((entry) => entry.key !== key);
  if (entries.length >= CAPACITY) entries.shift();
  entries.push({ key, time });
  cache.entries = entries;
}
`),
        'read.js': source(`
import { SECONDS } from './cache.js';

/** Whether an entry is there and still good; then it is the latest used one. A bad one is thrown out. */
export function get(cache, key, time) {
  const at = cache.entries.findIndex((entry) => entry.key === key);
  if (at < 0) return false;
  const [entry] = cache.entries.splice(at, 1);
  if (time - entry.time >= SECONDS) return false;
  cache.entries.push(entry);
  return true;
}
`),
        'index.js': source(`
import { newCache, put } from './cache.js';
import { get } from './read.js';

/**
 * Looks up ${thing} keys in order (times never fall): what is not in the cache is loaded and put in.
 * A call with \`drop\` takes the key out instead and counts as neither.
 * @returns hits, loads, and the keys in the cache at the end, the latest used one last
 */
export default function simulate(calls) {
  const cache = newCache();
  let hits = 0;
  let loads = 0;
  for (const { key, time, drop } of calls) {
    if (drop) {
      cache.entries = cache.entries.filter((entry) => entry.key !== key);
      continue;
    }
    if (get(cache, key, time)) {
      hits += 1;
      continue;
    }
    loads += 1;
    put(cache, key, time);
  }
  return { hits, loads, keys: cache.entries.map((entry) => entry.key) };
}
`),
      },
      args: (draw) => {
        let time = 0;
        return [
          many(draw, 1, 12, () => {
            time += draw.pick([0, 1, 1, 2, life - 1, life]);
            return {
              key: draw.pick(['a', 'b', 'c', 'd', 'e']),
              time,
              ...(draw.chance(10) && { drop: true }),
            };
          }),
        ];
      },
    };
  },
};
