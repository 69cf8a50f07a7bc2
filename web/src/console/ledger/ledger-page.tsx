import { texts } from '../../i18n/language.js';

const words = texts({ en: { title: 'Ledger' }, zh: { title: 'Ledger' } });

export function LedgerPage() {
  return <p>{words().title}</p>;
}
