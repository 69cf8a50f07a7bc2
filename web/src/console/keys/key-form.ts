// The form of a key's limits as typed, what is wrong with it, and the requests it becomes.

import type { KeyJson } from '../../../../src/server/admin/admin-json.js';
import { texts } from '../../i18n/language.js';
import type { KeyLimitsBody } from '../admin-client.js';

const words = texts({
  en: {
    concurrency: 'A whole number from 1 to 1000000, or nothing.',
    date: 'Choose a moment in the future.',
  },
  zh: { concurrency: '请输入 1 到 1000000 的整数，或留空。', date: '请选择将来的时刻。' },
});

export const EXPIRIES = ['keep', 'never', '7d', '30d', '90d', '1y', 'date'] as const;
export type Expiry = (typeof EXPIRIES)[number];

export interface KeyForm {
  name: string;
  /** Empty: the server's default. */
  profile: string;
  leniencies: string[];
  concurrency: string;
  expiry: Expiry;
  /** Of a field for local date and time. */
  date: string;
}

const DAY_MS = 86_400_000;
const DAYS = { '7d': 7, '30d': 30, '90d': 90, '1y': 365 } as const;
const MAX_CONCURRENCY = 1_000_000;

export const NEW_KEY_FORM: KeyForm = {
  name: '',
  profile: '',
  leniencies: [],
  concurrency: '',
  expiry: 'never',
  date: '',
};

export function formOf(key: KeyJson): KeyForm {
  return {
    name: key.name,
    profile: key.profile ?? '',
    leniencies: key.leniencies,
    concurrency: key.max_concurrency === null ? '' : String(key.max_concurrency),
    expiry: 'keep',
    date: '',
  };
}

export function problemsOf(form: KeyForm, now: number): { concurrency?: string; date?: string } {
  const { concurrency, expiry, date } = form;
  const count = Number(concurrency);
  const isCount =
    concurrency.trim() === '' ||
    (Number.isInteger(count) && count >= 1 && count <= MAX_CONCURRENCY);
  const isDate = expiry !== 'date' || Date.parse(date) > now;
  return {
    ...(!isCount && { concurrency: words().concurrency }),
    ...(!isDate && { date: words().date }),
  };
}

/** Everything the form says; null = the server's default. */
export function bodyOf(form: KeyForm, now: number): KeyLimitsBody {
  const { name, profile, leniencies, concurrency } = form;
  const expiresAt = expiryOf(form, now);
  return {
    ...(name.trim() !== '' && { name: name.trim() }),
    profile: profile === '' ? null : profile,
    leniencies: profile === 'agents' ? [] : leniencies,
    max_concurrency: concurrency.trim() === '' ? null : Number(concurrency),
    ...(expiresAt !== undefined && { expires_at: expiresAt }),
  };
}

/** undefined = as it is. */
function expiryOf({ expiry, date }: KeyForm, now: number): string | null | undefined {
  switch (expiry) {
    case 'keep':
      return undefined;
    case 'never':
      return null;
    case 'date':
      return new Date(date).toISOString();
    default:
      return new Date(now + DAYS[expiry] * DAY_MS).toISOString();
  }
}
