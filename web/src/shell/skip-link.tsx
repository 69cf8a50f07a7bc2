// For those who go by keyboard: past the navigation to what the page is about.

import { texts } from '../i18n/language.js';

const words = texts({ en: { skip: 'Skip to content' }, zh: { skip: '跳到正文' } });

export function SkipLink() {
  return (
    <a
      class="skip-link"
      href="#main"
      onClick={(event) => {
        event.preventDefault();
        document.getElementById('main')?.focus();
      }}
    >
      {words().skip}
    </a>
  );
}
