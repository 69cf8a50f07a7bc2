// Messages of the wire to rows of the store and back. A row's body is the message without what has
// columns; a question names its files by id, and they are read from where they are kept.

import { randomBytes } from 'node:crypto';
import type {
  FileRecord,
  MessageRecord,
  NewMessageRecord,
} from '../../store/conversation-types.js';
import type {
  FileRef,
  StoredAssistantMessage,
  StoredMessage,
  StoredToolMessage,
  StoredUserMessage,
} from '../wire.js';

type Draft<Message> = Omit<Message, 'id' | 'created_at' | 'files'> & {
  /** Absent = a new one. */
  id?: string;
  /** Absent = now. */
  created_at?: string;
};

export type NewUserMessage = Draft<StoredUserMessage> & { file_ids: string[] };
export type NewMessage = NewUserMessage | Draft<StoredAssistantMessage> | Draft<StoredToolMessage>;

export function newMessageId(): string {
  return `msg_${randomBytes(12).toString('hex')}`;
}

export function toRow(message: NewMessage, now: Date): NewMessageRecord {
  const { id, created_at: createdAt, parent_id: parentId, role, ...body } = message;
  return {
    id: id ?? newMessageId(),
    parentId,
    role,
    body,
    createdAt: createdAt === undefined ? now : new Date(createdAt),
    // What people wrote and were told. Thoughts and tool results would bury it.
    text: role === 'tool' ? '' : message.content,
    fileIds: message.role === 'user' ? message.file_ids : [],
  };
}

/** `files`: at least those that the messages name. */
export function fromRows(
  rows: readonly MessageRecord[],
  files: readonly FileRecord[],
): StoredMessage[] {
  const refs = new Map(files.map((file) => [file.id, fileRef(file)]));
  return rows.map((row) => fromRow(row, refs));
}

export function namesFiles(rows: readonly MessageRecord[]): boolean {
  return rows.some(({ body }) => (body as { file_ids?: string[] }).file_ids?.length);
}

export function fileRef({ id, name, mediaType, bytes, characters, tokens }: FileRecord): FileRef {
  return { id, name, media_type: mediaType, bytes, characters, tokens };
}

/** Bodies were written by `toRow`, so their shape is known. */
function fromRow(
  { id, parentId, role, body, createdAt }: MessageRecord,
  refs: ReadonlyMap<string, FileRef>,
): StoredMessage {
  const base = { id, parent_id: parentId, created_at: createdAt.toISOString() };
  if (role !== 'user') return { ...base, role, ...(body as object) } as StoredMessage;
  const { content, file_ids: fileIds } = body as { content: string; file_ids: string[] };
  const files = fileIds.flatMap((fileId) => refs.get(fileId) ?? []);
  return { ...base, role, content, files };
}
