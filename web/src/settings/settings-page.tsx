// Settings of this browser and the session: how it looks, how it is written in, what new conversations
// begin with, who is signed in, which keys do what.

import { texts } from '../i18n/language.js';
import { Page } from '../shell/page.js';
import { AboutCard } from './about-card.js';
import { LooksCard } from './looks-card.js';
import { NewChatCard } from './new-chat-card.js';
import { SessionCard } from './session-card.js';
import { ShortcutsCard } from './shortcuts-card.js';
import './settings.css';

const words = texts({ en: { title: 'Settings' }, zh: { title: '设置' } });

export function SettingsPage() {
  return (
    <Page title={words().title}>
      <div class="settings">
        <LooksCard />
        <NewChatCard />
        <SessionCard />
        <ShortcutsCard />
        <AboutCard />
      </div>
    </Page>
  );
}
