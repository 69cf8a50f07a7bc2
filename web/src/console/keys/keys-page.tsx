import { texts } from '../../i18n/language.js';

const words = texts({ en: { title: 'Keys' }, zh: { title: 'Keys' } });

export function KeysPage() {
  return <p>{words().title}</p>;
}
