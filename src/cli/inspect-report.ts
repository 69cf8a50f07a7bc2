// A selection trace as data: token texts beside ids, snake case, numbers of six digits. This is what
// `hadal inspect --json` prints and what the page carries; docs/inspect.md describes it. A change
// that would break a reader raises SCHEMA_VERSION.

import type { Tokenizer } from '../encoding/tokenizer.js';
import type { ModelConfig } from '../model/config.js';
import type { LayerSelection, PositionRange, Spread } from '../model/selection-trace-measure.js';
import type { LayerTotals } from '../model/selection-trace-totals.js';
import type { QueryTrace, SelectionTrace } from '../model/selection-trace.js';

export const SCHEMA = 'hadal.selection-trace';
export const SCHEMA_VERSION = 1;

/** Values per layer and position are left out of longer traces: they would be most of the report. */
const MAX_PER_POSITION = 1 << 20;

export interface ReportToken {
  position: number;
  id: number;
  /** Bytes that are no whole character as `<0xE4>`. */
  text: string;
  /** Written by the template, with a meaning of its own. */
  control: boolean;
  from: 'prompt' | 'generated';
  /** Pairs of a sparse query and a layer that saw the token, and that kept it. */
  seen: number;
  kept: number;
  /** Dense attention on it, mean over heads, summed over those pairs. */
  attention: number;
}

export interface ReportLayer {
  layer: number;
  recall: Spread;
  best_recall: number;
  window_recall: number;
  overlap: number;
  seen: number;
  never_kept: number;
  recall_at: { top_k: number; recall: number }[];
  /** Per position; null in traces with more than a million of them. */
  kept_count: number[] | null;
  attention: number[] | null;
}

export interface ReportSelection {
  layer: number;
  recall: Spread;
  best_recall: number;
  window_recall: number;
  overlap: number;
  top_scores: { position: number; score: number }[];
  kept: PositionRange[];
}

export interface ReportQuery {
  position: number;
  token: number;
  next: number | null;
  visible: number;
  selection: 'sparse' | 'dense';
  layers: ReportSelection[];
}

export interface SelectionReport {
  schema: typeof SCHEMA;
  schema_version: typeof SCHEMA_VERSION;
  model: {
    name: string;
    layers: number;
    heads: number;
    indexer_heads: number;
    top_k: number;
    context: number;
  };
  top_k: number;
  /** `top_k` is not the model's own: the selection is one it might have made, and did not. */
  what_if: boolean;
  layers: readonly number[];
  /** Left out of the prompt's beginning, as it is too long; positions count from what is left. */
  cut_tokens: number;
  prompt_tokens: number;
  generated_tokens: number;
  /** Whether the reply was given, not generated for this report. */
  reply_given: boolean;
  reply: string;
  queries: number;
  sparse_queries: number;
  /** Means over layers; null when no query was sparse. */
  summary: {
    recall: number;
    best_recall: number;
    window_recall: number;
    overlap: number;
    seen: number;
    never_kept: number;
  } | null;
  tokens: ReportToken[];
  layer_totals: ReportLayer[];
  /** Positions that sparse queries saw and no layer kept. */
  never_kept: PositionRange[];
  traced: ReportQuery[];
  /** Queries that were traced beyond those in `traced`. */
  omitted_queries: number;
  /** Only when asked for: a byte per query, layer and position, in base64, for as many queries as there
   *  was room for. Bit 7 = kept, the rest a share of dense attention (shareOfCell); 0 = not seen. */
  cells?: { queries: number; layers: number; positions: number; bytes: string };
}

/** What a report tells beside the trace. */
export interface ReportOptions {
  /** Of the model. */
  name: string;
  cutTokens?: number;
  isReplyGiven?: boolean;
  withCells?: boolean;
}

export function selectionReport(
  trace: SelectionTrace,
  config: ModelConfig,
  tokenizer: Tokenizer,
  { name, cutTokens = 0, isReplyGiven = false, withCells = false }: ReportOptions,
): SelectionReport {
  const { indexer } = config;
  if (indexer === null) throw new Error('a selection trace of a model without an indexer');
  const reply = trace.tokens.subarray(trace.numPrompt);
  return {
    schema: SCHEMA,
    schema_version: SCHEMA_VERSION,
    model: {
      name,
      layers: config.numLayers,
      heads: config.numHeads,
      indexer_heads: indexer.numHeads,
      top_k: indexer.topk,
      context: config.contextLength,
    },
    top_k: trace.topk,
    what_if: trace.isWhatIf,
    layers: trace.layers,
    cut_tokens: cutTokens,
    prompt_tokens: trace.numPrompt,
    generated_tokens: reply.length,
    reply_given: isReplyGiven,
    reply: tokenizer.decode(reply),
    queries: trace.numQueries,
    sparse_queries: trace.numSparseQueries,
    summary: trace.numSparseQueries === 0 ? null : summaryOf(trace),
    tokens: reportTokens(trace, tokenizer),
    layer_totals: trace.layerTotals.map((totals) => reportLayer(totals, trace)),
    never_kept: trace.positionTotals.neverKept,
    traced: trace.queries.map(reportQuery),
    omitted_queries: trace.numQueries - trace.queries.length,
    ...(withCells && { cells: reportCells(trace.cells) }),
  };
}

function reportCells({
  numQueries,
  numLayers,
  numPositions,
  bytes,
}: SelectionTrace['cells']): NonNullable<SelectionReport['cells']> {
  return {
    queries: numQueries,
    layers: numLayers,
    positions: numPositions,
    bytes: Buffer.from(bytes).toString('base64'),
  };
}

function summaryOf({ layerTotals, positionTotals }: SelectionTrace): SelectionReport['summary'] {
  const mean = (pick: (totals: LayerTotals) => number): number =>
    rounded(layerTotals.reduce((sum, totals) => sum + pick(totals), 0) / layerTotals.length);
  return {
    recall: mean(({ recall }) => recall.mean),
    best_recall: mean(({ bestRecall }) => bestRecall),
    window_recall: mean(({ windowRecall }) => windowRecall),
    overlap: mean(({ overlap }) => overlap),
    seen: positionTotals.seenCount.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0),
    never_kept: positionTotals.neverKept.reduce((sum, [first, last]) => sum + last - first + 1, 0),
  };
}

function reportTokens(trace: SelectionTrace, tokenizer: Tokenizer): ReportToken[] {
  const { seenCount, keptCount, mass } = trace.positionTotals;
  return Array.from(trace.tokens, (id, position) => ({
    position,
    id,
    text: tokenText(tokenizer, id),
    control: tokenizer.isControl(id),
    from: position < trace.numPrompt ? 'prompt' : 'generated',
    seen: seenCount[position] ?? 0,
    kept: keptCount[position] ?? 0,
    attention: rounded(mass[position] ?? 0),
  }));
}

/** A token by itself, which may be part of a character. */
function tokenText(tokenizer: Tokenizer, id: number): string {
  const hex = (byte: number): string => byte.toString(16).toUpperCase().padStart(2, '0');
  return (
    tokenizer.tokenText(id) ??
    Array.from(tokenizer.tokenBytes(id), (byte) => `<0x${hex(byte)}>`).join('')
  );
}

function reportLayer(totals: LayerTotals, { layers }: SelectionTrace): ReportLayer {
  const isListed = totals.mass.length * layers.length <= MAX_PER_POSITION;
  return {
    layer: totals.layer,
    recall: roundedSpread(totals.recall),
    best_recall: rounded(totals.bestRecall),
    window_recall: rounded(totals.windowRecall),
    overlap: rounded(totals.overlap),
    seen: totals.numSeen,
    never_kept: totals.numNeverKept,
    recall_at: totals.recallAt.map(({ count, recall }) => ({
      top_k: count,
      recall: rounded(recall),
    })),
    kept_count: isListed ? Array.from(totals.keptCount) : null,
    attention: isListed ? Array.from(totals.mass, rounded) : null,
  };
}

function reportQuery({ numVisible, isSparse, layers, ...query }: QueryTrace): ReportQuery {
  return {
    ...query,
    visible: numVisible,
    selection: isSparse ? 'sparse' : 'dense',
    layers: layers.map(reportSelection),
  };
}

function reportSelection(selection: LayerSelection): ReportSelection {
  return {
    layer: selection.layer,
    recall: roundedSpread(selection.recall),
    best_recall: rounded(selection.bestRecall),
    window_recall: rounded(selection.windowRecall),
    overlap: rounded(selection.overlap),
    top_scores: selection.topScores.map(({ position, score }) => ({
      position,
      score: rounded(score),
    })),
    kept: selection.kept,
  };
}

function roundedSpread({ mean, min, max }: Spread): Spread {
  return { mean: rounded(mean), min: rounded(min), max: rounded(max) };
}

/** Six digits: more is noise of f32 sums, and most of the bytes. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
