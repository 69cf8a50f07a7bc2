// Sizes and levels of trees given by who is above whom.

import { source, type ProgramTemplate } from '../program.js';

export const orgChart: ProgramTemplate = {
  id: 'tree',
  make(random, { person }) {
    const widest = random.int(2, 3);
    return {
      files: {
        'children.js': source(`
/** Entries directly below one, in the order given; below null are those without anyone above them. */
export function below(entries, id) {
  return entries.filter((entry) => (entry.above ?? null) === id);
}

/** Whether an entry has itself somewhere above it. */
export function isCircular(entries, entry) {
  let at = entry.above ?? null;
  for (let steps = 0; at !== null && steps <= entries.length; steps++) {
    if (at === entry.id) return true;
    const next = entries.find((one) => one.id === at);
    at = next === undefined ? null : (next.above ?? null);
  }
  return false;
}
`),
        'measure.js': source(`
import { below } from './children.js';

/** Size (with itself) and number of levels of the part of the tree that begins at an entry. */
export function measure(entries, entry) {
  let size = 1;
  let levels = 0;
  for (const child of below(entries, entry.id)) {
    const inner = measure(entries, child);
    size += inner.size;
    levels = Math.max(levels, inner.levels);
  }
  return { size, levels: levels + 1 };
}
`),
        'index.js': source(`
import { below, isCircular } from './children.js';
import { measure } from './measure.js';

/** Nobody should have more than this many directly below. */
const WIDEST = ${widest};

/**
 * What is to be said of each ${person} at the head of a chart, in the order given: size, levels, and who of
 * theirs has too many directly below. Entries in a circle are listed apart.
 * @param entries list of { id, above }
 */
export default function review(entries) {
  const circular = entries.filter((entry) => isCircular(entries, entry)).map((entry) => entry.id);
  const wide = (entry) => {
    const own = below(entries, entry.id);
    const inner = own.flatMap(wide);
    return own.length > WIDEST ? [entry.id, ...inner] : inner;
  };
  const heads = below(entries, null).map((entry) => ({
    id: entry.id,
    ...measure(entries, entry),
    wide: wide(entry),
  }));
  return { heads, circular };
}
`),
      },
      args: (draw) => {
        const count = draw.int(1, 9);
        return [
          Array.from({ length: count }, (_, i) => ({
            id: i + 1,
            ...(i > 0 &&
              draw.chance(85) && { above: draw.chance(6) ? count : draw.int(1, Math.min(i, 3)) }),
          })),
        ];
      },
    };
  },
};
