// The JSON body of a request to the console's own APIs, of a bounded size. Hono's own ways to a body
// make a new Request, which fails on requests of this server.

import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { WebError } from './web-error.js';

/** Of all bodies of this process that are being read or understood: many large ones at once would fill
 *  the memory. */
const MAX_IN_FLIGHT_BYTES = 256 << 20;
let inFlightBytes = 0;

/** @throws WebError 400, 413, 503 */
export async function readJson(request: IncomingMessage, maxBytes = 1 << 20): Promise<unknown> {
  let numTaken = 0;
  try {
    const text = await readText(request, (numBytes) => {
      if (numTaken + numBytes > maxBytes) return tooLarge(maxBytes);
      if (inFlightBytes + numBytes > MAX_IN_FLIGHT_BYTES) {
        return new WebError(503, 'other large bodies are being read; try again in a moment');
      }
      numTaken += numBytes;
      inFlightBytes += numBytes;
      return undefined;
    });
    return JSON.parse(text) as unknown;
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw new WebError(400, `the body is not JSON: ${cause.message}`, { cause });
  } finally {
    inFlightBytes -= numTaken;
  }
}

function tooLarge(maxBytes: number): WebError {
  return new WebError(413, `the body is too large: at most ${maxBytes / 1024} KiB are taken`);
}

/** `admit`: why a piece more is too much. */
function readText(
  request: IncomingMessage,
  admit: (numBytes: number) => WebError | undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let isRefused = false;
    request.on('data', (chunk: Buffer) => {
      if (isRefused) return; // the rest flows by unkept
      const refusal = admit(chunk.length);
      if (!refusal) return void chunks.push(chunk);
      isRefused = true;
      chunks = [];
      reject(refusal);
    });
    request.on('end', () => {
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
