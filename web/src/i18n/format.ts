// Numbers, times and money as people of the page's language read them.

import { locale } from './language.js';

const known = new Map<string, Intl.NumberFormat>();

function numberFormat(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = `${locale()} ${JSON.stringify(options)}`;
  let format = known.get(key);
  if (!format) known.set(key, (format = new Intl.NumberFormat(locale(), options)));
  return format;
}

export function formatNumber(value: number, maximumFractionDigits = 0): string {
  return numberFormat({ maximumFractionDigits }).format(value);
}

/** 1234 -> 1.2k: for labels with little room. */
export function formatCompact(value: number): string {
  return value < 1000 ? formatNumber(value, 1) : `${formatNumber(value / 1000, 1)}k`;
}

export function formatPercent(share: number, maximumFractionDigits = 0): string {
  return numberFormat({ style: 'percent', maximumFractionDigits }).format(share);
}

/** 340 ms, 4.2 s, 3 min 5 s. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${formatNumber(ms / 1000, 1)} s`;
  const minutes = Math.floor(ms / 60_000);
  return `${minutes} min ${Math.round((ms - minutes * 60_000) / 1000)} s`;
}

const SIZES = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

export function formatBytes(bytes: number): string {
  const power = Math.min(SIZES.length - 1, Math.max(0, Math.floor(Math.log2(bytes || 1) / 10)));
  return `${formatNumber(bytes / 1024 ** power, power === 0 ? 0 : 1)} ${SIZES[power]}`;
}

export function formatTime(iso: string): string {
  return new Intl.DateTimeFormat(locale(), {
    dateStyle: 'medium',
    timeStyle: 'short',
  }).format(new Date(iso));
}

/** Exact decimal text such as "0.000123" with its currency's sign; keeps two digits that matter. */
export function formatMoney(amount: string, currency: string): string {
  const value = Number(amount);
  const digits =
    value === 0 || Math.abs(value) >= 1 ? 2 : Math.ceil(-Math.log10(Math.abs(value))) + 1;
  return numberFormat({
    style: 'currency',
    currencyDisplay: 'narrowSymbol',
    currency,
    minimumFractionDigits: 2,
    maximumFractionDigits: Math.min(12, Math.max(2, digits)),
  }).format(value);
}
