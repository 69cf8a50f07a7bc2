// Conversations of a key: made, found, changed, removed. Everything is bound to the key's id, so the
// conversation of another key is one that does not exist. What messages and settings mean is the web
// layer's; here they are JSON. Messages and files are in conversation-messages.ts and -files.ts.

import { ConversationFiles, insertFiles } from './conversation-files.js';
import { listConversations } from './conversation-list.js';
import { ConversationMessages, holdsMessage, insertMessages } from './conversation-messages.js';
import { conversationMissing, conversationRecord } from './conversation-rows.js';
import type {
  ConversationEdit,
  ConversationQuery,
  ConversationsPage,
  ConversationWithSettings,
  FileWithText,
  NewMessageRecord,
} from './conversation-types.js';
import { foldCase, storable } from './folded-text.js';
import type { Trx } from './schema.js';
import { ask, type StoreCore } from './store-core.js';
import { StoreError } from './store-error.js';

const MAX_CONVERSATIONS = 20_000;

export interface NewConversation {
  conversation: ConversationWithSettings;
  /** Parents before children. */
  messages?: readonly NewMessageRecord[];
  files?: readonly FileWithText[];
}

export class Conversations {
  readonly messages: ConversationMessages;
  readonly files: ConversationFiles;

  constructor(private readonly core: StoreCore) {
    this.messages = new ConversationMessages(core);
    this.files = new ConversationFiles(core);
  }

  /** All of it or nothing. @throws StoreError conflict when the key has too many. */
  async create(keyId: string, { conversation, messages = [], files = [] }: NewConversation) {
    const { id, createdAt, updatedAt, headId } = conversation;
    await this.#change(async (trx) => {
      const { count } = await trx
        .selectFrom('conversations')
        .select(({ fn }) => fn.countAll<bigint>().as('count'))
        .where('key_id', '=', keyId)
        .executeTakeFirstOrThrow();
      if (count >= BigInt(MAX_CONVERSATIONS)) {
        throw new StoreError(
          'conflict',
          `this key has ${count} conversations, which is the most that are kept: delete some`,
        );
      }
      await trx
        .insertInto('conversations')
        .values({
          id,
          key_id: keyId,
          ...titleColumns(conversation.title),
          folder: conversation.folder,
          tags: JSON.stringify(conversation.tags),
          settings: JSON.stringify(conversation.settings),
          head_id: headId,
          created_at: createdAt.getTime(),
          updated_at: updatedAt.getTime(),
        })
        .execute();
      await insertFiles(trx, id, files, createdAt);
      await insertMessages(trx, id, { messages, firstPosition: 0n });
    });
  }

  /** @throws StoreError not-found */
  async find(keyId: string, id: string): Promise<ConversationWithSettings> {
    const row = await ask(this.core, () =>
      this.core.engine.db
        .selectFrom('conversations')
        .selectAll()
        .where('id', '=', id)
        .where('key_id', '=', keyId)
        .executeTakeFirst(),
    );
    if (!row) throw conversationMissing(id);
    return { ...conversationRecord(row), settings: JSON.parse(row.settings) as unknown };
  }

  /** The newest first; reads no message that is not a match. */
  list(keyId: string, query: ConversationQuery): Promise<ConversationsPage> {
    return ask(this.core, () => listConversations(this.core.engine.db, keyId, query));
  }

  /** What the key's conversations are filed under, sorted. */
  async places(keyId: string): Promise<{ folders: string[]; tags: string[] }> {
    const { db } = this.core.engine;
    const rows = await ask(this.core, () =>
      db
        .selectFrom('conversations')
        .select(['folder', 'tags'])
        .where('key_id', '=', keyId)
        .distinct()
        .execute(),
    );
    const folders = rows.flatMap(({ folder }) => (folder === null ? [] : [folder]));
    const tags = rows.flatMap((row) => JSON.parse(row.tags) as string[]);
    return { folders: sortedSet(folders), tags: sortedSet(tags) };
  }

  /** All of it or nothing. @throws StoreError not-found; invalid for a head that is no message of it */
  async change(keyId: string, id: string, edit: ConversationEdit): Promise<void> {
    await this.#change(async (trx) => {
      const { title, folder, tags, settings, headId } = edit;
      // First, since it makes others who change this conversation wait.
      const { numUpdatedRows } = await trx
        .updateTable('conversations')
        .set({
          key_id: keyId, // so that there is always something to set
          ...(title !== undefined && titleColumns(title)),
          ...(folder !== undefined && { folder }),
          ...(tags !== undefined && { tags: JSON.stringify(tags) }),
          ...(headId !== undefined && { head_id: headId }),
        })
        .where('id', '=', id)
        .where('key_id', '=', keyId)
        .executeTakeFirst();
      if (numUpdatedRows === 0n) throw conversationMissing(id);
      if (settings !== undefined) await changeSettings(trx, id, settings);
      if (headId == null || (await holdsMessage(trx, id, headId))) return;
      throw new StoreError('invalid', `${JSON.stringify(headId)} is no message of ${id}`);
    });
  }

  /** With its messages and files. @throws StoreError not-found */
  async remove(keyId: string, id: string): Promise<void> {
    const { numDeletedRows } = await ask(this.core, () =>
      this.core.engine.db
        .deleteFrom('conversations')
        .where('id', '=', id)
        .where('key_id', '=', keyId)
        .executeTakeFirst(),
    );
    if (numDeletedRows === 0n) throw conversationMissing(id);
  }

  #change(change: (trx: Trx) => Promise<void>): Promise<void> {
    return ask(this.core, () => this.core.engine.db.transaction().execute(change));
  }
}

async function changeSettings(
  trx: Trx,
  id: string,
  change: (settings: unknown) => unknown,
): Promise<void> {
  const { settings } = await trx
    .selectFrom('conversations')
    .select('settings')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  await trx
    .updateTable('conversations')
    .set({ settings: JSON.stringify(change(JSON.parse(settings))) })
    .where('id', '=', id)
    .execute();
}

function titleColumns(title: string) {
  const text = storable(title);
  return { title: text, folded_title: foldCase(text) };
}

function sortedSet(names: readonly string[]): string[] {
  return [...new Set(names)].toSorted((a, b) => a.localeCompare(b));
}
