// POST /count: the exact tokens of the next request, with files and tool definitions, counted by the
// road that answers it; and of a file alone, to be shown beside its name.

import { Hono } from 'hono';
import { readJson } from '../read-json.js';
import { requireKey } from '../web-api.js';
import { WebError } from '../web-error.js';
import type { WebEnv, WebHost } from '../web-host.js';
import type { CountRequest, CountResult, FileRef, StoredMessage } from '../wire.js';
import { countSchema } from './conversation-schemas.js';
import type { ConversationStore } from './conversation-store.js';
import { nextPrompt, type ToolsFor } from './next-prompt.js';
import { type NamedText, withFileTexts } from './prompt.js';

export interface CountOptions {
  host: WebHost;
  store: ConversationStore;
  toolsFor: ToolsFor;
}

const MAX_BODY_BYTES = 8 << 20;
/** The platform's context: from there on a given max_tokens must fit beside the prompt. */
const PLATFORM_CONTEXT_LENGTH = 131_072;

export function countRoutes(options: CountOptions): Hono<WebEnv> {
  const { host } = options;
  return new Hono<WebEnv>().post('/', async (c) => {
    const keyId = requireKey(c.get('caller'));
    const request = countSchema.parse(await readJson(c.env.incoming, MAX_BODY_BYTES));
    const { settings } = request;
    const prompt = await promptToCount(options, keyId, request);
    const tokens =
      prompt.messages.length === 0 ? 0 : await host.countTokens(prompt, untilGone(c.env.outgoing));
    const { context_length: contextLength } = host.catalog();
    const counts = settings.max_tokens !== null && contextLength >= PLATFORM_CONTEXT_LENGTH;
    const reply = counts ? settings.max_tokens! : 1;
    return c.json({
      tokens,
      context_length: contextLength,
      fits: tokens + reply <= contextLength,
    } satisfies CountResult);
  });
}

/** What the file adds to a prompt. */
export async function fileTokens(
  host: WebHost,
  file: NamedText,
  signal: AbortSignal,
): Promise<number> {
  const tokensOf = (content: string) =>
    host.countTokens({ messages: [{ role: 'user', content }], tools: [], thinking: false }, signal);
  const [without, withFile] = [await tokensOf('.'), await tokensOf(withFileTexts('.', [file]))];
  return withFile - without;
}

/** Aborts when the caller has left, so that nobody counts for nobody. */
export function untilGone(response: WebEnv['Bindings']['outgoing']): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  return controller.signal;
}

async function promptToCount(
  { store, toolsFor }: CountOptions,
  keyId: string,
  request: CountRequest,
) {
  const { conversation_id: conversationId, parent_id: parentId, content, settings } = request;
  const { file_ids: fileIds } = request;
  if (conversationId === null && (parentId !== null || fileIds.length > 0)) {
    throw new WebError(400, 'parent_id and file_ids are of a conversation: give conversation_id');
  }
  const branch = conversationId === null ? [] : await store.branch(keyId, conversationId, parentId);
  const isAsked = content !== '' || fileIds.length > 0;
  const files =
    conversationId === null
      ? []
      : (await store.fileTexts(keyId, conversationId, fileIds)).map(({ ref }) => ref);
  const asked = isAsked ? [question(content, files, parentId)] : [];
  return nextPrompt(
    { store, toolsFor },
    { keyId, conversationId, branch: [...branch, ...asked], settings },
  );
}

function question(content: string, files: FileRef[], parentId: string | null): StoredMessage {
  return { id: '', parent_id: parentId, created_at: '', role: 'user', content, files };
}
