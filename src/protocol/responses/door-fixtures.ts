// For the tests of this door: requests to it, and replies as the road would give them.

import type { ChatRequest, ReplyEvent, ReplyFinishReason, ReplyUsage } from '../../chat/types.js';
import type { ParsedRequest, RequestContext } from '../door.js';
import { LeniencyLog, type Leniency } from '../leniency.js';
import type { ReplyHeader } from '../openai/reply-header.js';
import { responsesDoor } from './responses-door.js';

export interface RequestOptions extends Partial<Omit<RequestContext, 'leniency'>> {
  leniencies?: Leniency[];
}

export interface TestRequest extends ParsedRequest {
  chat: ChatRequest;
  leniency: LeniencyLog;
}

/** Sends `fields` on top of a model name. @throws ApiError */
export function parseRequest(
  fields: Record<string, unknown>,
  options: RequestOptions = {},
): TestRequest {
  return parseBody(Buffer.from(JSON.stringify({ model: 'deepseek-chat', ...fields })), options);
}

/** @throws ApiError */
export function parseBody(
  body: Uint8Array,
  { leniencies = [], ...context }: RequestOptions = {},
): TestRequest {
  const leniency = new LeniencyLog(leniencies);
  const parsed = responsesDoor.parse(body, {
    traceId: 'trace',
    tenant: 'tenant',
    model: 'weights',
    base: 'main',
    mapTemperature: false,
    usageChunk: 'inline',
    leniency,
    requireBalance: () => {},
    ...context,
  });
  if (parsed.request.kind !== 'chat') throw new Error('this door makes chat requests only');
  return { ...parsed, chat: parsed.request, leniency };
}

export function messagesOf(fields: Record<string, unknown>, options: RequestOptions = {}) {
  return parseRequest(fields, options).chat.messages;
}

export const USAGE: ReplyUsage = {
  promptTokens: 90,
  cacheHitTokens: 64,
  cacheMissTokens: 26,
  completionTokens: 17,
  reasoningTokens: 5,
};

export function headerOf({ mode }: ParsedRequest): ReplyHeader {
  return {
    id: '91c02d4e-0c53-4a6b-9d8e-2f6a1b3c4d5e',
    created: 1_764_547_200,
    mode,
    systemFingerprint: 'fp_test',
  };
}

export interface Reply {
  reasoning?: string[];
  content?: string[];
  calls?: { name: string; pieces: string[] }[];
  reason?: ReplyFinishReason;
}

export function eventsOf({ reasoning, content, calls = [], reason }: Reply): ReplyEvent[] {
  const events: ReplyEvent[] = [{ type: 'start', promptTokens: 90, cacheHitTokens: 64 }];
  if (reasoning) {
    const deltas = reasoning.map((text) => ({ type: 'reasoning-delta', text }) as const);
    events.push({ type: 'reasoning-start' }, ...deltas, { type: 'reasoning-end' });
  }
  if (content) {
    const deltas = content.map((text) => ({ type: 'content-delta', text }) as const);
    events.push({ type: 'content-start' }, ...deltas, { type: 'content-end' });
  }
  for (const [index, { name, pieces }] of calls.entries()) {
    events.push(
      { type: 'tool-call-start', index, id: `call_0${index}_x`, name },
      ...pieces.map(
        (argumentsDelta) => ({ type: 'tool-call-delta', index, argumentsDelta }) as const,
      ),
      { type: 'tool-call-end', index },
    );
  }
  const ended = calls.length > 0 ? 'tool_calls' : 'stop';
  events.push({ type: 'finish', reason: reason ?? ended, usage: USAGE });
  return events;
}

export function streamText(parsed: ParsedRequest, events: readonly ReplyEvent[]): string {
  const stream = parsed.newStream(headerOf(parsed));
  return events.map((event) => stream.next(event)).join('');
}

/** Data of each frame; asserts nothing but the framing. */
export function framesOf(text: string): Record<string, unknown>[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [, name, data] = /^event: (.+)\ndata: (.+)$/.exec(frame) ?? [];
      const value = JSON.parse(data ?? 'null') as Record<string, unknown> | null;
      if (value?.['type'] !== name) throw new Error(`not a frame: ${frame}`);
      return value!;
    });
}

export function bodyText(parsed: ParsedRequest, events: readonly ReplyEvent[]): string {
  const body = parsed.newBody(headerOf(parsed));
  for (const event of events) body.accept(event);
  return body.text();
}
