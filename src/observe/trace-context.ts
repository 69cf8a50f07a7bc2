// W3C Trace Context, level 1 (https://www.w3.org/TR/trace-context/): reads a client's `traceparent`,
// which is hostile input, and makes ids. Knows no exporter.

import { randomFillSync } from 'node:crypto';

export interface TraceParent {
  /** 32 lower-case hex digits, not all zero. */
  traceId: string;
  /** 16 lower-case hex digits, not all zero. */
  spanId: string;
  sampled: boolean;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[\x21-\x7e]*)?$/;
const ZEROS = /^0+$/;
const TRACE_ID = /^[0-9a-f]{32}$/;
/** Longer than any version we know; a longer header is not looked at. */
const MAX_LENGTH = 512;

/**
 * undefined for a header that is not valid: the trace then starts here. Versions above 00 are read
 * by their first four fields, as §3.2.4 asks; `ff` and all-zero ids are invalid.
 */
export function parseTraceparent(header: string | undefined): TraceParent | undefined {
  if (header === undefined || header.length > MAX_LENGTH) return undefined;
  const [, version, traceId, spanId, flags, rest] = TRACEPARENT.exec(header.trim()) ?? [];
  if (version === undefined || traceId === undefined || spanId === undefined) return undefined;
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined;
  if (ZEROS.test(traceId) || ZEROS.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags!, 16) & 1) === 1 };
}

export function isTraceId(text: string): boolean {
  return TRACE_ID.test(text) && !ZEROS.test(text);
}

const pool = Buffer.alloc(4096);
let poolOffset = pool.length;

/** Random lower-case hex; a pool of random bytes makes an id cost well under a microsecond. */
function randomHex(numBytes: number): string {
  if (poolOffset + numBytes > pool.length) {
    randomFillSync(pool);
    poolOffset = 0;
  }
  const hex = pool.toString('hex', poolOffset, poolOffset + numBytes);
  poolOffset += numBytes;
  return ZEROS.test(hex) ? randomHex(numBytes) : hex;
}

export function newTraceId(): string {
  return randomHex(16);
}

export function newSpanId(): string {
  return randomHex(8);
}
