// Keeps an eighth of the token budget for the answer (api reference §14, pitfall 9). Reasoning that
// has used up the rest is stopped, closed with `</think>`, and generation goes on behind that. Two
// requests to the backend, one stream of events: the client sees one reply whose prompt was billed
// once. Knows tokens only; its caller says whether the text so far is still reasoning.

import {
  BackendError,
  type Backend,
  type GenerateEvent,
  type GenerateRequest,
  type GrammarSpec,
  type TokenUsage,
} from '../backend/types.js';
import type { FinishEvent } from './reply-assembler.js';

export interface ReservedAnswerOptions {
  backend: Backend;
  request: GenerateRequest;
  /** Context length of the weights: the budget may end there and not at `maxTokens`. */
  contextLength: number;
  /** The tokens of `</think>`. */
  thinkClose: Int32Array;
  /** What the answer must look like; the request's own grammar begins with the reasoning. */
  answerGrammar?: GrammarSpec;
  /** Asked after each token has been consumed. */
  isReasoning: () => boolean;
  signal: AbortSignal;
}

const RESERVED_SHARE = 1 / 8;

/**
 * Contract: as `Backend.generate`, and the finish says when reasoning was stopped. That never happens
 * inside a tool call that it may end in, but when it goes on behind one, as long as `</think>` and
 * one token fit.
 */
export async function* generateWithAnswer(
  options: ReservedAnswerOptions,
): AsyncGenerator<GenerateEvent | FinishEvent, void> {
  const { backend, request, contextLength, thinkClose, isReasoning, signal } = options;
  const budget = Math.min(request.maxTokens, contextLength - request.promptTokens.length);
  const reserved = Math.max(Math.ceil(budget * RESERVED_SHARE), thinkClose.length + 1);
  const latest = budget - thinkClose.length - 1;
  const reasoning: number[] = [];
  let cacheHitTokens = 0;
  let isStopped = false;
  for await (const event of backend.generate(request, signal)) {
    if (event.type === 'token') reasoning.push(event.token);
    else if (event.type === 'prefill-progress') cacheHitTokens ||= event.cacheHitTokens ?? 0;
    yield event;
    if (event.type !== 'token' || event.visibleBytes !== undefined) continue;
    const numTokens = reasoning.length;
    isStopped = numTokens >= budget - reserved && numTokens <= latest && isReasoning();
    if (isStopped) break; // ends this request at the backend
  }
  if (isStopped) yield* generateAnswer(options, { reasoning, budget, cacheHitTokens });
}

/** The rest of the budget, behind the reasoning and `</think>`. */
async function* generateAnswer(
  { backend, request, thinkClose, answerGrammar, signal }: ReservedAnswerOptions,
  {
    reasoning,
    budget,
    cacheHitTokens,
  }: { reasoning: readonly number[]; budget: number; cacheHitTokens: number },
): AsyncGenerator<GenerateEvent | FinishEvent, void> {
  const numBefore = reasoning.length + thinkClose.length;
  const usage = (completionTokens: number): TokenUsage => ({
    promptTokens: request.promptTokens.length,
    cacheHitTokens,
    completionTokens,
  });
  let isClosed = false;
  const answer = {
    ...request,
    // The backend may still be busy ending the first request.
    id: `${request.id}/answer`,
    promptTokens: joinTokens(request.promptTokens, reasoning, thinkClose),
    maxTokens: budget - numBefore,
    ...(answerGrammar && { grammar: answerGrammar }),
  };
  try {
    for await (const event of backend.generate(answer, signal)) {
      if (!isClosed) yield* Array.from(thinkClose, tokenEvent);
      isClosed = true;
      if (event.type === 'token') yield event;
      if (event.type !== 'finish') continue;
      const completionTokens = numBefore + event.usage.completionTokens;
      yield { ...event, usage: usage(completionTokens), reservedAnswer: true };
    }
  } catch (error) {
    // The reply has begun, so it cannot be refused any more; it ends like one of a dying engine.
    if (isClosed || !(error instanceof BackendError)) throw error;
    yield {
      type: 'finish',
      reason: 'insufficient_system_resource',
      usage: usage(reasoning.length),
      reservedAnswer: true,
    };
  }
}

function tokenEvent(token: number): GenerateEvent {
  return { type: 'token', token };
}

/** By copying: a long prompt does not fit into an argument list. */
function joinTokens(...parts: readonly ArrayLike<number>[]): Int32Array {
  const joined = new Int32Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
