// The session's cookie, and when it counts. A browser adds a cookie to requests that other pages make
// too; ours counts only beside the header `x-hadal-web`, and only when nothing says that the request
// comes from another origin. Another port of the same host is the same site for SameSite, but not the
// same origin: hence the comparison with Host.

import type { IncomingHttpHeaders } from 'node:http';

export const WEB_HEADER = 'x-hadal-web';

const NAME = /^[\w-]{43}$/;

/** Two servers on one host share their cookies: the port keeps them apart. */
export function cookieName(port: number): string {
  return `hadal_session_${port}`;
}

/** The token of a request that our own page made; undefined = there is none, or it does not count. */
export function sessionTokenOf(headers: IncomingHttpHeaders, port: number): string | undefined {
  if (headers[WEB_HEADER] === undefined || !isSameOrigin(headers)) return undefined;
  const wanted = `${cookieName(port)}=`;
  for (const part of (headers.cookie ?? '').split(';')) {
    const cookie = part.trim();
    const token = cookie.startsWith(wanted) ? cookie.slice(wanted.length) : undefined;
    if (token !== undefined && NAME.test(token)) return token;
  }
  return undefined;
}

/** Browsers send Origin with every request to another origin; `sec-fetch-site` where they know it. */
export function isSameOrigin({ origin, host, ...headers }: IncomingHttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  if (origin === undefined) return true;
  return host !== undefined && (origin === `http://${host}` || origin === `https://${host}`);
}

/** For Set-Cookie. An empty token ends the session in the browser. */
export function sessionCookie(
  token: string,
  { port, headers }: { port: number; headers: IncomingHttpHeaders },
): string {
  const maxAgeSeconds = token === '' ? 0 : 30 * 24 * 60 * 60;
  const isSecure = headers.origin?.startsWith('https://') === true;
  return [
    `${cookieName(port)}=${token}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Strict',
    `Max-Age=${maxAgeSeconds}`,
    ...(isSecure ? ['Secure'] : []),
  ].join('; ');
}
