import { texts } from '../i18n/language.js';
import { Page } from '../shell/page.js';

const words = texts({ en: { title: 'compare' }, zh: { title: 'compare' } });

export function ComparePage() {
  return (
    <Page title={words().title}>
      <p>{words().title}</p>
    </Page>
  );
}
