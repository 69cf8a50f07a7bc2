// A model that has its answer ready: the same tokens for every prompt, without delay, so that the
// bench measures the server around it.

import type {
  Backend,
  GenerateEvent,
  GenerateRequest,
  ModelCard,
} from '../../src/backend/types.js';
import type { Tokenizer } from '../../src/encoding/tokenizer.js';

/** Tokens between two turns of the event loop, as a fast engine would deliver them. */
const TOKENS_PER_TURN = 64;

export class InstantBackend implements Backend {
  readonly #card: ModelCard;
  readonly #tokens: Int32Array;

  constructor(tokenizer: Tokenizer, numTokens: number) {
    this.#card = {
      id: 'instant',
      contextLength: 131_072,
      vocabSize: tokenizer.vocabSize,
    };
    const words = tokenizer.encode(' deep sea');
    this.#tokens = Int32Array.from({ length: numTokens }, (_, i) => words[i % words.length]!);
  }

  cards(): ModelCard[] {
    return [this.#card];
  }

  health(): ReturnType<Backend['health']> {
    return { status: 'ready' };
  }

  async dispose(): Promise<void> {}

  async *generate(
    { promptTokens: { length: promptTokens } }: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateEvent, void> {
    yield { type: 'prefill-progress', processedTokens: promptTokens, promptTokens };
    let completionTokens = 0;
    for (const token of this.#tokens) {
      if (signal.aborted) break;
      if (completionTokens % TOKENS_PER_TURN === TOKENS_PER_TURN - 1) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      completionTokens++;
      yield { type: 'token', token };
    }
    yield {
      type: 'finish',
      reason: signal.aborted ? 'aborted' : 'stop',
      usage: { promptTokens, cacheHitTokens: 0, completionTokens },
    };
  }
}
