// Who calls the public API: a key in a header, or, where there is none, a session of our own page, or
// a run of it with a lent token. The contract is auth.ts; this adds what only this process's page has.

import type { IncomingMessage } from 'node:http';
import type { Principal } from '../store/types.js';
import type { App } from './app.js';
import { authenticate, type KeyPlace } from './auth.js';

/** @throws ApiError 401; PlatformUnavailableError while keys cannot be looked up. */
export async function identifyCaller(
  request: IncomingMessage,
  { platform, lentTokens, sessions }: App,
  place: KeyPlace,
): Promise<Principal> {
  const { headers } = request;
  const { authorization } = headers;
  if (authorization === undefined && headers['x-api-key'] === undefined) {
    const keyId = (await sessions.find(request))?.keyId;
    const principal = keyId === undefined ? undefined : await platform.identifyById(keyId);
    if (principal) return principal;
  }
  const lentTo = lentTokens.keyIdOf(authorization?.replace(/^Bearer /, '') ?? '');
  const lender = lentTo === undefined ? undefined : await platform.identifyById(lentTo);
  return lender ?? authenticate(headers, platform, place);
}
