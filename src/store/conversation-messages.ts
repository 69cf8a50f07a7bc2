// Messages as rows: a tree by parent, in the order in which they came. Adding one writes one row and
// moves the head of its conversation; a branch is read from its leaf up, by primary key.

import { type Selectable, sql } from 'kysely';
import { conversationMissing } from './conversation-rows.js';
import type { MessageRecord, NewMessageRecord } from './conversation-types.js';
import { foldCase, storable } from './folded-text.js';
import type { Db, Tables, Trx } from './schema.js';
import { ask, type StoreCore } from './store-core.js';
import { StoreError } from './store-error.js';

const MAX_MESSAGES = 20_000n;
const MAX_BODY_CHARACTERS = 8 * 1024 * 1024;
/** Rows of one statement: both databases limit its parameters. */
const INSERT_ROWS = 200;

const COLUMNS = ['id', 'parent_id', 'role', 'body', 'created_at'] as const;
type Columns = Pick<Selectable<Tables['conversation_messages']>, (typeof COLUMNS)[number]>;

export class ConversationMessages {
  constructor(private readonly core: StoreCore) {}

  /** All branches, the oldest first. The caller has seen that the conversation is the key's. */
  async all(conversationId: string): Promise<MessageRecord[]> {
    const rows = await ask(this.core, () =>
      this.core.engine.db
        .selectFrom('conversation_messages')
        .select(COLUMNS)
        .where('conversation_id', '=', conversationId)
        .orderBy('position')
        .execute(),
    );
    return rows.map(messageRecord);
  }

  /** From the root to the leaf. @throws StoreError not-found */
  async branch(keyId: string, conversationId: string, leafId: string): Promise<MessageRecord[]> {
    // Only ids climb: bodies are read once, at the end.
    const { rows } = await ask(this.core, () =>
      sql<Columns>`
        WITH RECURSIVE ancestors (id, parent_id) AS (
          SELECT m.id, m.parent_id FROM conversation_messages AS m
          JOIN conversations AS c ON c.id = m.conversation_id AND c.key_id = ${keyId}
          WHERE m.id = ${leafId} AND m.conversation_id = ${conversationId}
          UNION
          SELECT p.id, p.parent_id FROM conversation_messages AS p
          JOIN ancestors AS a ON p.id = a.parent_id
        )
        SELECT m.id, m.parent_id, m.role, m.body, m.created_at
        FROM ancestors JOIN conversation_messages AS m ON m.id = ancestors.id
        ORDER BY m.position
      `.execute(this.core.engine.db),
    );
    if (rows.length > 0) return rows.map(messageRecord);
    throw new StoreError(
      'not-found',
      `there is no message ${JSON.stringify(leafId)} in conversation ${JSON.stringify(conversationId)}`,
    );
  }

  /**
   * Adds it and makes it the head.
   * @throws StoreError not-found; invalid for a parent or file of another conversation; conflict when
   * it is full.
   */
  async append(keyId: string, conversationId: string, message: NewMessageRecord): Promise<void> {
    const { id, createdAt, parentId, fileIds } = message;
    await ask(this.core, () =>
      this.core.engine.db.transaction().execute(async (trx) => {
        // First, since it makes others who add to this conversation wait.
        const { numUpdatedRows } = await trx
          .updateTable('conversations')
          .set({ head_id: id, updated_at: createdAt.getTime() })
          .where('id', '=', conversationId)
          .where('key_id', '=', keyId)
          .executeTakeFirst();
        if (numUpdatedRows === 0n) throw conversationMissing(conversationId);
        if (parentId !== null && !(await holdsMessage(trx, conversationId, parentId))) {
          throw new StoreError(
            'invalid',
            `${JSON.stringify(parentId)} is no message of ${conversationId}`,
          );
        }
        await markSent(trx, conversationId, fileIds);
        const firstPosition = await nextPosition(trx, conversationId);
        await insertMessages(trx, conversationId, { messages: [message], firstPosition });
      }),
    );
  }
}

/** @throws StoreError invalid, conflict */
export async function insertMessages(
  trx: Trx,
  conversationId: string,
  { messages, firstPosition }: { messages: readonly NewMessageRecord[]; firstPosition: bigint },
): Promise<void> {
  const total = firstPosition + BigInt(messages.length);
  if (total > MAX_MESSAGES) {
    throw new StoreError(
      'conflict',
      `a conversation keeps ${MAX_MESSAGES} messages; this has ${total}`,
    );
  }
  const rows = messages.map(({ id, parentId, role, body, text, createdAt }, index) => ({
    id,
    conversation_id: conversationId,
    parent_id: parentId,
    role,
    body: bodyText(body),
    created_at: createdAt.getTime(),
    position: firstPosition + BigInt(index),
    folded_text: foldCase(storable(text)),
  }));
  for (let start = 0; start < rows.length; start += INSERT_ROWS) {
    const part = rows.slice(start, start + INSERT_ROWS);
    await trx.insertInto('conversation_messages').values(part).execute();
  }
}

export async function holdsMessage(
  db: Db | Trx,
  conversationId: string,
  id: string,
): Promise<boolean> {
  const row = await db
    .selectFrom('conversation_messages')
    .select('id')
    .where('id', '=', id)
    .where('conversation_id', '=', conversationId)
    .executeTakeFirst();
  return row !== undefined;
}

export function messageRecord(row: Columns): MessageRecord {
  return {
    id: row.id,
    parentId: row.parent_id,
    role: row.role,
    body: JSON.parse(row.body) as unknown,
    createdAt: new Date(Number(row.created_at)),
  };
}

async function nextPosition(trx: Trx, conversationId: string): Promise<bigint> {
  const last = await trx
    .selectFrom('conversation_messages')
    .select('position')
    .where('conversation_id', '=', conversationId)
    .orderBy('position', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last === undefined ? 0n : last.position + 1n;
}

async function markSent(
  trx: Trx,
  conversationId: string,
  fileIds: readonly string[],
): Promise<void> {
  for (const fileId of fileIds) {
    const { numUpdatedRows } = await trx
      .updateTable('conversation_files')
      .set({ sent: 1n })
      .where('id', '=', fileId)
      .where('conversation_id', '=', conversationId)
      .executeTakeFirst();
    if (numUpdatedRows > 0n) continue;
    throw new StoreError('invalid', `${JSON.stringify(fileId)} is no file of ${conversationId}`);
  }
}

/** JSON keeps every string, also those that no column takes: NUL and half pairs are escaped. */
function bodyText(body: unknown): string {
  const text = JSON.stringify(body);
  if (text.length <= MAX_BODY_CHARACTERS) return text;
  throw new StoreError(
    'invalid',
    `a message takes up to ${MAX_BODY_CHARACTERS} characters; this one has ${text.length}`,
  );
}
