// The form of an exported conversation. Apart from what writes it: the page makes one too.

import type { ConversationSettings, FileRef, StoredMessage } from '../../wire.js';

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
