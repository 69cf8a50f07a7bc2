// The one road: ChatRequest -> prompt -> backend -> ReplyEvents. In two steps, so that a door can
// refuse a request before it has promised an answer: `prepare` throws, `events` does not.

import {
  BackendError,
  type Backend,
  type GenerateEvent,
  type GenerateRequest,
  type ModelCard,
} from '../backend/types.js';
import { BOS, EOS, USER } from '../encoding/markers.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import { newCallId, type NewCallId } from './call-ids.js';
import { ChatError } from './chat-error.js';
import { buildPrompt, type Prompt } from './prompt.js';
import { ReplyAssembler } from './reply-assembler.js';
import type { ChatRequest, ReplyEvent } from './types.js';

/** The platform's context. Its rule that a given `max_tokens` must fit makes sense only there. */
const PLATFORM_CONTEXT_LENGTH = 131_072;

export interface ChatServiceOptions {
  backend: Backend;
  tokenizer: Tokenizer;
  newCallId?: NewCallId;
}

export interface ReplyHooks {
  onStart?: () => void;
}

export interface PreparedReply {
  promptTokens: number;
  /**
   * Runs the request once. `onStart` is called when the backend has taken it up. Contract: ends with
   * exactly one `finish`; rejects only before the first event, with ChatError `unavailable`, when no
   * engine could take the request.
   */
  events(signal: AbortSignal, hooks?: ReplyHooks): AsyncGenerator<ReplyEvent, void>;
}

export class ChatService {
  readonly backend: Backend;
  readonly #tokenizer: Tokenizer;
  readonly #newCallId: NewCallId;
  readonly #stopTokens: number[];

  constructor(options: ChatServiceOptions) {
    this.backend = options.backend;
    this.#tokenizer = options.tokenizer;
    this.#newCallId = options.newCallId ?? newCallId;
    // A model that starts the user's turn, or a new conversation, has ended its own.
    this.#stopTokens = [EOS, BOS, USER].flatMap((text) => this.#tokenizer.tokenId(text) ?? []);
  }

  /** @throws ChatError when the request cannot be served as it is. */
  prepare(request: ChatRequest): PreparedReply {
    const card = this.#card(request.model);
    const prompt = buildPrompt(request, this.#tokenizer);
    checkContext(request, prompt, card);
    return {
      promptTokens: prompt.tokens.length,
      events: (signal, hooks = {}) => this.#events(request, prompt, { signal, ...hooks }),
    };
  }

  #card(model: string): ModelCard {
    const card = this.backend.cards().find(({ id }) => id === model);
    if (!card) throw new ChatError({ kind: 'unavailable' }, `no backend serves ${model}`);
    return card;
  }

  async *#events(
    request: ChatRequest,
    prompt: Prompt,
    { signal, onStart }: ReplyHooks & { signal: AbortSignal },
  ): AsyncGenerator<ReplyEvent, void> {
    const assembler = new ReplyAssembler({
      tokenizer: this.#tokenizer,
      thinking: request.thinking,
      hasTools: request.tools.length > 0 && request.toolChoice.type !== 'none',
      newCallId: this.#newCallId,
    });
    let isStarted = false;
    for await (const event of this.#generate(request, prompt, signal)) {
      if (!isStarted) {
        onStart?.();
        yield* assembler.acceptForced(prompt.forcedTokens);
        isStarted = true;
      }
      if (event.type === 'token') yield* assembler.accept(event);
      else if (event.type === 'finish') yield* assembler.finish(event);
    }
  }

  async *#generate(
    request: ChatRequest,
    prompt: Prompt,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateEvent, void> {
    try {
      yield* this.backend.generate(this.#generateRequest(request, prompt), signal);
    } catch (error) {
      if (!(error instanceof BackendError) || error.code !== 'unavailable') throw error;
      throw new ChatError({ kind: 'unavailable' }, error.message, { cause: error });
    }
  }

  #generateRequest(request: ChatRequest, { tokens, forcedTokens }: Prompt): GenerateRequest {
    const promptTokens = new Int32Array(tokens.length + forcedTokens.length);
    promptTokens.set(tokens);
    promptTokens.set(forcedTokens, tokens.length);
    return {
      id: request.traceId,
      promptTokens,
      sampling: request.sampling,
      stopTokens: this.#stopTokens,
      stopStrings: request.stop,
      // At least one, although the forced tokens may have used the limit up: a call must be possible.
      maxTokens: Math.max(1, request.maxTokens - forcedTokens.length),
      ...(request.topLogprobs !== undefined && { topLogprobs: request.topLogprobs }),
      cacheSalt: request.tenant,
    };
  }
}

/**
 * Api reference §2.1: prompt plus a `max_tokens` that the client sent must fit. On weights with a
 * smaller context than the platform's, the documented range of `max_tokens` could never fit, so
 * there only the prompt counts and generation is cut at the context end.
 */
function checkContext(request: ChatRequest, prompt: Prompt, card: ModelCard): void {
  const { contextLength } = card;
  const promptTokens = prompt.tokens.length;
  const counts = request.maxTokensExplicit && contextLength >= PLATFORM_CONTEXT_LENGTH;
  const leastCompletion = prompt.forcedTokens.length + 1;
  const wanted = counts ? Math.max(request.maxTokens, leastCompletion) : leastCompletion;
  if (promptTokens + wanted <= contextLength) return;
  // A prompt that is too long by itself is reported without a completion, as the platform does.
  const completionTokens = counts || promptTokens <= contextLength ? wanted : 0;
  throw new ChatError(
    { kind: 'context_length', contextLength, promptTokens, completionTokens },
    `${promptTokens} prompt tokens and ${completionTokens} for the completion do not fit into ` +
      `${contextLength}`,
  );
}
