// How a request ended, or where it is, as a badge: never told by colour alone.

import type { RequestRow } from '../../../../src/web/requests-wire.js';
import { texts } from '../../i18n/language.js';
import { requestWords } from './request-words.js';

const words = texts({ en: { cut: 'cut' }, zh: { cut: '中断' } });

type Shown = Pick<RequestRow, 'state' | 'status' | 'abort_reason' | 'error'>;

export function StatusBadge({ state, status, abort_reason: abortReason, error }: Shown) {
  if (state !== 'ended') {
    return <span class="badge accent">{requestWords().states[state]}</span>;
  }
  const isCut = abortReason !== null;
  const isBad = status === null || status >= 500 || (status < 400 && error !== null);
  const kind = isBad ? 'bad' : isCut || status >= 400 ? 'warn' : 'good';
  return (
    <span class={`badge numbers ${kind}`} title={abortReason ?? error?.message ?? undefined}>
      {status}
      {isCut && ` ${words().cut}`}
    </span>
  );
}
