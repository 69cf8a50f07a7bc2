// Reads a JSON request body within limits: each body has one, and so have all bodies together,
// because many large ones at once would fill the memory. Slow senders are cut by node's request
// time-out, set in http-server.ts.

import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { ApiError } from '../protocol/api-error.js';
import { overloadedError, unsupportedMediaTypeError } from '../protocol/openai/errors.js';

/** The client went away before the whole request had arrived; there is nobody to answer. */
export class ClientGoneError extends Error {
  override name = 'ClientGoneError';
}

const JSON_TYPE = /^application\/json\s*(?:$|;)(?:.*?\bcharset\s*=\s*([^\s;]+))?/i;
/** How much of a header an error repeats. */
const MAX_NAMED_CHARS = 100;

export class BodyBudget {
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** False when the bodies in flight would become too many. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#maxBytes) return false;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

export interface BodyLimits {
  maxBytes: number;
  budget: BodyBudget;
}

/**
 * Gives the whole body to `use` and counts it as in flight until `use` is done with it.
 * @throws ApiError 415, 413 or 503; ClientGoneError.
 */
export async function withJsonBody<T>(
  request: IncomingMessage,
  { maxBytes, budget }: BodyLimits,
  use: (body: Buffer) => T,
): Promise<T> {
  requireReadable(request.headers);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLargeError(maxBytes);
  let numTaken = 0;
  try {
    const body = await collectBody(request, (numBytes) => {
      if (numTaken + numBytes > maxBytes) return tooLargeError(maxBytes);
      if (!budget.take(numBytes))
        return overloadedError(new Error('request bodies fill the memory'));
      numTaken += numBytes;
      return undefined;
    });
    return use(body);
  } finally {
    budget.give(numTaken);
  }
}

/** @throws ApiError 415 */
function requireReadable(headers: IncomingHttpHeaders): void {
  const type = JSON_TYPE.exec(headers['content-type'] ?? '');
  if (!type) throw unsupportedMediaTypeError();
  const coding = headers['content-encoding'] ?? 'identity';
  const charset = type[1] ?? 'utf-8';
  if (coding !== 'identity') throw unreadableError(`content-encoding ${coding}`);
  if (!/^"?utf-?8"?$/i.test(charset)) throw unreadableError(`charset ${charset}`);
}

function unreadableError(what: string): ApiError {
  const text = what.length > MAX_NAMED_CHARS ? `${what.slice(0, MAX_NAMED_CHARS)}…` : what;
  return new ApiError(`Unsupported ${text}: send plain JSON in UTF-8`, { status: 415 });
}

/**
 * The whole body. `admit` returns the error with which to refuse it once a piece is too much.
 * @throws that error, ClientGoneError.
 */
export function collectBody(
  request: IncomingMessage,
  admit: (numBytes: number) => ApiError | undefined,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let isRefused = false;
    // Not an async iterator: leaving its loop early would cut the connection before the answer.
    request.on('data', (chunk: Buffer) => {
      if (isRefused) return; // the rest flows by unkept
      const refusal = admit(chunk.length);
      if (!refusal) return void chunks.push(chunk);
      isRefused = true;
      chunks = [];
      reject(refusal);
    });
    request.on('end', () => {
      request.off('close', onEarlyEnd);
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
    });
    const onEarlyEnd = (cause?: Error) =>
      reject(new ClientGoneError('the request body ended early', { cause }));
    request.on('error', onEarlyEnd);
    request.on('close', onEarlyEnd);
    // Gone before anybody listened, as while the key was looked up.
    if (request.destroyed) onEarlyEnd();
  });
}

export function tooLargeError(maxBytes: number): ApiError {
  return new ApiError(`Request body too large: at most ${maxBytes} bytes are accepted`, {
    status: 413,
  });
}
