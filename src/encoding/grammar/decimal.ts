// Exact decimal numbers for the bounds of a schema: floating point would move them.

export interface Decimal {
  /** The number is `units / 10^scale`. */
  units: bigint;
  scale: number;
}

export interface Bound {
  at: Decimal;
  /** The bound itself is not allowed. */
  isExclusive: boolean;
}

const MAX_EXPONENT = 400;

/** Reads a JSON number; undefined for Infinity, NaN and exponents beyond every double. */
export function readDecimal(text: string): Decimal | undefined {
  const parts = /^(-?\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text);
  if (!parts) return undefined;
  const fraction = (parts[2] ?? '').replace(/0+$/, '');
  const exponent = Number(parts[3] ?? 0);
  if (Math.abs(exponent) > MAX_EXPONENT) return undefined;
  const units = BigInt(parts[1]! + fraction);
  const scale = fraction.length - exponent;
  return scale >= 0 ? reduce({ units, scale }) : { units: units * tenTo(-scale), scale: 0 };
}

/** No trailing zeros behind the point: `scale` is the number of decimals needed. */
function reduce({ units, scale }: Decimal): Decimal {
  let [left, decimals] = [units, scale];
  while (decimals > 0 && left % 10n === 0n) {
    left /= 10n;
    decimals--;
  }
  return { units: left, scale: decimals };
}

export function tenTo(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}

/** The smallest allowed multiple of `10^-scale`, in units of it, under a lower bound. */
export function lowestUnits({ at, isExclusive }: Bound, scale: number): bigint {
  return -highestUnits({ at: { units: -at.units, scale: at.scale }, isExclusive }, scale);
}

/** The largest allowed multiple of `10^-scale`, in units of it, under an upper bound. */
export function highestUnits({ at, isExclusive }: Bound, scale: number): bigint {
  if (scale >= at.scale) return at.units * tenTo(scale - at.scale) - (isExclusive ? 1n : 0n);
  const divisor = tenTo(at.scale - scale);
  const isExact = at.units % divisor === 0n;
  const quotient = at.units / divisor; // towards zero
  const floor = isExact || at.units > 0n ? quotient : quotient - 1n;
  return isExact && isExclusive ? floor - 1n : floor;
}

export function negate({ at, isExclusive }: Bound): Bound {
  return { at: { units: -at.units, scale: at.scale }, isExclusive };
}
