// Which traces are kept (OpenTelemetry trace SDK, "Sampling"). The decision follows from the trace
// id alone, so every service that samples the same share keeps the same traces.

export interface Sampler {
  /** Share of traces to keep, 0..1. */
  ratio: number;
  /** Follow the client's decision where its `traceparent` carries one. */
  isParentBased: boolean;
}

export const ALWAYS: Sampler = { ratio: 1, isParentBased: true };

/** @param parentSampled undefined = no valid `traceparent`. */
export function isSampled(
  { ratio, isParentBased }: Sampler,
  traceId: string,
  parentSampled: boolean | undefined,
): boolean {
  if (isParentBased && parentSampled !== undefined) return parentSampled;
  if (ratio >= 1) return true;
  if (ratio <= 0) return false;
  // The rightmost 56 bits are the random ones (Trace Context level 2); as a fraction of their range.
  return Number.parseInt(traceId.slice(-14), 16) / 2 ** 56 >= 1 - ratio;
}
