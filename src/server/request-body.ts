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
export function readJsonBody(request: IncomingMessage, maxBytes: number): Promise<Buffer> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
    return Promise.reject(unsupportedMediaTypeError());
  }
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) {
    return Promise.reject(tooLargeError(maxBytes));
  }
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let numBytes = 0;
    // Not an async iterator: leaving its loop early would cut the connection before the answer.
    request.on('data', (chunk: Buffer) => {
      numBytes += chunk.length;
      if (numBytes <= maxBytes) {
        chunks.push(chunk);
      } else {
        chunks = []; // the rest flows by unkept
        reject(tooLargeError(maxBytes));
      }
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    const onEarlyEnd = (cause?: Error) =>
      reject(new ClientGoneError('the request body ended early', { cause }));
    request.on('error', onEarlyEnd);
    request.on('close', onEarlyEnd);
  });
}

function tooLargeError(maxBytes: number): ApiError {
  return new ApiError(`Request body too large: at most ${maxBytes} bytes are accepted`, {
    status: 413,
  });
}
