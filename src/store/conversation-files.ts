// The texts of files that questions refer to. A listing never reads them; one that a message holds
// stays as long as its conversation.

import type { Selectable } from 'kysely';
import { conversationMissing } from './conversation-rows.js';
import type { FileRecord, FileWithText } from './conversation-types.js';
import { storable } from './folded-text.js';
import type { Tables, Trx } from './schema.js';
import { ask, type StoreCore } from './store-core.js';
import { StoreError } from './store-error.js';

const MAX_FILES = 200;

const COLUMNS = ['id', 'name', 'media_type', 'bytes', 'characters', 'tokens'] as const;
type Columns = Pick<Selectable<Tables['conversation_files']>, (typeof COLUMNS)[number]>;

export class ConversationFiles {
  constructor(private readonly core: StoreCore) {}

  /** Without their texts. The caller has seen that the conversation is the key's. */
  async list(conversationId: string): Promise<FileRecord[]> {
    const rows = await ask(this.core, () =>
      this.core.engine.db
        .selectFrom('conversation_files')
        .select(COLUMNS)
        .where('conversation_id', '=', conversationId)
        .orderBy('created_at')
        .orderBy('id')
        .execute(),
    );
    return rows.map(fileRecord);
  }

  /** In the order of the ids. @throws StoreError not-found for one that the conversation lacks. */
  async texts(
    keyId: string,
    conversationId: string,
    ids: readonly string[],
  ): Promise<FileWithText[]> {
    if (ids.length === 0) return [];
    const rows = await ask(this.core, () =>
      this.core.engine.db
        .selectFrom('conversation_files as f')
        .innerJoin('conversations as c', 'c.id', 'f.conversation_id')
        .select(COLUMNS.map((column) => `f.${column}` as const))
        .select('f.text')
        .where('f.id', 'in', [...new Set(ids)])
        .where('c.id', '=', conversationId)
        .where('c.key_id', '=', keyId)
        .execute(),
    );
    const byId = new Map(rows.map((row) => [row.id, { ...fileRecord(row), text: row.text }]));
    return ids.map((id) => byId.get(id) ?? missing(id, conversationId));
  }

  /** @throws StoreError not-found, conflict when there are too many. */
  async add(
    keyId: string,
    conversationId: string,
    { file, now }: { file: FileWithText; now: Date },
  ): Promise<void> {
    await ask(this.core, () =>
      this.core.engine.db.transaction().execute(async (trx) => {
        const owner = await trx
          .selectFrom('conversations')
          .select('id')
          .where('id', '=', conversationId)
          .where('key_id', '=', keyId)
          .executeTakeFirst();
        if (!owner) throw conversationMissing(conversationId);
        const { count } = await trx
          .selectFrom('conversation_files')
          .select(({ fn }) => fn.countAll<bigint>().as('count'))
          .where('conversation_id', '=', conversationId)
          .executeTakeFirstOrThrow();
        checkCount(Number(count) + 1);
        await trx
          .insertInto('conversation_files')
          .values(fileColumns(conversationId, { file, now, isSent: false }))
          .execute();
      }),
    );
  }

  /** @throws StoreError not-found; conflict when a message holds it. */
  async remove(keyId: string, conversationId: string, id: string): Promise<void> {
    const { db } = this.core.engine;
    await ask(this.core, async () => {
      const { numDeletedRows } = await db
        .deleteFrom('conversation_files')
        .where('id', '=', id)
        .where('sent', '=', 0n)
        .where('conversation_id', 'in', (from) =>
          from
            .selectFrom('conversations')
            .select('id')
            .where('id', '=', conversationId)
            .where('key_id', '=', keyId),
        )
        .executeTakeFirst();
      if (numDeletedRows > 0n) return;
      const [{ name }] = (await this.texts(keyId, conversationId, [id])) as [FileWithText];
      const shown = JSON.stringify(name);
      throw new StoreError(
        'conflict',
        `${shown} belongs to a question and goes with the conversation`,
      );
    });
  }
}

/** Of a whole conversation: messages hold them. @throws StoreError conflict */
export async function insertFiles(
  trx: Trx,
  conversationId: string,
  files: readonly FileWithText[],
  now: Date,
): Promise<void> {
  checkCount(files.length);
  for (const file of files) {
    await trx
      .insertInto('conversation_files')
      .values(fileColumns(conversationId, { file, now, isSent: true }))
      .execute();
  }
}

function checkCount(count: number): void {
  if (count <= MAX_FILES) return;
  throw new StoreError(
    'conflict',
    `a conversation keeps ${MAX_FILES} files; this would be ${count}`,
  );
}

function fileRecord(row: Columns): FileRecord {
  return {
    id: row.id,
    name: row.name,
    mediaType: row.media_type,
    bytes: Number(row.bytes),
    characters: Number(row.characters),
    tokens: Number(row.tokens),
  };
}

function fileColumns(
  conversationId: string,
  { file, now, isSent }: { file: FileWithText; now: Date; isSent: boolean },
) {
  return {
    id: file.id,
    conversation_id: conversationId,
    name: file.name,
    media_type: file.mediaType,
    bytes: file.bytes,
    characters: file.characters,
    tokens: file.tokens,
    sent: isSent ? 1n : 0n,
    created_at: now.getTime(),
    text: storable(file.text),
  };
}

function missing(id: string, conversationId: string): never {
  throw new StoreError(
    'not-found',
    `there is no file ${JSON.stringify(id)} in conversation ${JSON.stringify(conversationId)}`,
  );
}
