// Runs graphs over the caches of a step: chooses how attention reads them, keeps compiled graphs, and
// feeds what every such graph takes (positions, row tables or masks). Callers bring the mathematics and
// the rest of the inputs. One run at a time; LoadedModel keeps the order.

import type { GraphBuilder } from '../tensor/graph.js';
import type { CompiledGraph, Device, DeviceTensor, Tensor } from '../tensor/types.js';
import type { CachedAttention } from './attention.js';
import { ComposedAttention, maskName } from './composed-attention.js';
import type { ComposedSequence, Selection } from './composed-attention.js';
import type { ModelConfig } from './config.js';
import { GraphCache, type CachedGraph } from './graph-cache.js';
import { KEY_TABLE, LATENT_TABLE, RowAttention } from './row-attention.js';
import { roundUp, type SlabCache, type SlabOptions } from './sequence-cache.js';

/** One sequence's part of a step; its rows are reserved. */
export interface StepPart {
  cache: SlabCache;
  /** Position of its first token. */
  startPos: number;
  numTokens: number;
}

export interface GraphJob {
  /** What the graph depends on besides its caches. */
  key: string;
  /** Columns of the graph, part after part. A cache comes once. */
  parts: readonly StepPart[];
  /** @param positions i32 [N] */
  build(g: GraphBuilder, caches: CachedAttention, positions: Tensor): Record<string, Tensor>;
  /** Writes the inputs that `build` made. */
  write(graph: CompiledGraph): void;
  signal?: AbortSignal | undefined;
}

export interface GraphRunnerOptions extends SlabOptions {
  device: Device;
  usesRowTables: boolean;
  /** As in ModelOptions. */
  gatherFactor: number;
}

export class GraphRunner {
  readonly graphs = new GraphCache();

  constructor(readonly options: GraphRunnerOptions) {}

  /** The graph after the run, to be read before the next one. */
  async run(job: GraphJob): Promise<CompiledGraph> {
    const { parts, signal } = job;
    const positions = Int32Array.from(parts.flatMap(positionsOf));
    const graph = this.options.usesRowTables
      ? this.#tableGraph(job, positions.length)
      : this.#composedGraph(job, positions.length);
    graph.write('positions', positions);
    job.write(graph);
    for (const { cache } of parts) cache.isComputing = true;
    try {
      await graph.compute(signal === undefined ? {} : { signal });
    } finally {
      for (const { cache } of parts) cache.isComputing = false;
    }
    return graph;
  }

  #tableGraph({ key, parts, build }: GraphJob, numTokens: number): CompiledGraph {
    const { device, config, numLayers, cacheTypes } = this.options;
    const isSparse = parts.some((part) => isSparsePart(part, config));
    const { graph } = this.graphs.get(`${key}/${numTokens}/${isSparse}`, [], () =>
      device.buildGraph((g) => {
        const positions = g.input('positions', 'i32', [numTokens]);
        const options = { positions, numLayers, cacheTypes, isSparse };
        return build(g, new RowAttention(g, options, config), positions);
      }),
    );
    const perToken = (tensorOf: (cache: SlabCache) => DeviceTensor): DeviceTensor[] =>
      parts.flatMap(({ cache, numTokens }) => {
        const tensor = tensorOf(cache);
        return Array.from({ length: numTokens }, () => tensor);
      });
    graph.bindRows(
      LATENT_TABLE,
      perToken(({ latent }) => latent),
    );
    if (config.indexer !== null) {
      graph.bindRows(
        KEY_TABLE,
        perToken(({ keys }) => keys!),
      );
    }
    return graph;
  }

  #composedGraph({ key, parts, build }: GraphJob, numTokens: number): CompiledGraph {
    const { device, config } = this.options;
    const selections = parts.map((part) => this.#select(part));
    const partKeys = parts.map(
      (part, i) => `${part.cache.id}.${part.numTokens}.${numKeysOf(part)}.${selections[i]}`,
    );
    const caches = parts.map(({ cache }) => cache);
    const cached = this.graphs.get([key, ...partKeys].join('/'), caches, () =>
      device.buildGraph((g) => {
        const positions = g.input('positions', 'i32', [numTokens]);
        const sequences = composedSequences(parts, selections);
        return build(g, new ComposedAttention(g, positions, sequences, config), positions);
      }),
    );
    for (const [i, part] of parts.entries()) writeMask(cached, i, part);
    return cached.graph;
  }

  /** Dense while every visible key would be chosen; then whichever exact form is faster. */
  #select(part: StepPart): Selection {
    const { config, gatherFactor } = this.options;
    if (config.indexer === null || !isSparsePart(part, config)) return 'dense';
    const { topk } = config.indexer;
    // Gathering needs top-k visible keys for every token of the chunk.
    if (part.startPos + 1 < topk) return 'masked';
    const isLong = part.startPos + part.numTokens > gatherFactor * topk;
    return part.numTokens === 1 || isLong ? 'gather' : 'masked';
  }
}

/** Whether its last token sees more rows than the indexer would choose. */
function isSparsePart({ startPos, numTokens }: StepPart, { indexer }: ModelConfig): boolean {
  return indexer !== null && startPos + numTokens > indexer.topk;
}

function positionsOf({ startPos, numTokens }: StepPart): number[] {
  return Array.from({ length: numTokens }, (_, i) => startPos + i);
}

function numKeysOf({ startPos, numTokens }: StepPart): number {
  return roundUp(startPos + numTokens);
}

function composedSequences(
  parts: readonly StepPart[],
  selections: readonly Selection[],
): ComposedSequence[] {
  let firstToken = 0;
  return parts.map((part, i) => {
    const { cache, numTokens } = part;
    const { latent, keys } = cache;
    const numKeys = numKeysOf(part);
    const sequence = { latent, keys, firstToken, numTokens, numKeys, selection: selections[i]! };
    firstToken += numTokens;
    return sequence;
  });
}

const VISIBLE = Float32Array.of(0);

/**
 * mask[t, i] = 0 where token startPos + i may see position t <= startPos + i, else -Infinity.
 * Decoding opens one more position per step and writes only that.
 */
function writeMask(cached: CachedGraph, index: number, part: StepPart): void {
  const { graph, maskedUpTo } = cached;
  const { startPos, numTokens } = part;
  const numKeys = numKeysOf(part);
  const end = startPos + numTokens;
  const before = maskedUpTo[index]!;
  if (numTokens === 1 && before >= 0 && (before === startPos || before === end)) {
    if (before === startPos) graph.write(maskName(index), VISIBLE, startPos);
  } else {
    const mask = new Float32Array(numKeys * numTokens).fill(Number.NEGATIVE_INFINITY);
    for (let i = 0; i < numTokens; i++) mask.fill(0, i * numKeys, i * numKeys + startPos + i + 1);
    graph.write(maskName(index), mask);
  }
  maskedUpTo[index] = end;
}
