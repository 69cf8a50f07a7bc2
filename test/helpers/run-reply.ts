// Runs one request of the road over a scripted backend and adds its events up, checking the promises
// of ReplyEvent on the way.

import assert from 'node:assert/strict';
import { ChatService } from '../../src/chat/chat-service.js';
import type { ChatRequest, FimRequest, ReplyEvent } from '../../src/chat/types.js';
import { ScriptedBackend, testTokenizer, type ScriptedBackendOptions } from './scripted-backend.js';

export const tokenizer = testTokenizer();

export function chatRequest(changes: Partial<ChatRequest> = {}): ChatRequest {
  return {
    kind: 'chat',
    traceId: 'trace',
    tenant: 'tenant',
    model: 'scripted',
    thinking: false,
    messages: [{ role: 'user', content: 'hi' }],
    tools: [],
    toolChoice: { type: 'auto' },
    responseFormat: 'text',
    prefix: false,
    sampling: { temperature: 0, topP: 1, presencePenalty: 0, frequencyPenalty: 0 },
    stop: [],
    maxTokens: 4096,
    maxTokensExplicit: false,
    ...changes,
  };
}

export function fimRequest(changes: Partial<FimRequest> = {}): FimRequest {
  const { traceId, tenant, model, sampling, stop, maxTokens, maxTokensExplicit } = chatRequest();
  const shared = { traceId, tenant, model, sampling, stop, maxTokens, maxTokensExplicit };
  return { kind: 'fim', prompt: 'a', ...shared, ...changes };
}

export interface RanReply {
  backend: ScriptedBackend;
  events: ReplyEvent[];
  reasoning: string;
  content: string;
  calls: { id: string; name: string; arguments: string }[];
  start: Extract<ReplyEvent, { type: 'start' }>;
  finish: Extract<ReplyEvent, { type: 'finish' }>;
}

interface RunOptions {
  signal?: AbortSignal;
  /** Sees each event before the next is asked for. */
  onEvent?: (event: ReplyEvent) => void;
}

/** `options.complete` plays the model. */
export async function runReply(
  request: ChatRequest | FimRequest,
  options: Omit<ScriptedBackendOptions, 'tokenizer'>,
  { signal = new AbortController().signal, onEvent }: RunOptions = {},
): Promise<RanReply> {
  const backend = new ScriptedBackend({ tokenizer, ...options });
  const service = new ChatService({ backend, tokenizer, newCallId: (index) => `id ${index}` });
  const events: ReplyEvent[] = [];
  const prepared = await service.prepare(request);
  for await (const event of prepared.events(signal)) {
    events.push(event);
    onEvent?.(event);
  }
  assertContract(events);
  const [start] = events;
  const finish = events.at(-1);
  assert.ok(start?.type === 'start' && finish?.type === 'finish');
  const reply: RanReply = {
    backend,
    events,
    reasoning: '',
    content: '',
    calls: [],
    start,
    finish,
  };
  for (const event of events) {
    if (event.type === 'reasoning-delta') reply.reasoning += event.text;
    if (event.type === 'content-delta') reply.content += event.text;
    if (event.type === 'tool-call-start') {
      reply.calls.push({ id: event.id, name: event.name, arguments: '' });
    }
    if (event.type === 'tool-call-delta') {
      reply.calls[event.index]!.arguments += event.argumentsDelta;
    }
  }
  return reply;
}

/** Order, pairs, one start, one finish. */
export function assertContract(events: readonly ReplyEvent[]): void {
  const starts = events.map(({ type }) => type).filter((type) => !type.endsWith('delta'));
  assert.match(
    starts.join(' '),
    /^start (reasoning-start reasoning-end )?(content-start content-end )?(tool-call-start tool-call-end )*finish$/,
  );
}
