// Lost reasoning (leniency `heal_reasoning`): what a model thought before a tool call is kept, found
// again by the ids of the calls or by the conversation around them, and put back where a client has
// dropped it (api reference §5.4, §14 item 1).

import { createHash } from 'node:crypto';
import type { ChatRequest, ReplyEvent } from '../../chat/types.js';
import type { Message, ToolCall } from '../../encoding/message.js';
import type { Platform, ReasoningKey } from '../../store/types.js';

type Calls = readonly Pick<ToolCall, 'id' | 'name' | 'arguments'>[];

/** Fills the given assistant turns in place where their reasoning is still known. */
export async function healReasoning(
  request: ChatRequest,
  missing: readonly number[],
  platform: Platform,
): Promise<void> {
  await Promise.all(
    missing.map(async (index) => {
      const message = request.messages[index];
      if (message?.role !== 'assistant' || !message.toolCalls) return;
      const key = reasoningKey(request.messages.slice(0, index), message.toolCalls);
      const reasoning = await platform.recallReasoning(request.tenant, key);
      if (reasoning !== undefined) message.reasoningContent = reasoning;
    }),
  );
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

  async keep(platform: Platform): Promise<void> {
    if (this.#calls.length === 0 || this.#reasoning === '') return;
    const key = reasoningKey(this.#request.messages, this.#calls);
    await platform.rememberReasoning(this.#request.tenant, key, this.#reasoning);
  }
}

function reasoningKey(before: readonly Message[], calls: Calls): ReasoningKey {
  const hash = createHash('sha256');
  for (const message of before) hash.update(JSON.stringify(essence(message)));
  hash.update(JSON.stringify(calls.map(callEssence)));
  return { callIds: calls.map(({ id }) => id), prefixDigest: hash.digest('hex') };
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
