// The conversations of a key as the wire has them, over the rows of the store. Knows no HTTP and no
// runs; whoever reads or writes a conversation in this layer does it here. Failures are StoreErrors:
// of another key's conversation the same as of none.

import { randomBytes } from 'node:crypto';
import type {
  ConversationRecord,
  ConversationWithSettings,
  FileWithText,
  MessageRecord,
} from '../../store/conversation-types.js';
import type { WebHost } from '../web-host.js';
import type {
  Conversation,
  ConversationChange,
  ConversationPage,
  ConversationSettings,
  ConversationSummary,
  FileRef,
  NewFile,
  StoredMessage,
  StoredUserMessage,
} from '../wire.js';
import { readCursor, writeCursor } from './cursor.js';
import {
  fileRef,
  fromRows,
  namesFiles,
  type NewMessage,
  type NewUserMessage,
  toRow,
} from './message-rows.js';
import { settingsChangeSchema, wholeSettings } from './settings.js';
import { snippetOf } from './snippet.js';

export interface ConversationListQuery {
  query?: string | undefined;
  folder?: string | undefined;
  tag?: string | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
}

/** Without what is running, which runs know. */
export type StoredConversation = Omit<Conversation, 'active_run'>;

/** A conversation that comes whole, from an import. */
export interface WholeConversation {
  title: string;
  folder: string | null;
  tags: string[];
  settings: Partial<ConversationSettings>;
  /** Parents before children; every message with its id. */
  messages: readonly NewMessage[];
  files: readonly FileWithText[];
  headId: string | null;
  createdAt: Date;
  updatedAt: Date;
}

const DEFAULT_PAGE = 50;

export class ConversationStore {
  readonly #host: Pick<WebHost, 'platform' | 'now' | 'defaultSettings'>;

  constructor(host: Pick<WebHost, 'platform' | 'now' | 'defaultSettings'>) {
    this.#host = host;
  }

  get #rows() {
    return this.#host.platform.conversations;
  }

  create(
    keyId: string,
    { title = '', folder = null, tags = [], settings = {} }: Omit<ConversationChange, 'head_id'>,
  ): Promise<StoredConversation> {
    const now = new Date(this.#host.now());
    return this.createWhole(keyId, {
      title,
      folder,
      tags,
      settings,
      messages: [],
      files: [],
      headId: null,
      createdAt: now,
      updatedAt: now,
    });
  }

  async createWhole(keyId: string, whole: WholeConversation): Promise<StoredConversation> {
    const { messages, files, settings, ...record } = whole;
    const id = `conv_${randomBytes(12).toString('hex')}`;
    const conversation = { ...record, id, settings: this.#given(settings) };
    const rows = messages.map((message) => toRow(message, whole.createdAt));
    await this.#rows.create(keyId, { conversation, messages: rows, files });
    return this.get(keyId, id);
  }

  async get(keyId: string, id: string): Promise<StoredConversation> {
    const record = await this.#rows.find(keyId, id);
    const messages = await this.#withFiles(id, await this.#rows.messages.all(id));
    return {
      ...summary(record),
      settings: this.#whole(record.settings),
      head_id: record.headId,
      messages,
    };
  }

  async list(keyId: string, query: ConversationListQuery): Promise<ConversationPage> {
    const { cursor, limit = DEFAULT_PAGE, query: text = '', folder, tag } = query;
    const [{ conversations, next }, places] = await Promise.all([
      this.#rows.list(keyId, {
        query: text,
        limit,
        ...(folder !== undefined && { folder }),
        ...(tag !== undefined && { tag }),
        ...(cursor !== undefined && { after: readCursor(cursor) }),
      }),
      this.#rows.places(keyId),
    ]);
    return {
      data: conversations.map((record) => ({
        ...summary(record),
        snippet: record.match ? snippetOf(record.match, text) : null,
      })),
      cursor: next ? writeCursor(next) : null,
      ...places,
    };
  }

  change(keyId: string, id: string, change: ConversationChange): Promise<void> {
    const { settings, head_id: headId, title, folder, tags } = change;
    return this.#rows.change(keyId, id, {
      ...(title !== undefined && { title }),
      ...(folder !== undefined && { folder }),
      ...(tags !== undefined && { tags }),
      ...(settings !== undefined && { settings: this.#changed(() => settings) }),
      ...(headId !== undefined && { headId }),
    });
  }

  rename(keyId: string, id: string, title: string): Promise<void> {
    return this.#rows.change(keyId, id, { title });
  }

  delete(keyId: string, id: string): Promise<void> {
    return this.#rows.remove(keyId, id);
  }

  async settings(keyId: string, id: string): Promise<ConversationSettings> {
    return this.#whole((await this.#rows.find(keyId, id)).settings);
  }

  /** From now on the tool's calls in this conversation wait for nobody. */
  allowTool(keyId: string, id: string, toolId: string): Promise<void> {
    const settings = this.#changed(({ always_allowed: allowed }) => ({
      always_allowed: [...new Set([...allowed, toolId])],
    }));
    return this.#rows.change(keyId, id, { settings });
  }

  /** Root to leaf; null = an empty branch. */
  async branch(keyId: string, id: string, leafId: string | null): Promise<StoredMessage[]> {
    if (leafId === null) {
      await this.#rows.find(keyId, id);
      return [];
    }
    return this.#withFiles(id, await this.#rows.messages.branch(keyId, id, leafId));
  }

  /** Adds it below its parent and shows its branch. */
  append(keyId: string, id: string, message: NewUserMessage): Promise<StoredUserMessage>;
  append(keyId: string, id: string, message: NewMessage): Promise<StoredMessage>;
  async append(keyId: string, id: string, message: NewMessage): Promise<StoredMessage> {
    const row = toRow(message, new Date(this.#host.now()));
    await this.#rows.messages.append(keyId, id, row);
    const [stored] = await this.#withFiles(id, [row]);
    return stored!;
  }

  /** In the order of the ids. */
  async fileTexts(
    keyId: string,
    id: string,
    fileIds: readonly string[],
  ): Promise<{ ref: FileRef; text: string }[]> {
    const files = await this.#rows.files.texts(keyId, id, fileIds);
    return files.map((file) => ({ ref: fileRef(file), text: file.text }));
  }

  async addFile(
    keyId: string,
    id: string,
    { name, media_type: mediaType, bytes, text, tokens }: NewFile & { tokens: number },
  ): Promise<FileRef> {
    const file = {
      id: newFileId(),
      name,
      mediaType,
      bytes,
      text,
      tokens,
      characters: text.length,
    };
    await this.#rows.files.add(keyId, id, { file, now: new Date(this.#host.now()) });
    return fileRef(file);
  }

  removeFile(keyId: string, id: string, fileId: string): Promise<void> {
    return this.#rows.files.remove(keyId, id, fileId);
  }

  async #withFiles(id: string, rows: readonly MessageRecord[]): Promise<StoredMessage[]> {
    return fromRows(rows, namesFiles(rows) ? await this.#rows.files.list(id) : []);
  }

  #changed(change: (settings: ConversationSettings) => Partial<ConversationSettings>) {
    return (stored: unknown): ConversationSettings => {
      const settings = this.#whole(stored);
      return { ...settings, ...change(settings) };
    };
  }

  /** @throws ZodError: what somebody gives is not left out in silence, as what is old is */
  #given(settings: Partial<ConversationSettings>): ConversationSettings {
    return this.#whole(settingsChangeSchema.parse(settings));
  }

  #whole(settings: unknown): ConversationSettings {
    return wholeSettings(settings, this.#host.defaultSettings());
  }
}

export function newFileId(): string {
  return `file_${randomBytes(12).toString('hex')}`;
}

function summary(record: ConversationRecord | ConversationWithSettings): ConversationSummary {
  return {
    id: record.id,
    title: record.title,
    folder: record.folder,
    tags: record.tags,
    created_at: record.createdAt.toISOString(),
    updated_at: record.updatedAt.toISOString(),
    snippet: null,
  };
}
