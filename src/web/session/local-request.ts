// Whether a request comes from this machine and from nobody else through it.

import type { IncomingMessage } from 'node:http';

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * A proxy on this machine speaks for others: what it passes on is not local. Nor is a request for
 * another host's name, which a page in a browser on this machine may have made.
 */
export function isLocalRequest({ socket, headers }: IncomingMessage): boolean {
  const { remoteAddress = '' } = socket;
  const isForwarded =
    ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some((name) => name in headers) ||
    !LOOPBACK_HOST.test(headers.host ?? '');
  return !isForwarded && (remoteAddress === '::1' || /^(::ffff:)?127\./.test(remoteAddress));
}
