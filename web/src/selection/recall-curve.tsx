// Recall if the indexer kept another number of positions: a line per layer, and their mean.

import type { SelectionReport } from '../../../src/web/models-wire.js';
import { formatNumber, formatPercent } from '../i18n/format.js';
import { selectionWords } from './selection-words.js';

const WIDTH = 320;
const HEIGHT = 150;
const LEFT = 36;
const BOTTOM = 20;
const TOP = 8;

export function RecallCurve({ report }: { report: SelectionReport }) {
  const t = selectionWords();
  const counts = report.layer_totals[0]?.recall_at.map(({ top_k }) => top_k) ?? [];
  if (counts.length < 2) return null;
  const least = Math.log2(counts[0]!);
  const most = Math.log2(counts.at(-1)!);
  const x = (count: number) =>
    LEFT + ((Math.log2(count) - least) / (most - least)) * (WIDTH - LEFT - 8);
  const y = (recall: number) => TOP + (1 - recall) * (HEIGHT - TOP - BOTTOM);
  const line = (recalls: readonly number[]) =>
    recalls.map((recall, i) => `${x(counts[i]!).toFixed(1)},${y(recall).toFixed(1)}`).join(' ');
  const means = counts.map(
    (_, i) =>
      report.layer_totals.reduce((sum, { recall_at }) => sum + (recall_at[i]?.recall ?? 0), 0) /
      report.layer_totals.length,
  );
  const label = counts.map((count, i) => `${count}: ${formatPercent(means[i]!)}`).join(', ');
  const every = Math.ceil(counts.length / 6);
  return (
    <div class="recall-curve">
      <h3>{t.recallByCount}</h3>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
        {[0, 0.5, 1].map((share) => (
          <g key={share}>
            <line x1={LEFT} x2={WIDTH - 8} y1={y(share)} y2={y(share)} class="grid" />
            <text x={LEFT - 6} y={y(share) + 4} text-anchor="end">
              {formatPercent(share)}
            </text>
          </g>
        ))}
        {report.layer_totals.map(({ layer, recall_at }) => (
          <polyline key={layer} class="one" points={line(recall_at.map(({ recall }) => recall))} />
        ))}
        <polyline class="mean" points={line(means)} />
        {report.top_k >= counts[0]! && report.top_k <= counts.at(-1)! && (
          <line
            x1={x(report.top_k)}
            x2={x(report.top_k)}
            y1={TOP}
            y2={HEIGHT - BOTTOM}
            class="own"
          />
        )}
        {counts.map((count, i) =>
          i % every === 0 ? (
            <text key={count} x={x(count)} y={HEIGHT - 5} text-anchor="middle">
              {formatNumber(count)}
            </text>
          ) : null,
        )}
      </svg>
    </div>
  );
}
