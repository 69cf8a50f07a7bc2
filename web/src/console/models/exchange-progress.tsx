// How far the exchange of the model is: replies that finish, then bytes that are read.

import type { ModelExchange } from '../../../../src/web/models-wire.js';
import { formatBytes } from '../../i18n/format.js';
import { modelWords } from './model-words.js';

export function ExchangeProgress({ exchange }: { exchange: ModelExchange }) {
  const t = modelWords();
  const { step, running, from, to, loaded_bytes: loaded, total_bytes: total } = exchange;
  const share = step === 'draining' || total === 0 ? 0 : loaded / total;
  const what = {
    draining: t.draining(running),
    loading: t.loading(total === 0 ? '' : `${formatBytes(loaded)} / ${formatBytes(total)}`),
    restoring: t.restoring,
  }[step];
  return (
    <div class="exchange" role="status">
      <h3>
        <span class="spinner" />
        {to === null ? t.unloading(from ?? '') : t.exchanging(from, to)}
      </h3>
      <p class="soft small">
        {what} {t.meanwhile}
      </p>
      <div
        class="meter"
        role="progressbar"
        aria-label={t.progress}
        aria-valuenow={Math.round(share * 100)}
      >
        <span style={{ width: `${share * 100}%` }} />
      </div>
    </div>
  );
}
