// Rows of conversations to records, and the one way to say that there is none: another key's
// conversation and none at all cannot be told apart.

import type { Selectable } from 'kysely';
import type { ConversationRecord } from './conversation-types.js';
import type { Tables } from './schema.js';
import { StoreError } from './store-error.js';

export function conversationRecord(
  row: Omit<Selectable<Tables['conversations']>, 'settings' | 'key_id' | 'folded_title'>,
): ConversationRecord {
  return {
    id: row.id,
    title: row.title,
    folder: row.folder,
    tags: JSON.parse(row.tags) as string[],
    headId: row.head_id,
    createdAt: new Date(Number(row.created_at)),
    updatedAt: new Date(Number(row.updated_at)),
  };
}

export function conversationMissing(id: string): StoreError {
  return new StoreError('not-found', `there is no conversation ${JSON.stringify(id)}`);
}
