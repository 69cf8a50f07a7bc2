// Who calls (api reference §1.2, §11.2): the key out of the headers of either dialect, and the
// principal it stands for.

import {
  keyFormatError,
  missingKeyError,
  overloadedError,
  unknownKeyError,
} from '../protocol/openai/errors.js';
import { PlatformUnavailableError, type Platform, type Principal } from '../store/types.js';
import type { IncomingHttpHeaders } from 'node:http';

/** @throws ApiError 401, or 503 while keys cannot be looked up. */
export async function authenticate(
  headers: IncomingHttpHeaders,
  platform: Platform,
): Promise<Principal> {
  const key = keyOf(headers);
  const principal = await identify(key, platform);
  if (principal) return principal;
  throw key.startsWith('sk-') ? unknownKeyError(key) : keyFormatError();
}

/**
 * Clients of the Anthropic dialect send `x-api-key`, a bearer token, or both; on the OpenAI-style
 * routes the extra header does no harm. @throws ApiError 401 when there is no readable key.
 */
function keyOf({ authorization, 'x-api-key': apiKey }: IncomingHttpHeaders): string {
  if (typeof apiKey === 'string' && apiKey !== '') return apiKey;
  if (authorization === undefined) throw missingKeyError();
  const key = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (key === undefined) throw keyFormatError();
  return key;
}

async function identify(key: string, platform: Platform): Promise<Principal | undefined> {
  try {
    return await platform.identify(key);
  } catch (error) {
    if (error instanceof PlatformUnavailableError) throw overloadedError(error);
    throw error;
  }
}
