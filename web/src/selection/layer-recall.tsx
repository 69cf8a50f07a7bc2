// Recall of every layer: how much of dense attention lies on what it kept, beside the best that as many
// positions could hold and what a sliding window would.

import type { SelectionLayer } from '../../../src/web/models-wire.js';
import { formatNumber, formatPercent } from '../i18n/format.js';
import { selectionWords } from './selection-words.js';

export interface LayerRecallProps {
  layers: readonly SelectionLayer[];
  /** Index among them; null = none. */
  chosen: number | null;
  onChoose: (index: number) => void;
}

export function LayerRecall({ layers, chosen, onChoose }: LayerRecallProps) {
  const t = selectionWords();
  return (
    <div class="layer-recall">
      <h3>{t.recallByLayer}</h3>
      <ul>
        {layers.map((layer, index) => (
          <li key={layer.layer}>
            <button
              type="button"
              aria-pressed={index === chosen}
              title={t.neverInLayer(formatNumber(layer.never_kept))}
              onClick={() => onChoose(index)}
            >
              <span class="layer-name">{t.layerName(layer.layer)}</span>
              <span class="layer-track">
                <span class="layer-mean" style={{ width: `${100 * layer.recall.mean}%` }} />
                <i class="layer-window" style={{ left: `${100 * layer.window_recall}%` }} />
                <i class="layer-best" style={{ left: `${100 * layer.best_recall}%` }} />
              </span>
              <span class="layer-value numbers">{formatPercent(layer.recall.mean, 1)}</span>
              <span class="visually-hidden">
                {t.layerFacts(
                  formatPercent(layer.best_recall, 1),
                  formatPercent(layer.window_recall, 1),
                )}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p class="layer-legend small soft" aria-hidden="true">
        <span>
          <i class="layer-mean" /> {t.kept}
        </span>
        <span>
          <i class="layer-best" /> {t.best}
        </span>
        <span>
          <i class="layer-window" /> {t.window}
        </span>
      </p>
    </div>
  );
}
