import { texts } from '../i18n/language.js';
import { Page } from '../shell/page.js';

const words = texts({ en: { title: 'docs' }, zh: { title: 'docs' } });

export function DocsPage() {
  return (
    <Page title={words().title}>
      <p>{words().title}</p>
    </Page>
  );
}
