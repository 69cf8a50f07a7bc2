// The whole of a conversation as JSON: settings, all branches, files with their texts. What an import
// reads again without loss; ids inside it hold within it only.

import type { ConversationSettings, FileRef, StoredMessage } from '../../wire.js';
import type { StoredConversation } from '../conversation-store.js';

export const EXPORT_VERSION = 1;

export interface ExportedConversation {
  /** Which form this is. */
  hadal_conversation: typeof EXPORT_VERSION;
  title: string;
  folder: string | null;
  tags: string[];
  created_at: string;
  updated_at: string;
  settings: ConversationSettings;
  head_id: string | null;
  messages: StoredMessage[];
  /** Of the files that messages hold. */
  files: (FileRef & { text: string })[];
}

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
