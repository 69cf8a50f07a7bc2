// The one road: a request -> prompt -> backend -> ReplyEvents. In two steps, so that a door can
// refuse a request before it has promised an answer: `prepare` throws, `events` does not.

import {
  BackendError,
  type Backend,
  type GenerateEvent,
  type GenerateRequest,
  type ModelCard,
} from '../backend/types.js';
import { BOS, EOS, THINK_CLOSE, USER } from '../encoding/markers.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import { newCallId, type NewCallId } from './call-ids.js';
import { ChatError } from './chat-error.js';
import { ChatReply } from './chat-reply.js';
import { findClientTools } from './client-tools.js';
import { checkContext } from './context-check.js';
import { buildFimPrompt } from './fim-prompt.js';
import { FimReply } from './fim-reply.js';
import { inSlices } from './in-slices.js';
import { beginsWithReasoning, buildPrompt, type Prompt } from './prompt.js';
import type { ReplyAssembler } from './reply-assembler.js';
import { ReplyProgress } from './reply-progress.js';
import { replyGrammar, type ReplyGrammar } from './reply-grammar.js';
import { generateWithAnswer } from './reserved-answer.js';
import type { ChatRequest, FimRequest, ReplyEvent } from './types.js';

export interface ChatServiceOptions {
  backend: Backend;
  tokenizer: Tokenizer;
  newCallId?: NewCallId;
}

export interface PreparedReply {
  promptTokens: number;
  /** The prompt's tokens, and those of the reply while it runs. */
  progress: ReplyProgress;
  /**
   * Runs the request once. Contract: begins with `start`, when the backend has taken the request up,
   * and ends with exactly one `finish`; rejects only before the first event, with ChatError
   * `unavailable`, when no engine could take the request.
   */
  events(signal: AbortSignal): AsyncGenerator<ReplyEvent, void>;
}

export interface PrepareOptions {
  /** Ends the tokenising of a long prompt. */
  signal?: AbortSignal;
  /** Who shares the engine with others on equal terms. A request's own `tenant` keeps caches apart and
   *  may name an end user, of whom a client can invent any number. */
  account?: string;
}

interface ChatStart {
  prompt: Prompt;
  generateRequest: GenerateRequest;
  grammar: ReplyGrammar | undefined;
  signal: AbortSignal;
}

/** What one run of a prepared request needs. */
interface Run {
  assembler: ReplyAssembler;
  source: AsyncIterable<GenerateEvent>;
}

export class ChatService {
  readonly backend: Backend;
  readonly #tokenizer: Tokenizer;
  readonly #newCallId: NewCallId;
  readonly #stopTokens: number[];
  readonly #thinkClose: Int32Array;

  constructor(options: ChatServiceOptions) {
    this.backend = options.backend;
    this.#tokenizer = options.tokenizer;
    this.#newCallId = options.newCallId ?? newCallId;
    // A model that starts the user's turn, or a new conversation, has ended its own.
    this.#stopTokens = [EOS, BOS, USER].flatMap((text) => this.#tokenizer.tokenId(text) ?? []);
    this.#thinkClose = this.#tokenizer.encode(THINK_CLOSE);
  }

  /**
   * A long prompt is tokenised in slices, between which others have their turn; an abort ends that.
   * @throws ChatError when the request cannot be served as it is; the signal's reason.
   */
  async prepare(
    request: ChatRequest | FimRequest,
    { signal, account }: PrepareOptions = {},
  ): Promise<PreparedReply> {
    const card = this.#card(request.model);
    const isFim = request.kind === 'fim';
    const grammar = isFim || !card.grammars ? undefined : replyGrammar(request, this.#tokenizer);
    // What a grammar demands need not be written for the model.
    const steps = isFim
      ? buildFimPrompt(request, this.#tokenizer)
      : buildPrompt(request, this.#tokenizer, { forcesOpening: grammar === undefined });
    const prompt = await inSlices(steps, signal);
    checkContext(request, prompt, card);
    const generateRequest = {
      ...this.#generateRequest(request, prompt),
      ...(account !== undefined && { tenant: account }),
    };
    const start = (signal: AbortSignal) =>
      isFim
        ? this.#startFim(generateRequest, signal)
        : this.#startChat(request, { prompt, generateRequest, grammar, signal });
    const progress = new ReplyProgress(generateRequest.promptTokens, prompt.tokens.length);
    return {
      promptTokens: prompt.tokens.length,
      progress,
      events: (signal) => runReply(start(signal), progress),
    };
  }

  /**
   * Prompt tokens of a request that is not run, however long.
   * @throws ChatError `messages`; the signal's reason.
   */
  async countPromptTokens(request: ChatRequest, signal?: AbortSignal): Promise<number> {
    const { tokens } = await inSlices(buildPrompt(request, this.#tokenizer), signal);
    return tokens.length;
  }

  #card(model: string): ModelCard {
    const card = this.backend.cards().find(({ id }) => id === model);
    if (!card) throw new ChatError({ kind: 'unavailable' }, `no backend serves ${model}`);
    return card;
  }

  #startFim(generateRequest: GenerateRequest, signal: AbortSignal): Run {
    const source = this.backend.generate(generateRequest, signal);
    return { assembler: new FimReply(this.#tokenizer), source };
  }

  #startChat(request: ChatRequest, start: ChatStart): Run {
    const { prompt, grammar, signal } = start;
    const { tools, toolChoice } = request;
    const thinking = beginsWithReasoning(request);
    const assembler = new ChatReply({
      tokenizer: this.#tokenizer,
      thinking,
      hasTools: tools.length > 0 && toolChoice.type !== 'none',
      clientTools: thinking ? findClientTools(request.messages) : new Map(),
      forcedTokens: prompt.forcedTokens,
      newCallId: this.#newCallId,
    });
    const generateRequest = {
      ...start.generateRequest,
      ...(grammar && { grammar: grammar.reply }),
    };
    const source =
      thinking && request.reserveAnswer
        ? generateWithAnswer({
            backend: this.backend,
            request: generateRequest,
            contextLength: this.#card(request.model).contextLength,
            thinkClose: this.#thinkClose,
            isReasoning: () => assembler.isReasoning,
            ...(grammar && { answerGrammar: grammar.answer }),
            signal,
          })
        : this.backend.generate(generateRequest, signal);
    return { assembler, source };
  }

  #generateRequest(
    request: ChatRequest | FimRequest,
    { tokens, forcedTokens }: Prompt,
  ): GenerateRequest {
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

/** One generator over the backend's: each layer of them costs about as much as the parsing. */
async function* runReply(
  { assembler, source }: Run,
  progress: ReplyProgress,
): AsyncGenerator<ReplyEvent, void> {
  const { promptTokens } = progress;
  let isStarted = false;
  const events: ReplyEvent[] = [];
  try {
    for await (const event of source) {
      if (!isStarted) {
        isStarted = true;
        const cacheHitTokens = Math.min(hitTokensOf(event), promptTokens);
        progress.cacheHitTokens = cacheHitTokens;
        yield { type: 'start', promptTokens, cacheHitTokens };
        assembler.start(events);
      }
      if (event.type === 'token') {
        progress.accept(event.token);
        assembler.accept(event, events);
      } else if (event.type === 'finish') assembler.finish(event, events);
      for (const replyEvent of events) yield replyEvent;
      events.length = 0;
    }
  } catch (error) {
    if (!(error instanceof BackendError) || error.code !== 'unavailable') throw error;
    throw new ChatError({ kind: 'unavailable' }, error.message, { cause: error });
  }
}

function hitTokensOf(event: GenerateEvent): number {
  if (event.type === 'finish') return event.usage.cacheHitTokens;
  return event.type === 'prefill-progress' ? (event.cacheHitTokens ?? 0) : 0;
}
