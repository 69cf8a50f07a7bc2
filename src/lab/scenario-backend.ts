// A backend that plays scenarios: prompt tokens in, the scenario's completion out as token events,
// with stop strings, limits, log-probabilities, usage and abort as an engine would treat them.
// Knows no API and no socket; where a connection is to break it calls `onCut` and waits to be aborted.

import {
  type Backend,
  BackendError,
  type FinishReason,
  type GenerateEvent,
  type GenerateRequest,
  type ModelCard,
  type TokenLogprobs,
} from '../backend/types.js';
import { StopMatcher, type Released } from '../backend/stop-matcher.js';
import { validateRequest } from '../backend/validate-request.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import { BlockMemory } from './block-memory.js';
import { viewPrompt, type PromptView } from './prompt-view.js';
import type { Scenario, Script, ScriptEnding } from './scenario.js';
import { callOf } from './tool-scenarios.js';
import { TurnWriter, withoutOpening } from './turn-writer.js';

/** Time as a dependency; the server's timers fit. */
export interface ScenarioTimers {
  /** Runs `callback` once after `ms`; the returned function cancels it. */
  after(ms: number, callback: () => void): () => void;
}

export interface ScenarioBackendOptions {
  tokenizer: Tokenizer;
  timers: ScenarioTimers;
  /**
   * Breaks the client's connection in the middle of the reply to this request (`GenerateRequest.id`).
   * The break must abort the request's signal. Absent: such a scenario ends as a lost engine does.
   */
  onCut?: (requestId: string) => void;
  /** Default: `hadal-lab` with the platform's context. */
  card?: ModelCard;
}

/** A backend that plays one scenario to every request; a scenario's `failure` is not its business. */
export function scenarioBackend(scenario: Scenario, options: ScenarioBackendOptions): Backend {
  return new ScenarioBackend(scenario, options);
}

const FINISH_REASONS = {
  stop: 'stop',
  length: 'length',
  'engine-lost': 'insufficient_system_resource',
  'content-filter': 'content_filter',
  cut: 'insufficient_system_resource',
} as const satisfies Record<ScriptEnding, FinishReason>;

/** Longest completion, whatever a script says. */
const MAX_COMPLETION_TOKENS = 131_072;
/** Tokens between two chances for other work, in a script without pauses. */
const TOKENS_PER_TURN = 64;

export class ScenarioBackend implements Backend {
  readonly #scenario: Scenario;
  readonly #options: ScenarioBackendOptions;
  readonly #card: ModelCard;
  readonly #memory = new BlockMemory();
  #isClosed = false;

  constructor(scenario: Scenario, options: ScenarioBackendOptions) {
    this.#scenario = scenario;
    this.#options = options;
    this.#card = options.card ?? {
      id: 'hadal-lab',
      contextLength: 131_072,
      vocabSize: options.tokenizer.vocabSize,
    };
  }

  cards(): ModelCard[] {
    return [this.#card];
  }

  health(): ReturnType<Backend['health']> {
    return { status: this.#isClosed ? 'closed' : 'ready' };
  }

  async dispose(): Promise<void> {
    this.#isClosed = true;
  }

  async *generate(
    request: GenerateRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GenerateEvent, void> {
    if (this.#isClosed) throw new BackendError('unavailable', 'the lab is closed');
    validateRequest(request, this.#card);
    const { promptTokens, cacheSalt } = request;
    const script = this.#script(viewPrompt(promptTokens, this.#options.tokenizer));
    const tokens = this.#tokensOf(script, request);
    const usage = {
      promptTokens: promptTokens.length,
      cacheHitTokens: this.#memory.hits(promptTokens, cacheSalt),
      completionTokens: 0,
    };
    const finish = (reason: FinishReason): GenerateEvent => ({ type: 'finish', reason, usage });
    const { beforeFirstMs = 0, perTokenMs = 0, pause } = script.timing ?? {};
    await this.#wait(beforeFirstMs, signal);
    if (signal.aborted) return yield finish('aborted');
    yield {
      type: 'prefill-progress',
      processedTokens: usage.promptTokens,
      promptTokens: usage.promptTokens,
      cacheHitTokens: usage.cacheHitTokens,
    };
    this.#memory.remember(promptTokens, cacheSalt);

    const matcher = new StopMatcher<number>(request.stopStrings);
    for (const [index, token] of tokens.entries()) {
      if (perTokenMs > 0) await this.#wait(perTokenMs, signal);
      if (pause?.afterTokens === index) await this.#wait(pause.ms, signal);
      if (index % TOKENS_PER_TURN === TOKENS_PER_TURN - 1) await turnOfOthers();
      if (signal.aborted) return yield finish('aborted');
      usage.completionTokens++;
      const { released, match } = matcher.push(this.#pending(token));
      yield* this.#tokenEvents(released, request);
      if (!match) continue;
      return yield { type: 'finish', reason: 'stop', usage, stoppedBy: { string: match.stop } };
    }
    yield* this.#tokenEvents(matcher.flush(), request);
    if (tokens.length >= this.#limit(request)) return yield finish('length');
    yield finish(await this.#end(script.ending ?? 'stop', request, signal));
  }

  /** A forced tool choice is obeyed by every scenario, as the platform promises. */
  #script(prompt: PromptView): Script {
    const script = this.#scenario.play(prompt);
    const { forcedCall, tools } = prompt;
    if (!forcedCall) return script;
    const rest = withoutOpening(script.completion, forcedCall.text);
    if (rest) return { ...script, completion: rest };
    const tool = tools.find(({ name }) => name === forcedCall.name) ?? tools[0];
    if (!tool) return script;
    const turn = new TurnWriter(prompt).call(callOf(tool)).done();
    return { completion: withoutOpening(turn, forcedCall.text) ?? turn };
  }

  /** The completion's tokens, as many as the limits let through. */
  #tokensOf({ completion, repeatToTokens }: Script, request: GenerateRequest): Int32Array {
    const { tokenizer } = this.#options;
    const once = tokenizer.encodeSegments(completion);
    const limit = this.#limit(request);
    if (repeatToTokens === undefined) return once.subarray(0, limit);
    const head = tokenizer.encodeSegments(completion.slice(0, -1));
    const filler = tokenizer.encodeSegments(completion.slice(-1));
    const length = filler.length === 0 ? head.length : repeatToTokens;
    return Int32Array.from({ length: Math.min(length, limit) }, (_, index) =>
      index < head.length ? head[index]! : filler[(index - head.length) % filler.length]!,
    );
  }

  #limit({ maxTokens, promptTokens }: GenerateRequest): number {
    const room = this.#card.contextLength - promptTokens.length;
    return Math.min(maxTokens, room, MAX_COMPLETION_TOKENS);
  }

  #pending(token: number) {
    const { tokenizer } = this.#options;
    const bytes = tokenizer.tokenBytes(token);
    return { value: token, bytes, isControl: tokenizer.isControl(token) };
  }

  *#tokenEvents(
    released: readonly Released<number>[],
    { topLogprobs }: GenerateRequest,
  ): Generator<GenerateEvent, void> {
    for (const { value: token, visibleBytes } of released) {
      yield {
        type: 'token',
        token,
        ...(visibleBytes !== undefined && { visibleBytes }),
        ...(topLogprobs !== undefined && { logprobs: this.#logprobs(token, topLogprobs) }),
      };
    }
  }

  /** Plausible, and distinguishable by id: the token itself first, its neighbours after it. */
  #logprobs(token: number, numTop: number): TokenLogprobs {
    const top = Array.from({ length: numTop }, (_, rank) => ({
      token: (token + rank) % this.#card.vocabSize,
      logprob: -0.25 * (rank + 1),
    }));
    return { logprob: -0.25, rank: 1, top };
  }

  async #end(
    ending: ScriptEnding,
    { id }: GenerateRequest,
    signal: AbortSignal,
  ): Promise<FinishReason> {
    const { onCut } = this.#options;
    if (signal.aborted) return 'aborted';
    if (ending !== 'cut' || !onCut) return FINISH_REASONS[ending];
    onCut(id);
    await aborted(signal);
    return 'aborted';
  }

  /** Returns early when the request is aborted. */
  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    if (ms <= 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.#options.timers.after(ms, done);
      signal.addEventListener('abort', done);
    });
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}

/** A long script must not hold up everyone else. */
function turnOfOthers(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
