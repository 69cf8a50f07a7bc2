// Lost reasoning (leniency `heal_reasoning`): what a model thought before a tool call is kept, found
// again by the ids of the calls or by the conversation around them, and put back where a client has
// dropped it (api reference §5.4, §14 item 1).

import { createHash, type Hash } from 'node:crypto';
import type { ChatRequest, ReplyEvent } from '../../chat/types.js';
import type { AssistantMessage, Message, ToolCall } from '../../encoding/message.js';
import type { Platform, ReasoningKey } from '../../store/types.js';

/** Turns of one request: a running question is not longer. */
const MAX_HEALED = 256;

type Calls = readonly Pick<ToolCall, 'id' | 'name' | 'arguments'>[];

/** Fills the given assistant turns in place where their reasoning is still known. */
export async function healReasoning(
  request: ChatRequest,
  missing: readonly number[],
  platform: Platform,
): Promise<void> {
  if (missing.length === 0) return;
  const wanted = new Set(missing.slice(0, MAX_HEALED));
  const hash = createHash('sha256');
  const found: Promise<void>[] = [];
  for (const [index, message] of request.messages.entries()) {
    if (found.length === wanted.size) break;
    if (wanted.has(index) && message.role === 'assistant' && message.toolCalls) {
      const key = reasoningKey(hash.copy(), message.toolCalls);
      found.push(recall(request, message, { key, platform }));
    }
    hash.update(JSON.stringify(essence(message)));
  }
  await Promise.all(found);
}

async function recall(
  { tenant }: ChatRequest,
  message: AssistantMessage,
  { key, platform }: { key: ReasoningKey; platform: Platform },
): Promise<void> {
  const reasoning = await platform.recallReasoning(tenant, key);
  if (reasoning !== undefined) message.reasoningContent = reasoning;
}

/** Listens to a reply in thinking mode and keeps the reasoning that led to tool calls. */
export class ReasoningKeeper {
  readonly #request: ChatRequest;
  #reasoning = '';
  readonly #calls: ToolCall[] = [];

  constructor(request: ChatRequest) {
    this.#request = request;
  }

  accept(event: ReplyEvent): void {
    switch (event.type) {
      case 'reasoning-delta':
        this.#reasoning += event.text;
        break;
      case 'tool-call-start':
        this.#calls.push({ id: event.id, name: event.name, arguments: '' });
        break;
      case 'tool-call-delta':
        this.#calls[event.index]!.arguments += event.argumentsDelta;
        break;
    }
  }

  /** Never fails: the reply is finished and billed already. */
  async keep(platform: Platform): Promise<void> {
    if (this.#calls.length === 0 || this.#reasoning === '') return;
    const hash = createHash('sha256');
    for (const message of this.#request.messages) hash.update(JSON.stringify(essence(message)));
    const key = reasoningKey(hash, this.#calls);
    await platform.rememberReasoning(this.#request.tenant, key, this.#reasoning);
  }
}

/** `before` has taken in the essence of every message before the turn. */
function reasoningKey(before: Hash, calls: Calls): ReasoningKey {
  const prefixDigest = before.update(JSON.stringify(calls.map(callEssence))).digest('hex');
  return { callIds: calls.map(({ id }) => id), prefixDigest };
}

/** What clients keep of a message: not the reasoning, not the ids, not the spacing of arguments. */
function essence(message: Message): unknown[] {
  const calls = message.role === 'assistant' ? (message.toolCalls ?? []) : [];
  return [message.role, message.content.trim(), calls.map(callEssence)];
}

function callEssence({ name, arguments: text }: Pick<ToolCall, 'name' | 'arguments'>): unknown[] {
  return [name, canonicalJson(text)];
}

function canonicalJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text; // a call that was cut
  }
}
