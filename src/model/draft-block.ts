// The multi-token-prediction block of a loaded model at work: checks the rows of several sequences,
// lays them side by side, runs the graph of draft.ts over their caches, and picks the most likely
// tokens. The caches' lengths stay as they are: the block's rows lie beside those of the main layers.

import type { ModelConfig } from './config.js';
import { buildDraft, knownEmbeddings, mostLikely } from './draft.js';
import type { GraphRunner } from './graph-runner.js';
import type { DraftRunner, OwnDraftItem } from './draft-runner.js';
import type { NextnWeights } from './weights.js';

/** A checked item. */
type DraftPart = OwnDraftItem & { numTokens: number };

/** What a token is in the result where none was wanted. */
const NO_TOKEN = -1;

export class DraftBlock implements DraftRunner {
  readonly #graphs: GraphRunner;
  readonly #nextn: NextnWeights;
  readonly #config: ModelConfig;

  /** @param graphs over slabs that have one layer more than the model's main ones */
  constructor(graphs: GraphRunner, nextn: NextnWeights, config: ModelConfig) {
    this.#graphs = graphs;
    this.#nextn = nextn;
    this.#config = config;
  }

  async draft(items: readonly OwnDraftItem[]): Promise<Int32Array> {
    const parts = items.map((item) => {
      checkRows(item, this.#config);
      return { ...item, numTokens: item.tokens.length };
    });
    if (new Set(parts.map(({ cache }) => cache)).size < parts.length) {
      throw new RangeError('a cache comes twice in one draft');
    }
    const result = new Int32Array(parts.length).fill(NO_TOKEN);
    if (parts.length === 0) return result;
    const wanted = wantedRows(parts);
    const logits = await this.#logits(parts, wanted);
    const tokens = mostLikely(logits, this.#config.vocabSize);
    let next = 0;
    for (const [i, { wantToken }] of parts.entries()) if (wantToken) result[i] = tokens[next++]!;
    return result;
  }

  /** [vocab, wanted rows] */
  async #logits(parts: readonly DraftPart[], wanted: Int32Array): Promise<Float32Array> {
    const { hiddenSize } = this.#config;
    const numRows = parts.reduce((sum, { numTokens }) => sum + numTokens, 0);
    const numWanted = wanted.length;
    const graph = await this.#graphs.run({
      key: `draft/${numWanted}`,
      parts,
      build: (g, caches, positions) =>
        buildDraft(g, { numRows, numWanted }, this.#nextn, caches, positions, this.#config),
      write: (graph) => {
        let row = 0;
        for (const { startPos, tokens, hidden, numTokens } of parts) {
          const positions = tokens.map((_, i) => startPos + i);
          graph.write('tokens', tokens, row);
          graph.write('known', knownEmbeddings(positions), row);
          graph.write('hidden', hidden, row * hiddenSize);
          row += numTokens;
        }
        if (numWanted > 0 && numWanted < numRows) graph.write('wanted', wanted);
      },
    });
    return numWanted > 0 ? graph.readF32('logits') : new Float32Array(0);
  }
}

/** The last row of each part that wants a token. */
function wantedRows(parts: readonly DraftPart[]): Int32Array {
  const rows: number[] = [];
  let end = 0;
  for (const { numTokens, wantToken } of parts) {
    end += numTokens;
    if (wantToken) rows.push(end - 1);
  }
  return Int32Array.from(rows);
}

function checkRows(
  { cache, startPos, tokens, hidden }: OwnDraftItem,
  { hiddenSize, vocabSize }: ModelConfig,
): void {
  const isWithin = Number.isInteger(startPos) && startPos >= 0 && tokens.length > 0;
  if (!isWithin || startPos + tokens.length > cache.length) {
    throw new RangeError(
      `${tokens.length} draft row(s) from position ${startPos}; the cache holds ${cache.length} tokens`,
    );
  }
  if (hidden.length !== tokens.length * hiddenSize) {
    throw new RangeError(
      `${hidden.length} hidden values for ${tokens.length} draft row(s); expected ${hiddenSize} each`,
    );
  }
  for (const token of tokens) {
    if (token < 0 || token >= vocabSize) {
      throw new RangeError(`token id ${token} is outside the vocabulary of ${vocabSize}`);
    }
  }
}
