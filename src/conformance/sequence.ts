// The grammar of streams: a list of steps, each a matcher and how often it comes, over a list of
// items. Matches like a regular expression over items (all ways are followed at once, so no input
// makes it slow), and reports the furthest item that no step could take.

import type { Json } from './json-value.js';
import { show } from './json-value.js';
import { match, type Mismatch } from './matcher.js';

export interface SequenceStep {
  is: Json;
  /** Default `1`. */
  count?: '1' | '?' | '*' | '+';
}

export function matchSequence(steps: readonly SequenceStep[], items: readonly Json[]): Mismatch[] {
  let open = withSkipped(steps, [0]);
  for (const [index, item] of items.entries()) {
    const next = new Set<number>();
    for (const at of open) {
      const step = steps[at];
      if (!step || match(step.is, item).length > 0) continue;
      if (repeats(step)) next.add(at).add(at + 1);
      else next.add(at + 1);
    }
    if (next.size === 0) return [unexpected(steps, open, { index, item })];
    // A repeatable step that was just taken is optional from now on.
    open = withSkipped(steps, next);
  }
  if (open.has(steps.length)) return [];
  const missing = steps[Math.max(...open)];
  return [
    {
      path: `[${items.length}]`,
      problem: `the stream ends where ${show(missing?.is)} should come`,
    },
  ];
}

function repeats({ count }: SequenceStep): boolean {
  return count === '*' || count === '+';
}

/** The positions reachable without an item: optional steps may be left out. */
function withSkipped(steps: readonly SequenceStep[], from: Iterable<number>): Set<number> {
  const open = new Set<number>();
  for (let at of from) {
    open.add(at);
    while (steps[at]?.count === '?' || steps[at]?.count === '*') open.add(++at);
  }
  return open;
}

function unexpected(
  steps: readonly SequenceStep[],
  open: ReadonlySet<number>,
  { index, item }: { index: number; item: Json },
): Mismatch {
  const wanted = [...open].map((at) => steps[at]).filter((step) => step !== undefined);
  const closest = wanted
    .map((step) => match(step.is, item))
    .toSorted((left, right) => left.length - right.length)[0]?.[0];
  const why = closest ? `${closest.path || 'it'}: ${closest.problem}` : 'the end is expected here';
  return { path: `[${index}]`, problem: `${show(item)} does not fit: ${why}` };
}
