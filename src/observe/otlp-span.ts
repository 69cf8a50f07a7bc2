// The OTLP/JSON shape of a span, as far as we send it (opentelemetry-proto, trace.proto in its JSON
// mapping: ids are hex, 64-bit integers are strings, field names are camelCase).

export type OtlpValue =
  | { stringValue: string }
  | { boolValue: boolean }
  | { intValue: string }
  | { doubleValue: number }
  | { arrayValue: { values: OtlpValue[] } };

export interface OtlpAttribute {
  key: string;
  value: OtlpValue;
}

export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: OtlpAttribute[];
  status: { code?: number; message?: string };
  flags: number;
}

export const SPAN_KIND_INTERNAL = 1;
export const SPAN_KIND_SERVER = 2;
export const STATUS_ERROR = 2;

export type AttributeValue = string | number | boolean | readonly string[];

/** What a client wrote may be long; a span is no place to keep it. */
const MAX_STRING = 256;

/** Leaves undefined values out. */
export function toAttributes(values: Record<string, AttributeValue | undefined>): OtlpAttribute[] {
  const attributes: OtlpAttribute[] = [];
  for (const key in values) {
    const value = values[key];
    if (value !== undefined) attributes.push({ key, value: toValue(value) });
  }
  return attributes;
}

function toValue(value: AttributeValue): OtlpValue {
  if (typeof value === 'string') return { stringValue: clipped(value, MAX_STRING) };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  return { arrayValue: { values: value.map(toValue) } };
}

/** Cut to length, and without halves of surrogate pairs, over which a collector may stumble. */
export function clipped(text: string, maxLength: number): string {
  const short = text.length > maxLength ? text.slice(0, maxLength) : text;
  return /[\ud800-\udfff]/.test(short) ? short.replace(/\p{Surrogate}/gu, '\ufffd') : short;
}

/** Milliseconds since 1970, with a fraction, to nanoseconds as a decimal string. */
export function toUnixNano(ms: number): string {
  const whole = Math.floor(ms);
  const nanos = Math.min(999_999, Math.round((ms - whole) * 1e6));
  return `${whole}${String(nanos).padStart(6, '0')}`;
}
