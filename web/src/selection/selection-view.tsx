// A selection report: figures, the map, the text in the map's colours, and recall by layer. One choice
// of layer and token holds for all of them.

import { useMemo, useState } from 'preact/hooks';
import { along, PALETTES, type ColourMode, type Rgb } from '../../../src/cli/inspect-view.js';
import type { SelectionReport } from '../../../src/web/models-wire.js';
import { formatNumber, formatPercent } from '../i18n/format.js';
import { cellsOf, mapView, readableToken, textView, type MapChoice } from '../lib/selection-map.js';
import { Button } from '../ui/button.js';
import { Notice } from '../ui/feedback.js';
import { Segmented } from '../ui/fields.js';
import { HeatMap, type MapCell } from './heat-map.js';
import { LayerRecall } from './layer-recall.js';
import { RecallCurve } from './recall-curve.js';
import { SelectionFigures } from './selection-figures.js';
import { selectionWords } from './selection-words.js';
import { TokenText } from './token-text.js';
import { TopkForm } from './topk-form.js';
import { useIsDark } from './use-dark.js';

export interface SelectionViewProps {
  report: SelectionReport;
  /** Asks what another number would have held; undefined = the model's own. */
  onTopk: (k: number | undefined) => void;
}

export function SelectionView({ report, onTopk }: SelectionViewProps) {
  const t = selectionWords();
  const isDark = useIsDark();
  const [choice, setChoice] = useState<MapChoice>({ rows: 'layers', layer: null, query: null });
  const [mode, setMode] = useState<ColourMode>('selection');
  const [cell, setCell] = useState<MapCell>();
  const [marksNever, setMarksNever] = useState(true);
  const cells = useMemo(() => cellsOf(report), [report]);
  const view = useMemo(() => mapView(report, cells, choice), [report, cells, choice]);
  const row = useMemo(() => textView(report, cells, choice), [report, cells, choice]);
  const rowNames = useMemo(
    () =>
      choice.rows === 'layers'
        ? report.layers.map((layer) => t.layerName(layer))
        : Array.from({ length: cells.numQueries }, (_, i) => t.tokenName(i + 1)),
    [report, choice.rows, t],
  );
  const chooseLayer = (layer: number) =>
    setChoice({ ...choice, layer: choice.layer === layer ? null : layer });
  const chooseQuery = (query: number) =>
    setChoice({ ...choice, query: choice.query === query ? null : query });
  const isByLayer = choice.rows === 'layers';
  const describe = ({ row: index, column }: MapCell): string => {
    const at = index * view.numColumns + column;
    const where = `${t.position(formatNumber(column))}, ${rowNames[index] ?? ''}`;
    return `${JSON.stringify(report.tokens[column]?.text ?? '')} ${where}: ${factsOf(at)}`;
  };
  const factsOf = (at: number): string => {
    const kept = view.kept[at]!;
    if (kept < 0) return t.notSeen;
    const attention = view.captured[at]! + view.missed[at]!;
    return `${t.keptShare(formatPercent(kept))} · ${t.attentionShare(formatPercent(attention, 2))}`;
  };
  const k = formatNumber(report.top_k);
  const { model } = report;
  const isDense = report.summary === null;
  return (
    <div class="selection">
      <header class="selection-head">
        <p class="soft selection-facts">
          {t.facts(
            model.name,
            formatNumber(model.top_k),
            formatNumber(report.prompt_tokens),
            formatNumber(report.generated_tokens),
          )}
          {!report.reply_given && ` · ${t.generated}`}
        </p>
        <TopkForm report={report} onTopk={onTopk} />
      </header>
      {report.what_if && <Notice>{t.whatIf(formatNumber(model.top_k), k)}</Notice>}
      {isDense && <Notice>{t.notSparse(k)}</Notice>}
      {report.summary && <SelectionFigures summary={report.summary} topk={k} />}
      <section class="card padded selection-map" aria-label={t.map}>
        <div class="console-bar">
          <Segmented
            label={t.rows}
            value={choice.rows}
            options={[
              { value: 'layers', label: t.byLayer },
              { value: 'tokens', label: t.byToken },
            ]}
            onValue={(rows) => setChoice({ ...choice, rows })}
          />
          <Segmented
            label={t.colour}
            value={mode}
            options={[
              { value: 'selection', label: t.selection },
              { value: 'kept', label: t.keptOnly },
              { value: 'attention', label: t.attention },
            ]}
            onValue={setMode}
          />
          <ChoiceLine
            report={report}
            choice={choice}
            onClear={() => setChoice({ ...choice, layer: null, query: null })}
          />
        </div>
        <HeatMap
          view={view}
          mode={mode}
          isDark={isDark}
          numPrompt={report.prompt_tokens}
          rowNames={rowNames}
          chosenRow={(isByLayer ? choice.layer : choice.query) ?? -1}
          onChoose={isByLayer ? chooseLayer : chooseQuery}
          onRead={setCell}
          describe={describe}
        />
        <p class="map-readout" aria-hidden="true">
          {cell ? (
            <>
              <code>{readableToken(report.tokens[cell.column]?.text ?? '')}</code>
              <span class="soft">
                {t.position(formatNumber(cell.column))} · {rowNames[cell.row]}
              </span>
              <span>{factsOf(cell.row * view.numColumns + cell.column)}</span>
            </>
          ) : (
            <span class="soft">{t.readout}</span>
          )}
        </p>
        <Legend isDark={isDark} />
        {cells.numQueries < report.queries && (
          <p class="small soft">{t.partial(formatNumber(cells.numQueries))}</p>
        )}
      </section>
      <div class="selection-columns">
        <section class="card padded" aria-label={t.text}>
          <TokenText
            report={report}
            view={row}
            mode={mode}
            isDark={isDark}
            query={choice.query}
            onQuery={chooseQuery}
            read={cell?.column ?? -1}
            marksNever={marksNever}
            onMarks={setMarksNever}
          />
        </section>
        {!isDense && (
          <section class="card padded selection-side" aria-label={t.recallByLayer}>
            <LayerRecall
              layers={report.layer_totals}
              chosen={choice.layer}
              onChoose={chooseLayer}
            />
            <RecallCurve report={report} />
            <details>
              <summary>{t.reading}</summary>
              <p class="small soft">{t.readingText(k)}</p>
            </details>
          </section>
        )}
      </div>
    </div>
  );
}

interface ChoiceLineProps {
  report: SelectionReport;
  choice: MapChoice;
  onClear: () => void;
}

/** What map and text show, where it is not everything. */
function ChoiceLine({ report, choice, onClear }: ChoiceLineProps) {
  const t = selectionWords();
  const { layer, query } = choice;
  if (layer === null && query === null) return null;
  const ofLayer = layer === null ? t.allLayers : t.layerName(report.layers[layer]!);
  const next = query === null ? undefined : report.tokens[report.traced[query]!.position + 1];
  const ofToken = next ? `${t.tokenName(query! + 1)} "${readableToken(next.text)}"` : t.allTokens;
  return (
    <div class="console-bar-end">
      <span class="small soft choice-line" role="status">
        {t.chosen(`${ofLayer}, ${ofToken}`)}
      </span>
      <Button size="small" onClick={onClear}>
        {t.clear}
      </Button>
    </div>
  );
}

function Legend({ isDark }: { isDark: boolean }) {
  const t = selectionWords();
  const palette = PALETTES[isDark ? 'dark' : 'light'];
  return (
    <ul class="map-legend small soft">
      <li>
        <i style={{ background: gradient(palette.kept) }} />
        {t.keptLegend}
      </li>
      <li>
        <i class="short" style={{ background: rgb(palette.gap) }} />
        {t.gapLegend}
      </li>
      <li>
        <i style={{ background: gradient(palette.missed) }} />
        {t.missedLegend}
      </li>
    </ul>
  );
}

function gradient(scale: readonly Rgb[]): string {
  const stops = [0, 0.25, 0.5, 0.75, 1].map((at) => rgb(along(scale, at)));
  return `linear-gradient(to right, ${stops.join(', ')})`;
}

function rgb([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`;
}
