// Against DNS rebinding: a web page may point a name of its own at this machine and so reach a server
// that listens on loopback. Such a request carries the page's name as Host and Origin; both must be
// known here. Source: MCP specification, Streamable HTTP, security warning.

import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { ServiceError, shown } from './service-error.js';

const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

export class TrustedOrigins {
  readonly #hosts: ReadonlySet<string>;

  /** @param names host names besides loopback that this server is known by */
  constructor(names: readonly string[] = []) {
    this.#hosts = new Set([...LOOPBACK, ...names.map((name) => name.toLowerCase())]);
  }

  /** @throws ServiceError forbidden */
  check({ host, origin }: IncomingHttpHeaders): void {
    if (host === undefined || !this.#isKnown(withoutPort(host))) {
      throw new ServiceError('forbidden', `the host ${shown(host ?? '')} is not known here`);
    }
    if (origin === undefined) return;
    const { hostname } = URL.canParse(origin) ? new URL(origin) : { hostname: '' };
    if (!this.#isKnown(hostname)) {
      throw new ServiceError('forbidden', `the origin ${shown(origin)} is not known here`);
    }
  }

  /** An address is no name that could be pointed elsewhere. */
  #isKnown(host: string): boolean {
    const name = host.toLowerCase();
    return this.#hosts.has(name) || isIP(name.replaceAll(/^\[|\]$/g, '')) !== 0;
  }
}

function withoutPort(host: string): string {
  return host.replace(/:\d+$/, '');
}
