// A backend that plays given completions through a real tokenizer: what the model says is fixed,
// everything around it (stop tokens, stop strings, limits, aborts, usage) is the engine's own code.

import type { TokenTable } from '../../src/backend/token-table.js';
import type {
  Backend,
  GenerateEvent,
  GenerateRequest,
  ModelCard,
} from '../../src/backend/types.js';
import { tokenTableOf } from '../../src/chat/token-table.js';
import { Tokenizer } from '../../src/encoding/tokenizer.js';
import { Sequence } from '../../src/engine/sequence.js';
import { validateRequest } from '../../src/backend/validate-request.js';
import { randomTokenizerJson } from '../../src/model/random-tokenizer.js';

/** Small, with every control token of the family, the DSML mark included. */
export function testTokenizer(): Tokenizer {
  return Tokenizer.fromJson(JSON.parse(randomTokenizerJson(1024)));
}

export interface ScriptedBackendOptions {
  tokenizer: Tokenizer;
  contextLength?: number;
  /** Prompt tokens that a prefix cache would have had, of every request. */
  cacheHitTokens?: number;
  /** The completion text for a prompt, control tokens spelled out; ends by itself with EOS or not. May
   *  throw BackendError to refuse the request. */
  complete: (prompt: string, request: GenerateRequest) => string;
  /** Awaited before each generated token, with its index: lets a test hold the stream. */
  beforeToken?: (index: number) => void | Promise<void>;
}

export class ScriptedBackend implements Backend {
  readonly requests: GenerateRequest[] = [];
  /** The abort signal of each request. */
  readonly signals: AbortSignal[] = [];
  /** Tokens produced by all requests. */
  numTokens = 0;
  /** Requests that are generating now. */
  numRunning = 0;
  /** Set to end running requests as a dying engine would, before their next token. */
  isDead = false;
  readonly #options: ScriptedBackendOptions;
  readonly #card: ModelCard;
  readonly #table: TokenTable;

  constructor(options: ScriptedBackendOptions) {
    this.#options = options;
    this.#table = tokenTableOf(options.tokenizer);
    this.#card = {
      id: 'scripted',
      contextLength: options.contextLength ?? 131_072,
      vocabSize: options.tokenizer.vocabSize,
    };
  }

  cards(): ModelCard[] {
    return [this.#card];
  }

  health(): ReturnType<Backend['health']> {
    return { status: this.isDead ? 'restarting' : 'ready' };
  }

  async dispose(): Promise<void> {}

  async *generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateEvent, void> {
    validateRequest(request, this.#card);
    const { tokenizer, complete, beforeToken, cacheHitTokens = 0 } = this.#options;
    this.requests.push(request);
    this.signals.push(signal);
    const text = complete(tokenizer.decode(request.promptTokens), request);
    this.numRunning++;
    try {
      const { contextLength } = this.#card;
      const sequence = new Sequence(request, { contextLength, table: this.#table });
      const total = request.promptTokens.length;
      sequence.cacheHitTokens = Math.min(cacheHitTokens, total);
      yield {
        type: 'prefill-progress',
        processedTokens: total,
        promptTokens: total,
        cacheHitTokens: sequence.cacheHitTokens,
      };
      for (const [index, token] of [...tokenizer.encode(text)].entries()) {
        await beforeToken?.(index);
        this.numTokens++;
        if (signal.aborted) yield* sequence.finish('aborted');
        else if (this.isDead) yield* sequence.finish('insufficient_system_resource');
        else yield* sequence.accept({ token, ...scriptedLogprobs(request, token) });
        if (sequence.isFinished) return;
      }
      // A script without EOS ends like one cut by its limit.
      yield* sequence.finish('length');
    } finally {
      this.numRunning--;
    }
  }
}

/** Plausible and distinguishable: the sampled token first, then its neighbours by id. */
function scriptedLogprobs({ topLogprobs }: GenerateRequest, token: number) {
  if (topLogprobs === undefined) return {};
  const top = Array.from({ length: topLogprobs }, (_, index) => ({
    token: token + index,
    logprob: -0.25 * (index + 1),
  }));
  return { logprobs: { logprob: -0.25, rank: 1, top } };
}
