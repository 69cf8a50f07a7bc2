// Reading a request's body within limits and writing answers: what the doors share. A body that is too
// large is refused as soon as that is known, and the connection ends with it.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { ServiceError } from './service-error.js';

/** The client went away before its request was whole; nobody is left to answer. */
export class ClientGoneError extends Error {
  override name = 'ClientGoneError';
}

/** @throws ServiceError too_large; ClientGoneError */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const tooLarge = (): ServiceError =>
      new ServiceError('too_large', `the body is larger than ${maxBytes} bytes`);
    if (Number(request.headers['content-length'] ?? 0) > maxBytes) return reject(tooLarge());
    const pieces: Buffer[] = [];
    let size = 0;
    request.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size > maxBytes) {
        request.removeAllListeners('data');
        return reject(tooLarge());
      }
      pieces.push(piece);
    });
    request.on('end', () => {
      const [only] = pieces;
      resolve(pieces.length === 1 ? only!.toString() : Buffer.concat(pieces).toString());
    });
    request.on('close', () => {
      // Comes after every request; an error nobody needs would be the dearest part of a call.
      if (!request.complete) reject(new ClientGoneError('the client is gone'));
    });
  });
}

/** @throws ServiceError bad_request, too_large; ClientGoneError */
export async function readJson(request: IncomingMessage, maxBytes: number): Promise<unknown> {
  const body = await readBody(request, maxBytes);
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new ServiceError('bad_request', 'the body is no JSON', { cause });
  }
}

/** @param text JSON */
export function sendJson(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const length = Buffer.byteLength(text);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': length,
    ...headers,
  });
  response.end(text);
}

export function sendEmpty(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-length': 0, ...headers });
  response.end();
}
