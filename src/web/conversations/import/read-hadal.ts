// Our own JSON export, all branches and files. Ids are made anew, for the file may be imported twice;
// and nobody else's permission is taken along: tools ask again.

import { z } from 'zod';
import { WebError } from '../../web-error.js';
import type { StoredMessage } from '../../wire.js';
import { newFileId, type WholeConversation } from '../conversation-store.js';
import {
  folderSchema,
  MAX_FILE_CHARACTERS,
  oneLine,
  tagsSchema,
  titleSchema,
} from '../conversation-schemas.js';
import { EXPORT_VERSION } from '../export/exported-conversation.js';
import { newMessageId, type NewMessage } from '../message-rows.js';
import { settingsSchema } from '../settings.js';
import type { ImportContext } from './import-conversations.js';

const id = z.string().min(1).max(200);
const time = z.iso.datetime();
const count = z.number().min(0);
const line = z.string().max(1000);

const base = { id, parent_id: id.nullable(), created_at: time };
const fileRef = z.object({
  id,
  name: z.string().max(1000).transform(oneLine),
  media_type: line.transform(oneLine),
  bytes: z.int().min(0),
  characters: z.int().min(0),
  tokens: z.int().min(0),
});
const tool = z.object({
  id: line,
  title: line,
  server: line.nullable(),
  writes: z.boolean(),
});
const usage = z.object({
  prompt_tokens: count,
  cache_hit_tokens: count,
  cache_miss_tokens: count,
  completion_tokens: count,
  reasoning_tokens: count,
  first_token_ms: count.nullable(),
  duration_ms: count,
  generation_ms: count,
  cost: z.record(z.string().max(10), z.string().max(40)),
});

const messageSchema = z.discriminatedUnion('role', [
  z.object({ ...base, role: z.literal('user'), content: z.string(), files: z.array(fileRef) }),
  z.object({
    ...base,
    role: z.literal('assistant'),
    reasoning: z.string().nullable(),
    reasoning_ms: count.nullable(),
    reasoning_forced: z.boolean(),
    content: z.string(),
    tool_calls: z.array(
      z.object({ id: line, name: line, arguments: z.string(), tool: tool.nullable() }),
    ),
    finish_reason: line,
    trace_id: line.nullable(),
    usage: usage.nullable(),
    error: z.string().nullable(),
    model: z.enum(['standard', 'speciale']),
    thinking: z.boolean(),
  }),
  z.object({
    ...base,
    role: z.literal('tool'),
    call_id: line,
    name: line,
    content: z.string(),
    is_error: z.boolean(),
    duration_ms: count,
    full_length: count.nullable(),
  }),
]) satisfies z.ZodType<StoredMessage>;

const exportSchema = z.object({
  hadal_conversation: z.literal(EXPORT_VERSION),
  title: titleSchema,
  folder: folderSchema,
  tags: tagsSchema,
  created_at: time,
  updated_at: time,
  settings: settingsSchema.partial(),
  head_id: id.nullable(),
  messages: z.array(messageSchema).max(20_000),
  files: z.array(fileRef.extend({ text: z.string().max(MAX_FILE_CHARACTERS) })).max(200),
});

export function isHadalExport(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'hadal_conversation' in value;
}

/** @throws WebError, ZodError */
export function readHadal(value: object, context: ImportContext): WholeConversation {
  const { hadal_conversation: version } = value as { hadal_conversation?: unknown };
  if (version !== EXPORT_VERSION) {
    throw new WebError(
      400,
      `the export is of version ${JSON.stringify(version)}; this server reads ${EXPORT_VERSION}`,
    );
  }
  const exported = exportSchema.parse(value);
  const files = new Map(exported.files.map((file) => [file.id, newFileId()]));
  const messages = new Map<string, NewMessage & { id: string }>();
  for (const message of exported.messages) {
    if (messages.has(message.id)) throw new WebError(400, `two messages have the id ${message.id}`);
    const parentId =
      message.parent_id === null
        ? null
        : (messages.get(message.parent_id)?.id ?? lostParent(message));
    const ids = { id: newMessageId(), parent_id: parentId };
    messages.set(
      message.id,
      message.role === 'user' ? withFileIds({ ...message, ...ids }, files) : { ...message, ...ids },
    );
  }
  const { head_id: head } = exported;
  const headId = head === null ? null : messages.get(head)?.id;
  if (headId === undefined) throw new WebError(400, `head_id ${head} is no message of the file`);
  return {
    title: exported.title,
    folder: exported.folder,
    tags: exported.tags,
    settings: withoutPermissions(exported.settings, context),
    messages: [...messages.values()],
    files: exported.files.map(
      ({ id: fileId, name, media_type: mediaType, bytes, tokens, text }) => ({
        id: files.get(fileId)!,
        name,
        mediaType,
        bytes,
        tokens,
        text,
        characters: text.length,
      }),
    ),
    headId,
    createdAt: new Date(exported.created_at),
    updatedAt: new Date(exported.updated_at),
  };
}

function lostParent({ id: child, parent_id: parent }: StoredMessage): never {
  throw new WebError(400, `message ${child} follows ${parent}, which does not stand before it`);
}

function withFileIds(
  { files: refs, ...message }: Extract<StoredMessage, { role: 'user' }>,
  files: ReadonlyMap<string, string>,
): NewMessage & { id: string } {
  const fileIds = refs.map(({ id: fileId, name }) => {
    const known = files.get(fileId);
    if (known !== undefined) return known;
    throw new WebError(400, `the text of file ${JSON.stringify(name)} is not in the export`);
  });
  return { ...message, file_ids: fileIds };
}

/** A file from somewhere must not make tools run here unasked. */
function withoutPermissions(
  settings: WholeConversation['settings'],
  context: ImportContext,
): WholeConversation['settings'] {
  const { always_allowed: allowed = [], approval, ...rest } = settings;
  context.leaveOut('permission', allowed.length + (approval === 'never' ? 1 : 0));
  return { ...rest, ...(approval !== undefined && approval !== 'never' && { approval }) };
}
