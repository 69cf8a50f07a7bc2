// The conversation store of the web layer over a real database, with a clock that stands still.

import { openPlatform, type PlatformOptions } from '../../src/store/open-platform.js';
import type { PlatformStore } from '../../src/store/platform-store.js';
import { ConversationStore } from '../../src/web/conversations/conversation-store.js';
import type { ConversationSettings } from '../../src/web/wire.js';

export const SETTINGS: ConversationSettings = {
  model: 'standard',
  thinking: true,
  system: '',
  temperature: null,
  max_tokens: null,
  tools: [],
  approval: 'writes',
  always_allowed: [],
  lab: null,
};

export interface Opened {
  store: ConversationStore;
  platform: PlatformStore;
  clock: { now: number };
  close(): Promise<void>;
}

export async function conversationsOn(options: PlatformOptions): Promise<Opened> {
  const clock = { now: Date.parse('2026-01-02T03:04:05Z') };
  const platform = await openPlatform({ ...options, now: () => clock.now });
  const store = new ConversationStore({
    platform,
    now: () => clock.now,
    defaultSettings: () => SETTINGS,
  });
  return { store, platform, clock, close: () => platform.close() };
}
