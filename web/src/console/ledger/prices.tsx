// What tokens cost, per million.

import type { Catalog } from '../../../../src/web/wire.js';
import { call } from '../../api/http.js';
import { formatMoney } from '../../i18n/format.js';
import { texts } from '../../i18n/language.js';
import { useLoad } from '../use-load.js';

const words = texts({
  en: {
    title: 'Prices',
    text: 'Per million tokens, the same for all names and modes; reasoning counts as output.',
    currency: 'Currency',
    hit: 'Input, cache hit',
    miss: 'Input, cache miss',
    output: 'Output',
  },
  zh: {
    title: '价格',
    text: '每百万词元，所有名称与模式价格相同；思考按输出计费。',
    currency: '币种',
    hit: '输入（缓存命中）',
    miss: '输入（缓存未命中）',
    output: '输出',
  },
});

export function Prices() {
  const t = words();
  const { value, problem } = useLoad((signal) => call<Catalog>('/web/v1/catalog', { signal }));
  return (
    <>
      <h2 class="section-title">{t.title}</h2>
      <p class="soft small">{problem ?? t.text}</p>
      {value && (
        <div class="card table-scroll" tabIndex={0} role="region" aria-label={t.title}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{t.currency}</th>
                {[t.hit, t.miss, t.output].map((label) => (
                  <th key={label} scope="col" class="number">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {Object.entries(value.prices).map(([currency, price]) => (
                <tr key={currency}>
                  <th scope="row">{currency}</th>
                  <td class="number">{formatMoney(price.cache_hit, currency)}</td>
                  <td class="number">{formatMoney(price.cache_miss, currency)}</td>
                  <td class="number">{formatMoney(price.output, currency)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
