// How this browser likes it: what Enter does, and the settings that new conversations begin with. Kept
// in local storage; nothing secret is.

import { signal } from '@preact/signals';
import type { Catalog, ConversationSettings } from '../../../src/web/wire.js';

export type EnterKey = 'send' | 'newline';

const ENTER = 'hadal.enter';
const NEW_CHAT = 'hadal.new-chat';

export const enterKey = signal<EnterKey>(
  localStorage.getItem(ENTER) === 'newline' ? 'newline' : 'send',
);

export function setEnterKey(value: EnterKey): void {
  localStorage.setItem(ENTER, value);
  enterKey.value = value;
}

/** The choices that outlive a conversation. */
export type NewChatChoices = Partial<
  Pick<ConversationSettings, 'model' | 'thinking' | 'system' | 'temperature' | 'approval' | 'tools'>
>;

export const newChatChoices = signal<NewChatChoices>(storedChoices());

export function setNewChatChoices(change: NewChatChoices): void {
  const next = { ...newChatChoices.value, ...change };
  localStorage.setItem(NEW_CHAT, JSON.stringify(next));
  newChatChoices.value = next;
}

export function forgetNewChatChoices(): void {
  localStorage.removeItem(NEW_CHAT);
  newChatChoices.value = {};
}

/** Settings of a conversation that begins now. */
export function newChatSettings({ default_settings }: Catalog): ConversationSettings {
  return { ...default_settings, ...newChatChoices.value };
}

/** What does not have its form, such as what an older page stored, is left out. */
function storedChoices(): NewChatChoices {
  let stored: unknown;
  try {
    stored = JSON.parse(localStorage.getItem(NEW_CHAT) ?? '{}');
  } catch {
    return {};
  }
  const { model, thinking, system, temperature, approval, tools } = (stored ?? {}) as Record<
    keyof NewChatChoices,
    unknown
  >;
  return {
    ...((model === 'standard' || model === 'speciale') && { model }),
    ...(typeof thinking === 'boolean' && { thinking }),
    ...(typeof system === 'string' && { system }),
    ...((typeof temperature === 'number' || temperature === null) && { temperature }),
    ...((approval === 'writes' || approval === 'all' || approval === 'never') && { approval }),
    ...(Array.isArray(tools) && { tools: tools.filter((id) => typeof id === 'string') }),
  };
}
