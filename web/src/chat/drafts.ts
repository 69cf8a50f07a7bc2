// What was typed and not sent, per conversation; survives a reload. Forgotten at sign-out (session.ts).

const nameOf = (conversationId: string | null) => `hadal.draft.${conversationId ?? 'new'}`;

export function draftOf(conversationId: string | null): string {
  return localStorage.getItem(nameOf(conversationId)) ?? '';
}

export function keepDraft(conversationId: string | null, text: string): void {
  try {
    if (text === '') localStorage.removeItem(nameOf(conversationId));
    else localStorage.setItem(nameOf(conversationId), text);
  } catch {
    // Full, or not allowed in this window: the text is still in the field.
  }
}
