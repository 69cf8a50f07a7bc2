// /conversations: the list, one with its messages, changes, files, export and import. What runs in a
// conversation is asked of whoever runs it.

import type { IncomingMessage } from 'node:http';
import { Hono } from 'hono';
import { readJson } from '../read-json.js';
import { requireKey } from '../web-api.js';
import { WebError } from '../web-error.js';
import type { WebEnv, WebHost } from '../web-host.js';
import type { Conversation } from '../wire.js';
import {
  conversationChangeSchema,
  exportQuerySchema,
  listQuerySchema,
  newConversationSchema,
  newFileSchema,
} from './conversation-schemas.js';
import type { ConversationStore, StoredConversation } from './conversation-store.js';
import { fileTokens, untilGone } from './count-routes.js';
import { exportConversation } from './export/export-conversation.js';
import { importConversations } from './import/import-conversations.js';
import type { ToolsFor } from './next-prompt.js';

export interface ConversationRuns {
  /** The id of a run of the conversation that is not over. */
  activeRun(conversationId: string): string | null;
  /** Ends it, before its conversation goes; resolves when it writes no more. */
  stop(runId: string): Promise<void>;
}

export interface ConversationRoutesOptions {
  host: WebHost;
  store: ConversationStore;
  toolsFor: ToolsFor;
  runs: ConversationRuns;
}

const SMALL_BODY_BYTES = 2 << 20;
const MAX_FILE_BYTES = 16 << 20;
const MAX_IMPORT_BYTES = 32 << 20;

export function conversationRoutes(options: ConversationRoutesOptions): Hono<WebEnv> {
  const { store, runs, host, toolsFor } = options;
  const routes = new Hono<WebEnv>();
  const whole = (stored: StoredConversation): Conversation => ({
    ...stored,
    active_run: runs.activeRun(stored.id),
  });

  routes.get('/', async (c) => {
    const keyId = requireKey(c.get('caller'));
    return c.json(await store.list(keyId, listQuerySchema.parse(c.req.query())));
  });

  routes.post('/', async (c) => {
    const keyId = requireKey(c.get('caller'));
    const { settings, ...given } = newConversationSchema.parse(await body(c.env.incoming));
    const made = await store.create(keyId, {
      ...given,
      ...(settings && { settings: present(settings) }),
    });
    return c.json(whole(made), 201);
  });

  routes.post('/import', async (c) => {
    const keyId = requireKey(c.get('caller'));
    const given = await readJson(c.env.incoming, MAX_IMPORT_BYTES);
    return c.json(await importConversations({ store, host, keyId, given }), 201);
  });

  routes.get('/:id', async (c) => {
    const keyId = requireKey(c.get('caller'));
    return c.json(whole(await store.get(keyId, c.req.param('id'))));
  });

  routes.patch('/:id', async (c) => {
    const keyId = requireKey(c.get('caller'));
    const id = c.req.param('id');
    const change = conversationChangeSchema.parse(await body(c.env.incoming));
    await store.change(keyId, id, change);
    return c.body(null, 204);
  });

  routes.delete('/:id', async (c) => {
    const keyId = requireKey(c.get('caller'));
    const id = c.req.param('id');
    await store.settings(keyId, id); // another key's run is not ours to stop
    const runId = runs.activeRun(id);
    if (runId !== null) await runs.stop(runId);
    await store.delete(keyId, id);
    return c.body(null, 204);
  });

  routes.get('/:id/export', async (c) => {
    const keyId = requireKey(c.get('caller'));
    const query = exportQuerySchema.parse(c.req.query());
    const { format, leaf, language, leave_out: leaveOut } = query;
    const file = await exportConversation(
      { store, toolsFor, language, baseUrl: publicUrl(c.env.incoming, host) },
      { keyId, id: c.req.param('id'), format, leaf, leaveOut },
    );
    return c.body(file.text, 200, {
      'content-type': file.mediaType,
      'content-disposition': file.disposition,
      // Should somebody open it under this server's name after all.
      'content-security-policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    });
  });

  routes.post('/:id/files', async (c) => {
    const keyId = requireKey(c.get('caller'));
    const id = c.req.param('id');
    const file = newFileSchema.parse(await readJson(c.env.incoming, MAX_FILE_BYTES));
    await store.settings(keyId, id); // before counting for a conversation that is not there
    if (file.text.trim() === '') {
      throw new WebError(400, `there is no text in ${JSON.stringify(file.name)}`);
    }
    const tokens = await fileTokens(host, file, untilGone(c.env.outgoing));
    return c.json(await store.addFile(keyId, id, { ...file, tokens }), 201);
  });

  routes.delete('/:id/files/:fileId', async (c) => {
    const keyId = requireKey(c.get('caller'));
    await store.removeFile(keyId, c.req.param('id'), c.req.param('fileId'));
    return c.body(null, 204);
  });
  return routes;
}

function body(request: IncomingMessage): Promise<unknown> {
  return readJson(request, SMALL_BODY_BYTES);
}

/** The name under which the caller reached this server, for code that shall reach it too. */
function publicUrl({ headers }: IncomingMessage, host: WebHost): string {
  const { host: name } = headers;
  if (name === undefined || !/^[\w.:[\]-]+$/.test(name)) return host.selfUrl();
  // Of a proxy in front; who forges it misleads the code that they export for themselves.
  return `${headers['x-forwarded-proto'] === 'https' ? 'https' : 'http'}://${name}`;
}

/** Without the keys whose value is undefined, which the schema's type allows. */
function present<T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
