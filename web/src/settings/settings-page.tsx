import { texts } from '../i18n/language.js';
import { Page } from '../shell/page.js';

const words = texts({ en: { title: 'settings' }, zh: { title: 'settings' } });

export function SettingsPage() {
  return (
    <Page title={words().title}>
      <p>{words().title}</p>
    </Page>
  );
}
