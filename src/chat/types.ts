// The one road between the API dialects and the backends: a ChatRequest goes down, ReplyEvents
// come back up. Neither dialect nor engine is known here.

import type { SamplingParams, TokenLogprob } from '../backend/types.js';
import type { Message, ToolDefinition } from '../encoding/message.js';

export type ToolChoice =
  { type: 'auto' } | { type: 'none' } | { type: 'required' } | { type: 'function'; name: string };

export interface ChatRequest {
  kind: 'chat';
  traceId: string;
  /** Card id of the weights to use. */
  model: string;
  thinking: boolean;
  messages: Message[];
  tools: ToolDefinition[];
  toolChoice: ToolChoice;
  /** Strict mode: call arguments must follow their schemas, which have been checked (§6.3). */
  strictTools?: boolean;
  responseFormat: 'text' | 'json_object';
  /** The last message is an assistant prefix to continue. */
  prefix: boolean;
  sampling: SamplingParams;
  stop: string[];
  maxTokens: number;
  /** Whether `maxTokens` came from the client; if so it counts in the context check. */
  maxTokensExplicit: boolean;
  topLogprobs?: number;
  /** Keep an eighth of `maxTokens` for the answer: reasoning that would use it up is closed. */
  reserveAnswer?: boolean;
  tenant: string;
}

/** Fill in the middle, or plain continuation without a suffix: no template, no thinking (§6.2). */
export interface FimRequest {
  kind: 'fim';
  traceId: string;
  /** Card id of the weights to use. */
  model: string;
  prompt: string;
  suffix?: string;
  sampling: SamplingParams;
  stop: string[];
  maxTokens: number;
  maxTokensExplicit: boolean;
  topLogprobs?: number;
  tenant: string;
}

export interface ReplyUsage {
  promptTokens: number;
  cacheHitTokens: number;
  /** promptTokens - cacheHitTokens */
  cacheMissTokens: number;
  /** Includes reasoning and tool-call tokens. */
  completionTokens: number;
  reasoningTokens: number;
}

export type ReplyFinishReason =
  'stop' | 'length' | 'tool_calls' | 'content_filter' | 'insufficient_system_resource' | 'aborted';

/** Log-probability of one emitted token, with its text. */
export interface ReplyLogprob extends TokenLogprob {
  bytes: Uint8Array;
  /** 1 = the most likely token. */
  rank: number;
  topLogprobs: (TokenLogprob & { bytes: Uint8Array })[];
}

/**
 * Contract: order is start, reasoning, content, tool calls (index 0 whole, then 1, ...), finish.
 * Each block's `start` has its `end`. Exactly one `start` opens and one `finish` ends the stream.
 * A FIM reply has content only.
 */
export type ReplyEvent =
  /**
   * The backend has taken the request up. `cacheHitTokens` as in the final usage, of a backend that
   * tells it with its first event; else 0.
   */
  | { type: 'start'; promptTokens: number; cacheHitTokens: number }
  | { type: 'reasoning-start' }
  | { type: 'reasoning-delta'; text: string }
  | { type: 'reasoning-end' }
  | { type: 'content-start' }
  | { type: 'content-delta'; text: string; logprobs?: ReplyLogprob[] }
  | { type: 'content-end' }
  | { type: 'tool-call-start'; index: number; id: string; name: string }
  | { type: 'tool-call-delta'; index: number; argumentsDelta: string }
  | { type: 'tool-call-end'; index: number }
  | {
      type: 'finish';
      reason: ReplyFinishReason;
      usage: ReplyUsage;
      stopString?: string;
      /** Reasoning was closed to keep tokens for the answer (`ChatRequest.reserveAnswer`). */
      reservedAnswer?: true;
    };
