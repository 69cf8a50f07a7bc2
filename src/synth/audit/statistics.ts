// The two tests of the audit: an interval for a share, so that a small corpus is not blamed for what a
// small number does by itself, and the chance of a deviation from expected counts.

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Where a true share may lie, given `hits` of `size`, with 95 % confidence (Wilson). */
export function shareInterval(hits: number, size: number): Interval {
  if (size === 0) return { low: 0, high: 1 };
  const z = 1.96;
  const share = hits / size;
  const base = 1 + (z * z) / size;
  const middle = (share + (z * z) / (2 * size)) / base;
  const half = (z / base) * Math.sqrt((share * (1 - share)) / size + (z * z) / (4 * size * size));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}

/**
 * Chance of counts at least this far from the expected ones (Pearson's chi-square). Bins of which less than
 * five are expected are put together with their neighbours; with fewer than two bins the answer is 1.
 */
export function chiSquareChance(observed: readonly number[], expected: readonly number[]): number {
  const bins: { observed: number; expected: number }[] = [];
  let open = { observed: 0, expected: 0 };
  for (const [i, count] of observed.entries()) {
    open.observed += count;
    open.expected += expected[i] ?? 0;
    if (open.expected < 5) continue;
    bins.push(open);
    open = { observed: 0, expected: 0 };
  }
  const last = bins.at(-1);
  if (!last || bins.length < 2) return 1;
  last.observed += open.observed;
  last.expected += open.expected;
  const distance = bins.reduce(
    (sum, bin) => sum + (bin.observed - bin.expected) ** 2 / bin.expected,
    0,
  );
  return upperGamma((bins.length - 1) / 2, distance / 2);
}

/** Regularised upper incomplete gamma function Q(a, x): a series below a + 1, a continued fraction above. */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < 1000 && term > sum * 1e-15; n++) sum += term *= x / (a + n);
    return Math.max(0, 1 - sum * scale);
  }
  // Lentz's method.
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let fraction = d;
  for (let n = 1; n < 1000; n++) {
    const factor = -n * (n - a);
    b += 2;
    d = 1 / (factor * d + b || tiny);
    c = b + factor / c || tiny;
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return Math.min(1, scale * fraction);
}

/** Logarithm of the gamma function for whole and half arguments above 0: exact recursion. */
function logGamma(a: number): number {
  let sum = 0;
  let at = a;
  for (; at > 1; at--) sum += Math.log(at - 1);
  return at === 1 ? sum : sum + Math.log(Math.PI) / 2;
}
