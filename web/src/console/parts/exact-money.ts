// Money with every digit that is there: in a ledger nothing is rounded away.

import { locale } from '../../i18n/language.js';

export function exactMoney(amount: string, currency: string): string {
  const digits = amount.split('.')[1]?.length ?? 0;
  return new Intl.NumberFormat(locale(), {
    style: 'currency',
    currencyDisplay: 'narrowSymbol',
    currency,
    minimumFractionDigits: 2,
    maximumFractionDigits: Math.max(2, digits),
  }).format(Number(amount));
}
