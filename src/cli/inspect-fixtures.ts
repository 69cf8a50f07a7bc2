// A small selection trace by hand, for the tests of what is made of one: two layers, two answer
// tokens, and token texts that would break out of a page or steer a terminal. Not used outside of tests.

import type { Tokenizer } from '../encoding/tokenizer.js';
import type { ModelConfig } from '../model/config.js';
import { presetConfig } from '../model/presets.js';
import {
  measureSelection,
  type LayerSelection,
  type RawSelection,
} from '../model/selection-trace-measure.js';
import { SelectionTotals } from '../model/selection-trace-totals.js';
import type { QueryTrace, SelectionTrace } from '../model/selection-trace.js';
import { selectionReport, type SelectionReport } from './inspect-report.js';

/** Texts of token ids 0 and on; the fourth is a control token, the fifth part of a character. */
export const HOSTILE_TEXTS = [
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '\u001b[31m\u202e]]>-->',
  '<|control|>',
  undefined,
  ' "quoted" & \\ \u2028',
];

const config: ModelConfig = {
  ...presetConfig('test', ['layers=2', 'topk=2']),
  name: 'unused',
};

function fakeTokenizer(): Tokenizer {
  const fake: Pick<Tokenizer, 'decode' | 'tokenText' | 'tokenBytes' | 'isControl'> = {
    decode: (ids) => Array.from(ids, (id) => HOSTILE_TEXTS[id] ?? '\ufffd').join(''),
    tokenText: (id) => HOSTILE_TEXTS[id],
    tokenBytes: () => Uint8Array.of(0xe4, 0xbd),
    isControl: (id) => id === 3,
  };
  return fake as Tokenizer;
}

/** Shares fall from the first position on; the indexer keeps these. */
function rawSelection(layer: number, numVisible: number, chosen: number[]): RawSelection {
  const shares = Float32Array.from({ length: numVisible }, (_, p) => 2 ** -(p + 1));
  const recall = chosen.reduce((sum, position) => sum + shares[position]!, 0);
  return {
    layer,
    scores: shares.map((share) => 10 * share),
    shares,
    chosen: Int32Array.from(chosen),
    headRecall: Float32Array.of(recall, recall / 2),
  };
}

/** Prompt of four tokens, two answer tokens; position 2 is never kept. */
export function fixtureTrace({ topk = 2 } = {}): SelectionTrace {
  const tokens = Int32Array.of(0, 1, 2, 3, 4, 5);
  const totals = new SelectionTotals([0, 1], 5, { topk, numQueries: 2, maxCells: 100 });
  const queries = [3, 4].map((position): QueryTrace => {
    const numVisible = position + 1;
    const isSparse = numVisible > topk;
    const all = Array.from({ length: numVisible }, (_, p) => p);
    const raw = [
      rawSelection(0, numVisible, isSparse ? [0, 1] : all),
      rawSelection(1, numVisible, isSparse ? [0, position] : all),
    ];
    const layers: LayerSelection[] = raw.map((each) => measureSelection(each, 1));
    totals.add(isSparse, raw, layers);
    const [token, next] = [tokens[position]!, tokens[position + 1]!];
    return { position, token, next, numVisible, isSparse, layers };
  });
  return {
    topk,
    isWhatIf: topk !== 2,
    layers: [0, 1],
    tokens,
    numPrompt: 4,
    numQueries: 2,
    numSparseQueries: queries.filter(({ isSparse }) => isSparse).length,
    queries,
    layerTotals: totals.layerTotals(),
    positionTotals: totals.positionTotals(),
    cells: totals.heatMap(),
  };
}

export function fixtureReport(trace: SelectionTrace = fixtureTrace()): SelectionReport {
  return selectionReport(trace, config, fakeTokenizer(), { name: '</title><script>name' });
}
