// The conversations that this page has open: one object each, so that a run goes on being followed
// while another conversation is shown.

import { effect } from '@preact/signals';
import { session } from '../api/session.js';
import { Chat } from './chat.js';

/** Idle ones beyond this are forgotten; the server has them. */
const MAX_OPEN = 12;

const open = new Map<string, Chat>();
let fresh: Chat | undefined;

/** null = the one that begins with the next question. */
export function chatOf(id: string | null): Chat {
  if (id === null) return (fresh ??= new Chat(null, keep));
  // It has its address now: the next new one is another.
  if (fresh?.id.value === id) fresh = undefined;
  const known = open.get(id);
  if (known) {
    open.delete(id); // to the end: used last
    open.set(id, known);
    return known;
  }
  const chat = new Chat(id, keep);
  open.set(id, chat);
  forgetOldest();
  return chat;
}

/** A new chat became a conversation. */
function keep(chat: Chat, id: string): void {
  open.set(id, chat);
  forgetOldest();
}

/** Deleted on the server. */
export function forgetChat(id: string): void {
  open.get(id)?.run.peek()?.leave();
  open.delete(id);
}

function forgetAll(): void {
  for (const id of open.keys()) forgetChat(id);
  fresh = undefined;
}

function forgetOldest(): void {
  for (const [id, chat] of open) {
    if (open.size <= MAX_OPEN) return;
    if (chat.isIdle) open.delete(id);
  }
}

// Whoever signs in next sees nothing of whoever was here.
let owner: string | undefined;
effect(() => {
  const now = session.value?.key?.id;
  if (now !== owner) forgetAll();
  owner = now;
});
