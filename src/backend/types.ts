// What an inference backend is: token ids in, token events out. It knows no text roles, no tools,
// no API. Implemented by engine/ (this process tree) and, later, by upstream servers and scripts.

/** A model that a backend can serve. */
export interface ModelCard {
  /** Stable name of the weights, e.g. `hadal-mini`. Not an API alias. */
  id: string;
  /** Longest sequence the weights and the backend can hold, in tokens. */
  contextLength: number;
  vocabSize: number;
  /** Whether the backend follows `GenerateRequest.grammar`; absent = it takes no grammar. */
  grammars?: boolean;
}

/**
 * A language that a completion must be in, from its first token to a stop token. Control tokens have
 * no text of their own here: those that the completion may hold are listed with the text that the
 * grammar writes for them, all others are never generated. U+0001 to U+0008 cannot be spelled by
 * ordinary tokens and are there to stand for control tokens.
 */
export interface GrammarSpec {
  /** XGrammar's EBNF. */
  ebnf: string;
  /** The rule that the completion follows. */
  root: string;
  controlTokens: readonly { token: number; text: string }[];
}

export interface SamplingParams {
  /** 0 = greedy. */
  temperature: number;
  /** Nucleus mass in (0, 1]. */
  topP: number;
  presencePenalty: number;
  frequencyPenalty: number;
  /** Absent = a fresh random seed. */
  seed?: number;
}

/** One sequence to continue. The engine sees only this. */
export interface GenerateRequest {
  id: string;
  promptTokens: Int32Array;
  sampling: SamplingParams;
  /** Generation ends when one of these is sampled; the token is reported with the finish event. */
  stopTokens: number[];
  /** Generation ends when the produced bytes contain one of these; its text is not emitted. */
  stopStrings: string[];
  /** Limit on generated tokens; the context length limits as well. */
  maxTokens: number;
  /** How many alternatives to report per token (0..20); undefined = no log-probabilities at all. */
  topLogprobs?: number;
  /** Only for backends whose card says `grammars`; needs at least one stop token. */
  grammar?: GrammarSpec;
  /** Tenant separation of the prefix cache. */
  cacheSalt?: string;
  /** Higher runs earlier. */
  priority?: number;
  /** Whose request it is: among equal priorities tenants get equal shares. Absent = one tenant for
   *  all such requests. */
  tenant?: string;
}

export interface TokenLogprob {
  token: number;
  /** Natural logarithm of the unmodified softmax: before temperature, penalties and top-p. */
  logprob: number;
}

export interface TokenLogprobs {
  /** Of the sampled token. */
  logprob: number;
  /** 1 = the most likely token of the unmodified distribution. */
  rank: number;
  /** Most likely first. */
  top: TokenLogprob[];
}

export type FinishReason =
  'stop' | 'length' | 'content_filter' | 'aborted' | 'insufficient_system_resource';

/**
 * Token counts of one request. `completionTokens` counts every token generated, the ones hidden
 * by a stop string too, but not the stop token that ended generation.
 */
export interface TokenUsage {
  promptTokens: number;
  /** Prompt tokens served from the prefix cache. */
  cacheHitTokens: number;
  completionTokens: number;
}

export type GenerateEvent =
  | {
      type: 'prefill-progress';
      processedTokens: number;
      promptTokens: number;
      /** Of the prompt, served from the prefix cache; the first event of a request tells it. */
      cacheHitTokens?: number;
    }
  | {
      type: 'token';
      token: number;
      /**
       * How many leading bytes of the token's text count; absent = all. Smaller only on the last
       * token before a `stop`, when a stop string begins inside it.
       */
      visibleBytes?: number;
      /** Present when the request asked for log-probabilities. */
      logprobs?: TokenLogprobs;
    }
  | {
      type: 'finish';
      reason: FinishReason;
      usage: TokenUsage;
      /** The stop token or string that ended generation, when one did. */
      stoppedBy?: { token: number } | { string: string };
    };

/**
 * Contract: `generate` never throws for a failure of the engine; it ends with a `finish` event
 * whose reason says what happened. It throws (rejects) only for a request that cannot be started
 * (`BackendError`), before the first event. Exactly one `finish` event ends every stream. Aborting
 * `signal`, or leaving the loop, ends the stream within one decode step with reason `aborted`.
 */
export interface Backend {
  cards(): ModelCard[];
  generate(request: GenerateRequest, signal: AbortSignal): AsyncIterable<GenerateEvent>;
  health(): { status: 'ready' | 'starting' | 'restarting' | 'closed'; detail?: string };
  dispose(): Promise<void>;
}

/** The request cannot be started: too long for the context, backend closed or down, malformed. */
export class BackendError extends Error {
  override name = 'BackendError';
  constructor(
    readonly code: 'context_length' | 'unavailable' | 'invalid_request',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
