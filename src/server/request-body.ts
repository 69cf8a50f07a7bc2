// Reads a JSON request body within limits. Slow senders are cut by node's request time-out, set in
// http-server.ts.

import type { IncomingMessage } from 'node:http';
import { ApiError } from '../protocol/api-error.js';
import { unsupportedMediaTypeError } from '../protocol/openai/errors.js';

/** The client went away before the whole request had arrived; there is nobody to answer. */
export class ClientGoneError extends Error {
  override name = 'ClientGoneError';
}

/** @throws ApiError 415 or 413; ClientGoneError. */
export async function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    throw unsupportedMediaTypeError();
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLargeError(maxBytes);
  const chunks: Buffer[] = [];
  let numBytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      numBytes += chunk.length;
      if (numBytes > maxBytes) throw tooLargeError(maxBytes);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ClientGoneError('the request body ended early', { cause: error });
  }
  return Buffer.concat(chunks);
}

function tooLargeError(maxBytes: number): ApiError {
  return new ApiError(`Request body too large: at most ${maxBytes} bytes are accepted`, {
    status: 413,
  });
}
