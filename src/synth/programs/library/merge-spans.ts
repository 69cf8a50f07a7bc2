// Spans of time joined across small gaps.

import { many, source, type ProgramTemplate } from '../program.js';
import { span } from './draws.js';

export const mergeSpans: ProgramTemplate = {
  id: 'merge-spans',
  make(random, { place }) {
    const gap = random.int(1, 3);
    return {
      files: {
        'spans.js': source(`
/** Spans are [from, to): \`to\` is not part of them. Empty ones are no spans. */
export function isSpan(span) {
  return span.from < span.to;
}

/** By their start; of equal starts the shorter one first. */
export function inOrder(spans) {
  return [...spans].sort((a, b) => a.from - b.from || a.to - b.to);
}
`),
        'merge.js': source(`
import { inOrder, isSpan } from './spans.js';

/** Spans that touch or are at most ${gap} apart count as one. */
const LARGEST_GAP = ${gap};

export function merged(spans) {
  const out = [];
  for (const span of inOrder(spans.filter(isSpan))) {
    const last = out[out.length - 1];
    if (last !== undefined && span.from - last.to <= LARGEST_GAP) {
      last.to = Math.max(last.to, span.to);
    } else {
      out.push({ from: span.from, to: span.to });
    }
  }
  return out;
}
`),
        'index.js': source(`
import { merged } from './merge.js';

/**
 * Times at which a ${place} is in use, joined, how long that is together, and the longest one (the
 * earliest of equally long ones; null if there is none).
 */
export default function usage(spans) {
  const joined = merged(spans);
  let total = 0;
  let longest = null;
  for (const span of joined) {
    const length = span.to - span.from;
    total += length;
    if (longest === null || length > longest.to - longest.from) longest = span;
  }
  return { spans: joined, total, longest };
}
`),
      },
      args: (draw) => [many(draw, 0, 6, () => span(draw))],
    };
  },
};
