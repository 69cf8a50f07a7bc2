// /web/v1/tools: what there is, and the servers that a key's owner adds.

import { Hono } from 'hono';
import { z } from 'zod';
import { oneLine } from '../conversations/conversation-schemas.js';
import { readJson } from '../read-json.js';
import { requireKey } from '../web-api.js';
import { WebError } from '../web-error.js';
import type { Caller, WebEnv } from '../web-host.js';
import type { NewToolServer } from '../wire.js';
import { requireAllowed } from './server-address.js';
import type { ToolRegistry, ToolsCaller } from './tool-registry.js';

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const CONNECTION_HEADER = /^(host|content-|transfer-|connection$|mcp-)/i;
const MAX_HEADERS = 20;

const headers = z
  .record(
    z.string(),
    z
      .string()
      .max(8_000)
      .regex(/^[\t\x20-\x7e]*$/, 'holds letters beyond ASCII'),
  )
  .superRefine((values, context) => {
    const names = Object.keys(values);
    const refuse = (message: string) => context.addIssue({ code: 'custom', message });
    if (names.length > MAX_HEADERS) refuse(`there are ${names.length}, at most ${MAX_HEADERS}`);
    for (const name of names) {
      if (!HEADER_NAME.test(name)) refuse(`${JSON.stringify(name)} is no name of an HTTP header`);
      if (CONNECTION_HEADER.test(name)) refuse(`${name} is set by the connection itself`);
    }
  });

const newServer = z.strictObject({
  name: z.string().transform(oneLine).pipe(z.string().min(1).max(40)),
  url: z
    .string()
    .max(2_000)
    .regex(/^\P{Cc}+$/u, 'holds control characters'),
  headers: headers.optional(),
}) satisfies z.ZodType<NewToolServer>;

export interface ToolRoutesOptions {
  registry: ToolRegistry;
  /** Origins that any key may add servers of. */
  allowed: ReadonlySet<string>;
}

export function toolRoutes({ registry, allowed }: ToolRoutesOptions): Hono<WebEnv> {
  return new Hono<WebEnv>()
    .get('/', async (c) => c.json({ data: await registry.list(callerOf(c.var.caller)) }))
    .post('/servers', async (c) => {
      const caller = callerOf(c.var.caller);
      const { name, url, headers: given = {} } = newServer.parse(await readJson(c.env.incoming));
      requireAllowed(url, { isOperator: caller.isOperator, allowed });
      return c.json(await registry.add(caller, { name, url, headers: given }), 201);
    })
    .delete('/servers/:id', async (c) => {
      await registry.remove(requireKey(c.var.caller), c.req.param('id'));
      return c.body(null, 204);
    })
    .post('/servers/:id/reconnect', async (c) => {
      const caller = callerOf(c.var.caller);
      const id = c.req.param('id');
      if (id === 'builtin') throw new WebError(400, 'built-in tools are always there');
      return c.json(await registry.reconnect(caller, id));
    });
}

function callerOf(caller: Caller): ToolsCaller {
  return { keyId: requireKey(caller), isOperator: caller.isOperator };
}
