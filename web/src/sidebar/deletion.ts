// Deleting that can be taken back: a conversation goes from the list at once and from the server when
// the message about it has gone, or when the page is left.

import type { ConversationSummary } from '../../../src/web/wire.js';
import { call, messageOf } from '../api/http.js';
import { forgetChat } from '../chat/chats.js';
import { texts } from '../i18n/language.js';
import { toast } from '../ui/toasts.js';
import { conversationList } from './conversation-list.js';
import { shownTitle } from './shown-title.js';

const words = texts({
  en: {
    deleted: (title: string) => `Deleted “${title}”`,
    undo: 'Undo',
    failed: (reason: string) => `It could not be deleted: ${reason}`,
  },
  zh: {
    deleted: (title: string) => `已删除“${title}”`,
    undo: '撤销',
    failed: (reason: string) => `删除失败：${reason}`,
  },
});

/** As long as the message with its button is shown. */
const UNDO_MS = 6000;

const waiting = new Map<string, ReturnType<typeof setTimeout>>();

export function deleteWithUndo(conversation: ConversationSummary): void {
  const { id } = conversation;
  conversationList.hide(id);
  waiting.set(
    id,
    setTimeout(() => void deleteNow(conversation), UNDO_MS),
  );
  toast(words().deleted(shownTitle(conversation)), {
    label: words().undo,
    run: () => {
      // It may have gone already, when the message stood longer than its time.
      if (!waiting.has(id)) return;
      clearTimeout(waiting.get(id));
      waiting.delete(id);
      conversationList.bringBack(conversation);
    },
  });
}

async function deleteNow(conversation: ConversationSummary): Promise<void> {
  const { id } = conversation;
  waiting.delete(id);
  try {
    await call(`/web/v1/conversations/${id}`, { method: 'DELETE' });
    forgetChat(id);
  } catch (error) {
    conversationList.bringBack(conversation);
    toast(words().failed(messageOf(error)));
  }
}

addEventListener('pagehide', () => {
  for (const [id, timer] of waiting) {
    clearTimeout(timer);
    // Sent also when the page is gone; nobody is there to hear of a failure.
    fetch(`/web/v1/conversations/${id}`, {
      method: 'DELETE',
      keepalive: true,
      headers: { 'x-hadal-web': '1' },
    }).catch(() => {});
  }
  waiting.clear();
});
