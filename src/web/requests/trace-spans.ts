// The times of one request as spans: one after another and without gaps, so that they add up to the
// whole and nothing hides between them. Knows moments only.

import type { LoggedRequest } from '../../observe/logged-request.js';
import type { RequestMoment } from '../../observe/types.js';
import type { SpanName, TraceSpan } from '../requests-wire.js';

/** The step that a moment ends. */
const STEPS: readonly (readonly [RequestMoment, SpanName])[] = [
  ['received', 'receive'],
  ['parsed', 'validate'],
  ['rendered', 'render'],
  // Between these two somebody else has the place.
  ['admitted', 'queue'],
  // The wait for a turn in the engine is in it: an engine speaks when the first part is computed.
  ['first-token', 'prefill'],
  ['finished', 'decode'],
  ['recorded', 'ledger'],
];

/** Of a running request up to now. */
export function traceSpans({ observation }: LoggedRequest): TraceSpan[] {
  const { moments, ageMs } = observation;
  const spans: TraceSpan[] = [];
  let start = 0;
  const add = (name: SpanName, end: number) => {
    spans.push({ name, start_ms: start, duration_ms: Math.max(0, end - start) });
    start = Math.max(start, end);
  };
  let numPassed = 0;
  for (const [index, [moment, name]] of STEPS.entries()) {
    const end = moments[moment];
    if (end === undefined) continue;
    // A reply without a token was never decoded: its whole time was prefill.
    const isSilent = name === 'decode' && moments['first-token'] === undefined;
    add(isSilent ? 'prefill' : name, end);
    numPassed = index + 1;
  }
  add(STEPS[numPassed]?.[1] ?? 'deliver', ageMs);
  return spans;
}
