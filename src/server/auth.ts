// Who calls (api reference §1.2, §11.2): the key out of the headers of either dialect, and the
// principal it stands for.

import { keyFormatError, missingKeyError, unknownKeyError } from '../protocol/openai/errors.js';
import type { Platform, Principal } from '../store/types.js';
import type { IncomingHttpHeaders } from 'node:http';

/** Where a dialect's clients put their key. */
export type KeyPlace = 'authorization' | 'either';

/** @throws ApiError 401; PlatformUnavailableError while keys cannot be looked up. */
export async function authenticate(
  headers: IncomingHttpHeaders,
  platform: Platform,
  place: KeyPlace,
): Promise<Principal> {
  const keys = place === 'either' ? keysOf(headers) : [bearerKey(headers)];
  for (const key of keys) {
    const principal = await platform.identify(key);
    if (principal) return principal;
  }
  const key = keys[0]!;
  throw key.startsWith('sk-') ? unknownKeyError(key) : keyFormatError();
}

/**
 * Clients of the Anthropic dialect send `x-api-key`, a bearer token, or both; of two different keys
 * either will do. @throws ApiError 401 when there is no readable key.
 */
function keysOf(headers: IncomingHttpHeaders): string[] {
  const apiKey = headers['x-api-key'];
  if (typeof apiKey !== 'string' || apiKey === '') return [bearerKey(headers)];
  const bearer = BEARER.exec(headers.authorization ?? '')?.[1];
  return bearer === undefined || bearer === apiKey ? [apiKey] : [apiKey, bearer];
}

const BEARER = /^Bearer +(\S+) *$/i;

/** @throws ApiError 401 */
function bearerKey({ authorization }: IncomingHttpHeaders): string {
  if (authorization === undefined) throw missingKeyError();
  const key = BEARER.exec(authorization)?.[1];
  if (key === undefined) throw keyFormatError();
  return key;
}
