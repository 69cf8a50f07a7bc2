import { texts } from '../../i18n/language.js';

const words = texts({ en: { title: 'Overview' }, zh: { title: 'Overview' } });

export function OverviewPage() {
  return <p>{words().title}</p>;
}
