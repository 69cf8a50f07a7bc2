// The whole of a conversation as JSON: settings, all branches, files with their texts. What an import
// reads again without loss; ids inside it hold within it only.

import type { FileRef } from '../../wire.js';
import type { StoredConversation } from '../conversation-store.js';
import { EXPORT_VERSION, type ExportedConversation } from './exported-conversation.js';

export function jsonExport(
  conversation: StoredConversation,
  files: readonly { ref: FileRef; text: string }[],
): string {
  const { title, folder, tags, created_at, updated_at, settings, head_id, messages } = conversation;
  const exported: ExportedConversation = {
    hadal_conversation: EXPORT_VERSION,
    title,
    folder,
    tags,
    created_at,
    updated_at,
    settings,
    head_id,
    messages,
    files: files.map(({ ref, text }) => ({ ...ref, text })),
  };
  return `${JSON.stringify(exported, null, 2)}\n`;
}
