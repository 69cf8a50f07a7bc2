import { texts } from '../../i18n/language.js';

const words = texts({ en: { title: 'Requests' }, zh: { title: 'Requests' } });

export function RequestsPage() {
  return <p>{words().title}</p>;
}
