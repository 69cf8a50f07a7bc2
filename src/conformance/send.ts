// One HTTP exchange. A broken connection is an observation, not an exception.

import type { HttpRequest } from './build-request.js';
import type { Reply } from './check-reply.js';

/** Replies longer than this are cut: the target is not trusted. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

export type Send = (request: HttpRequest) => Promise<Reply>;

/** @param timeoutMs for a whole exchange. */
export function sender(timeoutMs: number): Send {
  return async ({ method, url, headers, body }) => {
    const reply: Reply = { status: 0, headers: {}, body: '' };
    try {
      const response = await fetch(url, {
        method,
        headers,
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
        // Bytes, because for a string fetch would add a content type of its own.
        ...(body !== undefined && { body: Buffer.from(body) }),
      });
      reply.status = response.status;
      reply.headers = Object.fromEntries(response.headers);
      await readBody(response, reply);
    } catch (error) {
      reply.failure = reasonOf(error, timeoutMs);
    }
    return reply;
  };
}

async function readBody(response: Response, reply: Reply): Promise<void> {
  if (!response.body) return;
  const decoder = new TextDecoder();
  let numBytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    numBytes += chunk.length;
    if (numBytes > MAX_BODY_BYTES) throw new Error(`the body exceeds ${MAX_BODY_BYTES} bytes`);
    reply.body += decoder.decode(chunk, { stream: true });
  }
  reply.body += decoder.decode();
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no complete reply within ${timeoutMs} ms`;
  const { cause } = error;
  return cause instanceof Error && cause.message
    ? `${error.message}: ${cause.message}`
    : error.message;
}
