// The two dialects that harnesses speak, as far as a trace needs them: which messages a request has, what
// they say whatever the spelling, and the reply, whole or put together from its stream. Everything comes
// from outside: what does not fit is left out or null, nothing throws.

import type { Usage } from '../model-loop/chat-endpoint.js';
import type { Json } from '../world-types.js';
import type { TracedMessage } from './proxy-trace.js';

export interface ReadReply {
  readonly reply: TracedMessage | undefined;
  readonly finishReason: string | null;
  readonly usage: Usage | null;
}

export interface Dialect {
  readonly name: 'chat' | 'messages';
  /** In order, the system message first. */
  messagesIn(request: Fields): TracedMessage[];
  /** Of a whole reply. */
  replyIn(body: unknown): ReadReply;
  /** Of the data of a stream's events, in order; a stream that was cut off gives what there is. */
  replyOf(events: readonly unknown[]): ReadReply;
}

export type Fields = Readonly<Record<string, unknown>>;

export const chatDialect: Dialect = {
  name: 'chat',
  messagesIn: ({ messages }) => listOf(messages).map(chatMessage),
  replyIn(body) {
    const [choice] = listOf(fieldsOf(body)['choices']).map(fieldsOf);
    const message = choice?.['message'];
    return {
      reply: isFields(message) ? chatMessage(message) : undefined,
      finishReason: textOrNull(choice?.['finish_reason']),
      usage: chatUsage(fieldsOf(body)['usage']),
    };
  },
  replyOf(events) {
    let [content, reasoning] = ['', ''];
    let [finishReason, usage]: [string | null, Usage | null] = [null, null];
    const calls: { id: string; type: 'function'; function: { name: string; arguments: string } }[] =
      [];
    let hasBegun = false;
    for (const event of events.map(fieldsOf)) {
      usage = chatUsage(event['usage']) ?? usage;
      const [choice] = listOf(event['choices']).map(fieldsOf);
      if (!choice) continue;
      hasBegun = true;
      const delta = fieldsOf(choice['delta']);
      content += textOf(delta['content']);
      reasoning += textOf(delta['reasoning_content']);
      for (const part of listOf(delta['tool_calls']).map(fieldsOf)) {
        const index = Number.isInteger(part['index']) ? (part['index'] as number) : calls.length;
        if (index < 0 || index > calls.length) continue;
        const call = (calls[index] ??= {
          id: '',
          type: 'function',
          function: { name: '', arguments: '' },
        });
        const called = fieldsOf(part['function']);
        call.id ||= textOf(part['id']);
        call.function.name += textOf(called['name']);
        call.function.arguments += textOf(called['arguments']);
      }
      finishReason = textOrNull(choice['finish_reason']) ?? finishReason;
    }
    const message = {
      role: 'assistant',
      content,
      ...(reasoning !== '' && { reasoning_content: reasoning }),
      ...(calls.length > 0 && { tool_calls: calls }),
    };
    return { reply: hasBegun ? chatMessage(message) : undefined, finishReason, usage };
  },
};

export const messagesDialect: Dialect = {
  name: 'messages',
  messagesIn({ system, messages }) {
    const first = system === undefined ? [] : [{ role: 'system', content: system }];
    return [...first, ...listOf(messages)].map(blockMessage);
  },
  replyIn(body) {
    const { role, content, stop_reason: stop, usage } = fieldsOf(body);
    const isReply = role === 'assistant' && Array.isArray(content);
    return {
      reply: isReply ? blockMessage({ role, content }) : undefined,
      finishReason: textOrNull(stop),
      usage: blockUsage(usage),
    };
  },
  replyOf(events) {
    const blocks: Record<string, unknown>[] = [];
    const inputs: string[] = [];
    let finishReason: string | null = null;
    let usage: Fields = {};
    let hasBegun = false;
    for (const event of events.map(fieldsOf)) {
      const index = Number.isInteger(event['index']) ? (event['index'] as number) : -1;
      switch (event['type']) {
        case 'message_start':
          hasBegun = true;
          usage = { ...usage, ...fieldsOf(fieldsOf(event['message'])['usage']) };
          break;
        case 'content_block_start':
          if (index === blocks.length) blocks.push({ ...fieldsOf(event['content_block']) });
          break;
        case 'content_block_delta': {
          const block = blocks[index];
          const delta = fieldsOf(event['delta']);
          if (!block) break;
          for (const name of ['text', 'thinking', 'signature']) {
            if (typeof delta[name] === 'string') block[name] = textOf(block[name]) + delta[name];
          }
          inputs[index] = (inputs[index] ?? '') + textOf(delta['partial_json']);
          break;
        }
        case 'message_delta':
          finishReason = textOrNull(fieldsOf(event['delta'])['stop_reason']) ?? finishReason;
          usage = { ...usage, ...fieldsOf(event['usage']) };
          break;
      }
    }
    const content = blocks.map((block, i) => {
      const input = inputs[i];
      return block['type'] === 'tool_use' && input ? { ...block, input: parsed(input) } : block;
    });
    const message = { role: 'assistant', content };
    return {
      reply: hasBegun ? blockMessage(message) : undefined,
      finishReason,
      usage: blockUsage(usage),
    };
  },
};

/** The data of server-sent events that are JSON. */
export function eventsIn(text: string): unknown[] {
  const lines = text.split(/\r?\n/).filter((line) => line.startsWith('data:'));
  return lines.map((line) => parsed(line.slice(5))).filter((data) => data !== null);
}

function chatMessage(value: unknown): TracedMessage {
  const message = fieldsOf(value);
  const { role, content, tool_call_id: answers } = message;
  const calls = listOf(message['tool_calls']).map((call) => {
    const { name, arguments: args } = fieldsOf(fieldsOf(call)['function']);
    return [textOf(name), argumentsOf(args)];
  });
  return {
    message: message as Json,
    says: [textOf(role), textIn(content), calls, textOf(answers)] as Json,
  };
}

function blockMessage(value: unknown): TracedMessage {
  const message = fieldsOf(value);
  const { role, content } = message;
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : listOf(content);
  const parts = blocks.map(fieldsOf).flatMap((block): Json[] => {
    switch (block['type']) {
      case 'text':
        return textOf(block['text']) === '' ? [] : [textOf(block['text'])];
      case 'tool_use':
        return [[textOf(block['name']), (block['input'] ?? null) as Json]];
      case 'tool_result':
        return [[textOf(block['tool_use_id']), textIn(block['content'])]];
      // Reasoning may be left out when it is sent back; marks for a cache are no part of what is said.
      case 'thinking':
      case 'redacted_thinking':
        return [];
      default:
        return [block as Json];
    }
  });
  return { message: message as Json, says: [textOf(role), parts] };
}

/** Text, or the texts of a list of parts; other parts as they are. */
function textIn(content: unknown): Json {
  if (!Array.isArray(content)) return textOf(content);
  const parts = (content as unknown[]).map((part) => {
    const { type, text } = fieldsOf(part);
    return type === 'text' ? textOf(text) : (part as Json);
  });
  return parts.every((part) => typeof part === 'string') ? parts.join('') : parts;
}

/** Spacing and order of fields do not matter. */
function argumentsOf(text: unknown): Json {
  if (typeof text !== 'string') return (text ?? null) as Json;
  const value = parsed(text);
  return value === null ? text : (value as Json);
}

function chatUsage(value: unknown): Usage | null {
  const usage = fieldsOf(value);
  if (typeof usage['completion_tokens'] !== 'number') return null;
  const cached =
    fieldsOf(usage['prompt_tokens_details'])['cached_tokens'] ?? usage['prompt_cache_hit_tokens'];
  return {
    prompt_tokens: countOf(usage['prompt_tokens']),
    completion_tokens: countOf(usage['completion_tokens']),
    reasoning_tokens: countOf(fieldsOf(usage['completion_tokens_details'])['reasoning_tokens']),
    cached_tokens: countOf(cached),
  };
}

/** Anthropic counts what was read from a cache, and written to it, besides the input. */
function blockUsage(value: unknown): Usage | null {
  const usage = fieldsOf(value);
  if (typeof usage['output_tokens'] !== 'number') return null;
  const cached = countOf(usage['cache_read_input_tokens']);
  const written = countOf(usage['cache_creation_input_tokens']);
  return {
    prompt_tokens: countOf(usage['input_tokens']) + cached + written,
    completion_tokens: countOf(usage['output_tokens']),
    reasoning_tokens: 0,
    cached_tokens: cached,
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const countOf = (value: unknown): number =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : 0;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null; // `[DONE]`, or cut off
  }
}
