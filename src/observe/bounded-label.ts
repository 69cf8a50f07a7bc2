// Label values of metrics. Every distinct value is a time series that Prometheus keeps for ever, so
// each label has a vocabulary with an end: a fixed list where values may stem from clients, a
// first-come limit where the server chooses them. Whatever does not fit is `other`.

export interface BoundedLabel {
  /** The value to use; `none` for undefined. */
  of(value: string | undefined): string;
}

const OTHER = 'other';
const NONE = 'none';
const PLAIN = /^[\w ./{}:-]{1,100}$/;

/** Only these values, for labels whose value a client can influence. */
export function knownLabel(values: Iterable<string>): BoundedLabel {
  const known = new Set(values);
  return {
    of(value) {
      if (value === undefined) return NONE;
      return known.has(value) ? value : OTHER;
    },
  };
}

/** The first `maxValues` values seen, for names the server itself chooses (routes, reasons). */
export function firstComeLabel(maxValues: number): BoundedLabel {
  const seen = new Set<string>();
  return {
    of(value) {
      if (value === undefined) return NONE;
      if (seen.has(value)) return value;
      if (seen.size >= maxValues || !PLAIN.test(value)) return OTHER;
      seen.add(value);
      return value;
    },
  };
}
