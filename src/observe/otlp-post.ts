// One attempt to hand a batch to the collector, and what its answer means (OTLP specification,
// "OTLP/HTTP Response"). Redirects are not followed: headers may carry credentials.

import { request, type Dispatcher } from 'undici';

/** OTLP specification, "Failures": only these are worth another attempt. */
const RETRYABLE = new Set([429, 502, 503, 504]);
const MAX_WAIT_MS = 30_000;
/** Of a response; partial-success messages are short. */
const MAX_ANSWER_BYTES = 65_536;

export type Outcome =
  | { type: 'sent'; rejectedSpans: number }
  | { type: 'retry'; why: string; afterMs: number | undefined }
  | { type: 'refused'; why: string };

export interface PostOptions {
  headers: Readonly<Record<string, string>>;
  dispatcher: Dispatcher;
  signal: AbortSignal;
}

/** Contract: never rejects. */
export async function postSpans(
  url: URL,
  body: string,
  { headers, dispatcher, signal }: PostOptions,
): Promise<Outcome> {
  try {
    const response = await request(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body,
      dispatcher,
      signal,
    });
    const { statusCode } = response;
    if (statusCode >= 200 && statusCode < 300) {
      return { type: 'sent', rejectedSpans: rejectedSpans(await readLimited(response.body)) };
    }
    await response.body.dump({ limit: MAX_ANSWER_BYTES });
    const why = `the collector answered ${statusCode}`;
    if (!RETRYABLE.has(statusCode)) return { type: 'refused', why };
    return { type: 'retry', why, afterMs: retryAfterMs(response.headers['retry-after']) };
  } catch (error) {
    // Refused connections, timeouts, half answers: the collector may be back later.
    return { type: 'retry', why: messageOf(error), afterMs: undefined };
  }
}

async function readLimited(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let numBytes = 0;
  for await (const chunk of body) {
    numBytes += chunk.length;
    if (numBytes > MAX_ANSWER_BYTES) break; // leaving the loop closes the connection
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** `partialSuccess.rejectedSpans`, a 64-bit integer and so a string; 0 for any other answer. */
function rejectedSpans(answer: string): number {
  const [, count] = /"rejectedSpans"\s*:\s*"?(\d{1,15})/.exec(answer) ?? [];
  return count === undefined ? 0 : Number(count);
}

/** Seconds or an HTTP date (RFC 9110 §10.2.3), at most half a minute. */
function retryAfterMs(header: string | string[] | undefined): number | undefined {
  if (typeof header !== 'string') return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(MAX_WAIT_MS, Math.max(0, ms)) : undefined;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  return code === undefined || error.message.includes(code)
    ? error.message
    : `${code} ${error.message}`;
}
