import { texts } from '../i18n/language.js';
import { Page } from '../shell/page.js';

const words = texts({ en: { title: 'playground' }, zh: { title: 'playground' } });

export function PlaygroundPage() {
  return (
    <Page title={words().title}>
      <p>{words().title}</p>
    </Page>
  );
}
