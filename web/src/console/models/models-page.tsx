import { texts } from '../../i18n/language.js';

const words = texts({ en: { title: 'Models' }, zh: { title: 'Models' } });

export function ModelsPage() {
  return <p>{words().title}</p>;
}
