import { texts } from '../../i18n/language.js';

const words = texts({ en: { title: 'Live' }, zh: { title: 'Live' } });

export function LivePage() {
  return <p>{words().title}</p>;
}
