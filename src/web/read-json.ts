// The JSON body of a request to the console's own APIs, of a bounded size. Hono's own ways to a body
// make a new Request, which fails on requests of this server.

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { WebError } from './web-error.js';

/** @throws WebError 413, 400. */
export async function readJson(request: IncomingMessage, maxBytes = 1 << 20): Promise<unknown> {
  const text = await readText(request, maxBytes);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WebError(400, `the body is not JSON: ${(cause as Error).message}`, { cause });
  }
}

function readText(request: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let numBytes = 0;
    request.on('data', (chunk: Buffer) => {
      numBytes += chunk.length;
      if (numBytes <= maxBytes) chunks.push(chunk);
    });
    request.on('end', () => {
      if (numBytes > maxBytes) {
        const limit = `${Math.floor(maxBytes / 1024)} KiB`;
        return reject(
          new WebError(413, `the body has ${numBytes} bytes; at most ${limit} are taken`),
        );
      }
      const body = Buffer.concat(chunks);
      if (!isUtf8(body)) return reject(new WebError(400, 'the body is not UTF-8'));
      resolve(body.toString());
    });
    const onEarlyEnd = () => reject(new WebError(400, 'the request body ended early'));
    request.on('error', onEarlyEnd);
    request.on('close', onEarlyEnd);
    if (request.destroyed) onEarlyEnd();
  });
}
