import { texts } from '../../i18n/language.js';

const words = texts({ en: { title: 'Usage' }, zh: { title: 'Usage' } });

export function UsagePage() {
  return <p>{words().title}</p>;
}
