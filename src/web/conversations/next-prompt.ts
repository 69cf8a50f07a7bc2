// The prompt of a branch with its files' texts and the tools of the settings, read from where they
// are kept: what the next request of a conversation would hold.

import type { WireMessage, WireTool } from '../web-host.js';
import type { ConversationSettings, StoredMessage } from '../wire.js';
import type { ConversationStore } from './conversation-store.js';
import { fileIdsOf, promptMessages } from './prompt.js';

/** The definitions that a request with these settings offers the model. */
export type ToolsFor = (
  keyId: string,
  settings: ConversationSettings,
) => WireTool[] | Promise<WireTool[]>;

export interface NextPrompt {
  messages: WireMessage[];
  tools: WireTool[];
  thinking: boolean;
}

export async function nextPrompt(
  { store, toolsFor }: { store: ConversationStore; toolsFor: ToolsFor },
  {
    keyId,
    conversationId,
    branch,
    settings,
  }: {
    keyId: string;
    /** null = none, and then no message holds a file. */
    conversationId: string | null;
    branch: readonly StoredMessage[];
    settings: ConversationSettings;
  },
): Promise<NextPrompt> {
  const isSpeciale = settings.model === 'speciale';
  const texts =
    conversationId === null ? [] : await store.fileTexts(keyId, conversationId, fileIdsOf(branch));
  const files = new Map(texts.map(({ ref, text }) => [ref.id, { name: ref.name, text }]));
  const thinking = isSpeciale || settings.thinking;
  return {
    messages: promptMessages(branch, { system: settings.system, thinking, files }),
    tools: isSpeciale ? [] : await toolsFor(keyId, settings),
    thinking,
  };
}
