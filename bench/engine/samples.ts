// Numbers made of times: medians, and the time of a long prompt from samples along it.

/** The same figure of both contenders. */
export interface Both {
  ours: number;
  theirs: number;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

export function mapBoth(both: Both, change: (value: number) => number): Both {
  return { ours: change(both.ours), theirs: change(both.theirs) };
}

/** What one token costs at a position. */
export interface CostSample {
  position: number;
  msPerToken: number;
}

/** Time of the tokens from .. to, their cost being a straight line between samples and beyond. */
export function timeOfTokens(samples: readonly CostSample[], from: number, to: number): number {
  const sorted = samples.toSorted((a, b) => a.position - b.position);
  if (sorted.length < 2) throw new Error('a line needs two samples');
  let total = 0;
  for (let i = 1; i < sorted.length; i++) {
    const [a, b] = [sorted[i - 1]!, sorted[i]!];
    const start = i === 1 ? from : Math.max(from, a.position);
    const end = i === sorted.length - 1 ? to : Math.min(to, b.position);
    if (end <= start) continue;
    const slope = (b.msPerToken - a.msPerToken) / (b.position - a.position);
    const middle = a.msPerToken + slope * ((start + end) / 2 - a.position);
    total += middle * (end - start);
  }
  return total;
}
