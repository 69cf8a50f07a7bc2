import { texts } from '../i18n/language.js';
import { Page } from '../shell/page.js';

const words = texts({ en: { title: 'chat' }, zh: { title: 'chat' } });

export function ChatPage() {
  return (
    <Page title={words().title}>
      <p>{words().title}</p>
    </Page>
  );
}
