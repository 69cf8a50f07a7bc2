// Who is signed in, and the four ways to become so: a key, the administrator's key, the ticket of the
// link that the server prints, and, on a first start, being on this machine. Sessions are asked for on
// every request of the page, so known ones are remembered for seconds.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { PlatformStore } from '../../store/platform-store.js';
import type { WebSession } from '../../store/web-sessions.js';
import type { Caller } from '../web-host.js';
import { WebError } from '../web-error.js';
import type { SignIn } from '../wire.js';
import { isLocalRequest } from './local-request.js';
import { sessionTokenOf } from './session-cookie.js';

export interface SessionsOptions {
  platform: PlatformStore;
  adminKey: string;
  /** The key that a ticket or a local sign-in stands for; undefined = none, only administration. */
  ownKeyId: string | undefined;
  /** A first start on a loopback address: whoever is on this machine may come in. */
  allowsLocal: boolean;
  /** The port of the cookie's name; known once the server listens. */
  port: () => number;
  now: () => number;
}

const REMEMBERED_MS = 10_000;
const MAX_REMEMBERED = 10_000;

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #adminDigest: string;
  /** By token. */
  readonly #remembered = new Map<string, { session: WebSession; until: number }>();
  #ticket: string | undefined = randomBytes(16).toString('base64url');

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#adminDigest = digest(options.adminKey);
  }

  /** For the link that signs in once; undefined once it was used. */
  get ticket(): string | undefined {
    return this.#ticket;
  }

  /** Whether a browser on this machine needs no link. */
  get isOpenToLocal(): boolean {
    return this.#options.allowsLocal;
  }

  allowsLocal(request: IncomingMessage): boolean {
    return this.#options.allowsLocal && isLocalRequest(request);
  }

  /** undefined = no session, or one that does not count for this request. */
  async find(request: IncomingMessage): Promise<WebSession | undefined> {
    const token = this.tokenOf(request);
    if (token === undefined) return undefined;
    const at = this.#options.now();
    const remembered = this.#remembered.get(token);
    if (remembered && remembered.until > at && remembered.session.expiresAt.getTime() > at) {
      return remembered.session;
    }
    const session = await this.#options.platform.sessions.find(token);
    if (!session) {
      this.#remembered.delete(token);
      return undefined;
    }
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear();
    this.#remembered.set(token, { session, until: at + REMEMBERED_MS });
    return session;
  }

  tokenOf({ headers }: IncomingMessage): string | undefined {
    return sessionTokenOf(headers, this.#options.port());
  }

  /** undefined = the session's key was revoked or has expired, and it administers nothing. */
  async callerOf({ keyId, operatorDigest }: WebSession): Promise<Caller | undefined> {
    const principal =
      keyId === undefined ? undefined : await this.#options.platform.identifyById(keyId);
    const isOperator = operatorDigest === this.#adminDigest;
    if (!principal && !isOperator) return undefined;
    return { keyId: principal?.keyId, accountId: principal?.accountId, isOperator };
  }

  /** Whether a session of this request administers. */
  async isOperator(request: IncomingMessage): Promise<boolean> {
    const session = await this.find(request);
    return session?.operatorDigest === this.#adminDigest;
  }

  /**
   * Opens a session. Rights that the browser's present session has are kept: signing in with a key and
   * then with the administrator's gives both.
   * @throws WebError 401 for a wrong key or ticket, 403 where signing in locally is not offered.
   */
  async open(signIn: SignIn, request: IncomingMessage): Promise<{ token: string }> {
    const rights = await this.#rightsOf(signIn, request);
    const present = await this.find(request);
    const { token } = await this.#options.platform.sessions.open({
      keyId: rights.keyId ?? present?.keyId,
      operatorDigest: rights.isOperator ? this.#adminDigest : present?.operatorDigest,
    });
    if (present) await this.close(request);
    return { token };
  }

  async close(request: IncomingMessage): Promise<void> {
    const token = this.tokenOf(request);
    if (token === undefined) return;
    this.#remembered.delete(token);
    await this.#options.platform.sessions.close(token);
  }

  async #rightsOf(
    signIn: SignIn,
    request: IncomingMessage,
  ): Promise<{ keyId: string | undefined; isOperator: boolean }> {
    const own = { keyId: this.#options.ownKeyId, isOperator: true };
    if ('key' in signIn) {
      const principal = await this.#options.platform.identify(signIn.key);
      if (principal) return { keyId: principal.keyId, isOperator: false };
      // People paste the other of the two keys that the server prints.
      if (this.#isAdminKey(signIn.key)) return { keyId: undefined, isOperator: true };
      throw new WebError(401, 'this key is not known here, or it was revoked or has expired');
    }
    if ('admin_key' in signIn) {
      if (this.#isAdminKey(signIn.admin_key)) return { keyId: undefined, isOperator: true };
      throw new WebError(401, 'this is not the administrator key of the running server');
    }
    if ('ticket' in signIn) {
      if (this.#ticket === undefined || !isEqual(signIn.ticket, this.#ticket)) {
        throw new WebError(401, 'this link was used already, or is of an earlier start');
      }
      this.#ticket = undefined;
      return own;
    }
    if (!this.allowsLocal(request)) {
      throw new WebError(403, 'this server asks for a key, also on this machine');
    }
    return own;
  }

  #isAdminKey(text: string): boolean {
    return isEqual(digest(text), this.#adminDigest);
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function isEqual(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
