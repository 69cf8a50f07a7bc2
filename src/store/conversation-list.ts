// The list of a key's conversations: the newest first, a page at a time by place and not by number,
// so that the thousandth page costs what the first does. A search scans the folded texts of the key's
// messages until the page is full, and reads one message per conversation found.

import { sql } from 'kysely';
import { conversationRecord } from './conversation-rows.js';
import { messageRecord } from './conversation-messages.js';
import type { ConversationQuery, ConversationsPage, MessageRecord } from './conversation-types.js';
import { likeAnywhere } from './folded-text.js';
import type { Db } from './schema.js';

export async function listConversations(
  db: Db,
  keyId: string,
  { query = '', folder, tag, after, limit }: ConversationQuery,
): Promise<ConversationsPage> {
  const pattern = query === '' ? undefined : likeAnywhere(query);
  let select = db
    .selectFrom('conversations as c')
    .select(['c.id', 'c.title', 'c.folder', 'c.tags', 'c.head_id', 'c.created_at', 'c.updated_at'])
    .where('c.key_id', '=', keyId);
  if (folder !== undefined) select = select.where('c.folder', '=', folder);
  if (tag !== undefined) {
    // Within a string a quote follows a backslash, so this is an element. LIKE would ignore its case.
    const [first, later] = [`[${JSON.stringify(tag)}`, `,${JSON.stringify(tag)}`];
    select = select.where(
      sql<boolean>`replace(replace(c.tags, ${first}, ''), ${later}, '') <> c.tags`,
    );
  }
  if (pattern !== undefined) {
    select = select.where((where) =>
      where.or([
        sql<boolean>`c.folded_title LIKE ${pattern} ESCAPE '!'`,
        where.exists(
          where
            .selectFrom('conversation_messages as m')
            .select('m.id')
            .whereRef('m.conversation_id', '=', 'c.id')
            .where(sql<boolean>`m.folded_text LIKE ${pattern} ESCAPE '!'`),
        ),
      ]),
    );
  }
  if (after !== undefined) {
    const at = BigInt(after.updatedAt);
    select = select
      .where('c.updated_at', '<=', at) // what the index understands
      .where((where) => where.or([where('c.updated_at', '<', at), where('c.id', '<', after.id)]));
  }
  const rows = await select
    .orderBy('c.updated_at', 'desc')
    .orderBy('c.id', 'desc')
    .limit(limit + 1)
    .execute();
  const shown = rows.slice(0, limit);
  const matches =
    pattern === undefined
      ? undefined
      : await firstMatches(
          db,
          pattern,
          shown.map(({ id }) => id),
        );
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    conversations: shown.map((row) => ({
      ...conversationRecord(row),
      match: matches?.get(row.id),
    })),
    next: last && { updatedAt: Number(last.updated_at), id: last.id },
  };
}

async function firstMatches(
  db: Db,
  pattern: string,
  ids: readonly string[],
): Promise<Map<string, MessageRecord>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('conversation_messages as m')
    .innerJoin(
      (from) =>
        from
          .selectFrom('conversation_messages')
          .select(['conversation_id', ({ fn }) => fn.min('position').as('position')])
          .where('conversation_id', 'in', ids)
          .where(sql<boolean>`folded_text LIKE ${pattern} ESCAPE '!'`)
          .groupBy('conversation_id')
          .as('first'),
      (join) =>
        join
          .onRef('first.conversation_id', '=', 'm.conversation_id')
          .onRef('first.position', '=', 'm.position'),
    )
    .select(['m.id', 'm.conversation_id', 'm.parent_id', 'm.role', 'm.body', 'm.created_at'])
    .execute();
  return new Map(rows.map((row) => [row.conversation_id, messageRecord(row)]));
}
