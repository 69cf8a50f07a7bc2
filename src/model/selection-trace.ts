// Explains sparse attention: runs a prompt, generates greedily, and tells for every traced token and
// layer which positions the indexer kept and how much of the dense attention of the same query they
// hold (V3.2 report §2.1; model reference §7 and §8). The model computes as always, with its own
// top-k; looking adds one graph per token. Whatever is kept in memory is bounded: totals per layer
// and position, a heat map while it has room, and lists for the first queries; all queries go past
// `onQuery`. Knows token ids and positions, not texts.

import type { CompiledGraph } from '../tensor/types.js';
import { ModelError } from './model-error.js';
import { inspectModel, type ModelInternals } from './load-model.js';
import { buildSelection, type SelectionShape } from './selection-trace-graph.js';
import {
  measureSelection,
  type LayerSelection,
  type RawSelection,
} from './selection-trace-measure.js';
import {
  SelectionTotals,
  type LayerTotals,
  type PositionTotals,
  type TraceCells,
} from './selection-trace-totals.js';
import { roundUp } from './sequence-cache.js';
import type { Model, SequenceCache } from './types.js';

export interface SelectionTraceOptions {
  prompt: Int32Array;
  /** Tokens to generate, the most likely one each time. Default 16. */
  numGenerated?: number;
  /** Generation ends after one of these. */
  stopTokens?: readonly number[];
  /** Tokens that follow the prompt, in place of the most likely ones: a reply that was given. Generation
   *  ends with them. */
  reply?: Int32Array;
  /** Also trace the prompt's tokens, not only those that produce an answer. Default false. */
  tracesPrompt?: boolean;
  /**
   * What if: positions to keep instead of the model's own top-k. The model still computes with its
   * own, so the tokens and the dense attention stay the same. Default: the model's own.
   */
  topk?: number;
  /** Layers to look at. Default: all. */
  layers?: readonly number[];
  /** Highest index scores to list per query and layer. Default 8. */
  numTopScores?: number;
  /** Queries whose lists are kept in the result. Default 256. */
  maxListedQueries?: number;
  /** Bytes for the heat map: a query takes layers * positions. Default 16 MiB. */
  maxCells?: number;
  /** Told about every traced query, in order, as soon as it is known. */
  onQuery?: (query: QueryTrace) => void;
  /** Stops within one layer; the trace then rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** One traced token: what it looked at to produce the next one. */
export interface QueryTrace {
  position: number;
  token: number;
  /** The token that follows, generated or given; null after the last one of a prompt. */
  next: number | null;
  /** Positions it sees, its own included. */
  numVisible: number;
  /** False where it sees no more than top-k positions: all are kept, attention is dense. */
  isSparse: boolean;
  layers: LayerSelection[];
}

export interface SelectionTrace {
  /** Positions kept per query and layer, and whether that is another number than the model's own. */
  topk: number;
  isWhatIf: boolean;
  layers: readonly number[];
  /** Prompt, then what was generated. */
  tokens: Int32Array;
  numPrompt: number;
  numQueries: number;
  numSparseQueries: number;
  /** The first queries, with their lists. */
  queries: QueryTrace[];
  layerTotals: LayerTotals[];
  positionTotals: PositionTotals;
  cells: TraceCells;
}

/** Prompts run through the model in chunks of this many tokens. */
const PREFILL_CHUNK = 256;
/** Dense attention of all heads of one traced chunk may take this much scratch memory. */
const MAX_SHARE_BYTES = 64 << 20;
const MAX_TRACED_CHUNK = 32;

/**
 * Traces one greedy generation.
 * @throws {ModelError} for a model without an indexer, or one whose indexer keys only row tables can
 *   read (i8_rows): load it with rowTables `off`
 * @throws RangeError for an empty prompt, a token outside the vocabulary, a length beyond the context,
 *   or an option out of range
 */
export async function traceSelection(
  model: Model,
  options: SelectionTraceOptions,
): Promise<SelectionTrace> {
  const settings = checkOptions(model, options);
  const cache = model.createCache(settings.maxTokens);
  try {
    const tracer = new Tracer(model, cache, settings);
    try {
      return await tracer.run();
    } finally {
      tracer.dispose();
    }
  } finally {
    cache.dispose();
  }
}

interface Settings extends Required<Omit<SelectionTraceOptions, 'signal' | 'onQuery' | 'reply'>> {
  signal: AbortSignal | undefined;
  reply: Int32Array | undefined;
  onQuery: (query: QueryTrace) => void;
  /** Tokens that the model reads: the last generated one is not read. */
  maxTokens: number;
}

function checkOptions(model: Model, options: SelectionTraceOptions): Settings {
  const { config } = model;
  if (config.indexer === null) {
    throw new ModelError(
      `${model.path}: the model has no indexer; its attention is dense and selects nothing`,
    );
  }
  const { prompt, reply, tracesPrompt = false, topk = config.indexer.topk } = options;
  const numGenerated = Math.min(options.numGenerated ?? 16, reply?.length ?? Infinity);
  if (prompt.length === 0) throw new RangeError('the prompt is empty; nothing can be traced');
  const maxTokens = prompt.length + Math.max(0, numGenerated - 1);
  requireWhole('numGenerated', numGenerated, tracesPrompt ? 0 : 1, config.contextLength);
  requireWhole('topk', topk, 1, Math.max(config.contextLength, config.indexer.topk));
  if (maxTokens > config.contextLength) {
    throw new RangeError(
      `${prompt.length} prompt tokens and ${numGenerated} to generate; the context is ${config.contextLength}`,
    );
  }
  const layers = options.layers ?? Array.from({ length: config.numLayers }, (_, i) => i);
  if (layers.length === 0) throw new RangeError('layers is empty; name at least one');
  for (const layer of layers) requireWhole('layer', layer, 0, config.numLayers - 1);
  const { numTopScores = 8, maxListedQueries = 256, maxCells = 16 << 20 } = options;
  requireWhole('numTopScores', numTopScores, 0, config.contextLength);
  requireWhole('maxListedQueries', maxListedQueries, 0, 2 ** 31 - 1);
  requireWhole('maxCells', maxCells, 0, 2 ** 31 - 1);
  return {
    prompt,
    reply,
    numGenerated,
    stopTokens: options.stopTokens ?? [],
    tracesPrompt,
    topk,
    layers: [...new Set(layers)].toSorted((a, b) => a - b),
    numTopScores,
    maxListedQueries,
    maxCells,
    onQuery: options.onQuery ?? (() => {}),
    signal: options.signal,
    maxTokens,
  };
}

function requireWhole(name: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw new RangeError(`${name} is ${value}; possible: ${min} to ${max}`);
}

class Tracer {
  private readonly internals: ModelInternals;
  private readonly totals: SelectionTotals;
  private readonly tokens: number[];
  private readonly queries: QueryTrace[] = [];
  private numQueries = 0;
  private numSparseQueries = 0;
  private compiled: { key: string; graph: CompiledGraph } | undefined;

  constructor(
    private readonly model: Model,
    private readonly cache: SequenceCache,
    private readonly settings: Settings,
  ) {
    const { layers, prompt, topk, maxCells, maxTokens, tracesPrompt } = settings;
    this.internals = inspectModel(model, cache);
    this.tokens = Array.from(prompt);
    const numQueries = tracesPrompt ? maxTokens : maxTokens - prompt.length + 1;
    this.totals = new SelectionTotals(layers, maxTokens, { topk, numQueries, maxCells });
  }

  async run(): Promise<SelectionTrace> {
    const { settings, tokens } = this;
    const { prompt, reply, numGenerated, stopTokens, topk } = settings;
    await this.readPrompt();
    // The last prompt token produces the first generated one, and so on.
    for (let i = 0; i < numGenerated; i++) {
      const next = await this.traceChunk(tokens.length - 1, 1, reply?.[i]);
      tokens.push(next);
      if (stopTokens.includes(next)) break;
    }
    if (numGenerated === 0) await this.traceChunk(tokens.length - 1, 1);
    return {
      topk,
      isWhatIf: topk !== this.model.config.indexer?.topk,
      layers: settings.layers,
      tokens: Int32Array.from(tokens),
      numPrompt: prompt.length,
      numQueries: this.numQueries,
      numSparseQueries: this.numSparseQueries,
      queries: this.queries,
      layerTotals: this.totals.layerTotals(),
      positionTotals: this.totals.positionTotals(),
      cells: this.totals.heatMap(),
    };
  }

  dispose(): void {
    this.compiled?.graph.dispose();
  }

  /** Everything but the last prompt token. */
  private async readPrompt(): Promise<void> {
    const { prompt, tracesPrompt, signal } = this.settings;
    const { numHeads, indexer } = this.model.config;
    const end = prompt.length - 1;
    const mostHeads = Math.max(numHeads, indexer!.numHeads);
    const bytesPerToken = roundUp(prompt.length) * mostHeads * Float32Array.BYTES_PER_ELEMENT;
    const traced = Math.min(MAX_TRACED_CHUNK, Math.floor(MAX_SHARE_BYTES / bytesPerToken));
    const chunk = tracesPrompt ? Math.max(1, traced) : PREFILL_CHUNK;
    for (let start = 0; start < end; start += chunk) {
      const length = Math.min(chunk, end - start);
      if (tracesPrompt) {
        await this.traceChunk(start, length);
        continue;
      }
      await this.model.forward({
        cache: this.cache,
        tokens: prompt.slice(start, start + length),
        startPos: start,
        wantLogits: 'none',
        ...(signal !== undefined && { signal }),
      });
    }
  }

  /** Runs tokens through the model, looks at them, and returns the token after the last: the most likely
   *  one, unless it is given. */
  private async traceChunk(start: number, length: number, given?: number): Promise<number> {
    const { model, cache, settings, tokens } = this;
    const { signal } = settings;
    const { hidden, logits } = await model.trace({
      cache,
      tokens: Int32Array.from(tokens.slice(start, start + length)),
      startPos: start,
      ...(signal !== undefined && { signal }),
    });
    const next = given ?? largest(logits.subarray(logits.length - model.config.vocabSize));
    const graph = await this.look(start, length, hidden);
    const perLayer = settings.layers.map((layer) => readLayer(graph, layer));
    const isLastOfAll = settings.numGenerated === 0 && start + length === tokens.length;
    for (let i = 0; i < length; i++) {
      const following = tokens[start + i + 1] ?? (isLastOfAll ? null : next);
      this.addQuery(start + i, following, perLayer, { index: i, length });
    }
    return next;
  }

  /** Runs the selection graph over these tokens. */
  private async look(
    start: number,
    length: number,
    hidden: readonly Float32Array[],
  ): Promise<CompiledGraph> {
    const { layers, topk, signal } = this.settings;
    const numKeys = roundUp(start + length);
    const graph = this.compile({ numTokens: length, numKeys, topk });
    const mask = new Float32Array(numKeys * length).fill(Number.NEGATIVE_INFINITY);
    for (let i = 0; i < length; i++) mask.fill(0, i * numKeys, i * numKeys + start + i + 1);
    graph.write('mask', mask);
    graph.write(
      'positions',
      Int32Array.from({ length }, (_, i) => start + i),
    );
    for (const layer of layers) graph.write(`hidden.${layer}`, hidden[layer]!);
    await graph.compute(signal === undefined ? {} : { signal });
    return graph;
  }

  /** The graph of this shape; only the last one is kept, shapes change rarely and never come back. */
  private compile(shape: SelectionShape): CompiledGraph {
    const key = `${shape.numTokens}/${shape.numKeys}`;
    if (this.compiled?.key === key) return this.compiled.graph;
    this.compiled?.graph.dispose();
    this.compiled = undefined;
    const { device, weights, config, rowsOf } = this.internals;
    const graph = device.buildGraph((g) => {
      const layers = this.settings.layers.map((layer) => ({
        layer,
        weights: weights.layers[layer]!,
        ...rowsOf(g, layer),
      }));
      return buildSelection(g, shape, layers, config);
    });
    this.compiled = { key, graph };
    return graph;
  }

  private addQuery(
    position: number,
    next: number | null,
    perLayer: readonly LayerArrays[],
    place: { index: number; length: number },
  ): void {
    const { settings, tokens, totals } = this;
    const numVisible = position + 1;
    const raw = perLayer.map((arrays) => rawSelection(arrays, place, numVisible));
    const layers = raw.map((each) => measureSelection(each, settings.numTopScores));
    const isSparse = numVisible > settings.topk;
    const token = tokens[position]!;
    const query: QueryTrace = { position, token, next, numVisible, isSparse, layers };
    totals.add(isSparse, raw, layers);
    this.numQueries++;
    if (isSparse) this.numSparseQueries++;
    if (this.queries.length < settings.maxListedQueries) this.queries.push(query);
    settings.onQuery(query);
  }
}

/** Outputs of one layer for all tokens of a chunk; shapes as in buildSelection. */
interface LayerArrays {
  layer: number;
  scores: Float32Array;
  chosen: Int32Array;
  shares: Float32Array;
  recall: Float32Array;
}

function readLayer(graph: CompiledGraph, layer: number): LayerArrays {
  return {
    layer,
    scores: graph.readF32(`scores.${layer}`),
    chosen: graph.readI32(`chosen.${layer}`),
    shares: graph.readF32(`shares.${layer}`),
    recall: graph.readF32(`recall.${layer}`),
  };
}

/** One token of a chunk: columns of scores, choice and shares, a strided row of recall. */
function rawSelection(
  { layer, scores, chosen, shares, recall }: LayerArrays,
  { index, length }: { index: number; length: number },
  numVisible: number,
): RawSelection {
  const numKeys = scores.length / length;
  const numChosen = chosen.length / length;
  const visible = (values: Float32Array): Float32Array =>
    values.subarray(index * numKeys, index * numKeys + numVisible);
  return {
    layer,
    scores: visible(scores),
    shares: visible(shares),
    chosen: chosen
      .subarray(index * numChosen, (index + 1) * numChosen)
      .filter((position) => position < numVisible),
    headRecall: Float32Array.from(
      { length: recall.length / length },
      (_, head) => Math.min(1, recall[head * length + index]!), // sums of f32 may pass 1
    ),
  };
}

function largest(values: Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
}
