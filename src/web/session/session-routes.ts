// GET, POST and DELETE /web/v1/session: who is signed in, sign in, sign out. The only routes of the
// web API that answer without a session; what changes something still wants our own page's header.

import { Hono } from 'hono';
import { z } from 'zod';
import { readJson } from '../read-json.js';
import { WebError } from '../web-error.js';
import type { Caller, WebEnv, WebHost } from '../web-host.js';
import type { SessionInfo, SignIn } from '../wire.js';
import { isSameOrigin, sessionCookie, WEB_HEADER } from './session-cookie.js';
import type { Sessions } from './sessions.js';
import type { IncomingMessage } from 'node:http';

const text = z.string().min(1).max(512);

const signInBody = z.union([
  z.strictObject({ key: text }),
  z.strictObject({ admin_key: text }),
  z.strictObject({ ticket: text }),
  z.strictObject({ local: z.literal(true) }),
]);

export interface SessionRoutesOptions {
  host: WebHost;
  sessions: Sessions;
  version: string;
  port: () => number;
}

export function sessionRoutes(options: SessionRoutesOptions): Hono<WebEnv> {
  const { sessions, port } = options;
  const routes = new Hono<WebEnv>();

  routes.get('/', async (c) => c.json(await sessionInfo(options, c.env.incoming)));

  routes.post('/', async (c) => {
    requireOwnPage(c.env.incoming);
    const parsed = signInBody.parse(await readJson(c.env.incoming, 4096));
    const { token } = await sessions.open(parsed as SignIn, c.env.incoming);
    const { headers } = c.env.incoming;
    c.header('set-cookie', sessionCookie(token, { port: port(), headers }));
    return c.body(null, 204);
  });

  routes.delete('/', async (c) => {
    requireOwnPage(c.env.incoming);
    await sessions.close(c.env.incoming);
    const { headers } = c.env.incoming;
    c.header('set-cookie', sessionCookie('', { port: port(), headers }));
    return c.body(null, 204);
  });
  return routes;
}

/** Another page must not sign somebody in or out: that would put their work under a foreign key. */
function requireOwnPage({ headers }: IncomingMessage): void {
  if (headers[WEB_HEADER] !== undefined && isSameOrigin(headers)) return;
  throw new WebError(403, `sign in from this server's own page (header ${WEB_HEADER}: 1)`);
}

async function sessionInfo(
  { host, sessions, version }: SessionRoutesOptions,
  request: IncomingMessage,
): Promise<SessionInfo> {
  const session = await sessions.find(request);
  const caller = session && (await sessions.callerOf(session));
  return {
    signed_in: caller !== undefined,
    key: caller ? await keyInfo(host, caller) : null,
    is_operator: caller?.isOperator ?? false,
    local_sign_in: caller === undefined && sessions.allowsLocal(request),
    version,
    expires_at: caller && session ? session.expiresAt.toISOString() : null,
  };
}

async function keyInfo(
  { platform }: WebHost,
  { keyId, accountId }: Caller,
): Promise<SessionInfo['key']> {
  if (keyId === undefined || accountId === undefined) return null;
  const keys = await platform.admin.listKeys({ accountId });
  const record = keys.find(({ id }) => id === keyId);
  if (!record) return null;
  const account = await platform.admin.findAccount(accountId);
  return {
    id: record.id,
    name: record.name,
    tail: `****${record.last4}`,
    account_id: account.id,
    account: account.name,
  };
}
