// Renders the internal message union: translates it to the wire form and hands it to render.ts,
// so there is one renderer. Owns what the official encoder leaves to the server: request-level
// tools, tool results in call order, and conversations with several developer messages.

import { EncodingError } from './encoding-error.js';
import { type JsonObject, type JsonValue, jsonObject } from './json.js';
import type {
  AssistantMessage,
  Message,
  ThinkingMode,
  ToolDefinition,
  ToolMessage,
} from './message.js';
import { renderInSteps } from './render.js';
import type { Segment } from './segments.js';
import { runToEnd } from './steps.js';

export interface EncodeOptions {
  thinkingMode: ThinkingMode;
  /** Request-level tools: they go to a leading system message, which is added if missing. */
  tools?: readonly ToolDefinition[];
  addBos?: boolean;
  /** Writes turns and call arguments that the official encoder refuses (see RenderOptions). */
  forgives?: boolean;
}

/**
 * Renders a conversation as prompt segments. Throws EncodingError.
 *
 * The `drop_thinking` filter of the official encoder is left off: it changes no prompt it can
 * encode, and fails on developer messages before the last turn (encoding reference, section 8).
 */
export function encodeMessages(messages: readonly Message[], options: EncodeOptions): Segment[] {
  return runToEnd(encodeInSteps(messages, options));
}

/** `encodeMessages` in steps of some hundred messages or calls. Throws EncodingError. */
export function* encodeInSteps(
  messages: readonly Message[],
  { thinkingMode, tools = [], addBos = true, forgives = false }: EncodeOptions,
): Generator<void, Segment[]> {
  const sorted = sortToolResults(withTools(messages, tools));
  const isLong = sorted.length > LONG;
  if (isLong) yield;
  const wire = sorted.map(toWire);
  if (isLong) yield;
  return yield* renderInSteps(wire, { thinkingMode, dropThinking: false, addBos, forgives });
}

/** Messages from which on each pass over them is a step of its own. */
const LONG = 4096;

/** Encoding reference, section 11: the first message carries the tools if it is a system message. */
function withTools(messages: readonly Message[], tools: readonly ToolDefinition[]): Message[] {
  if (tools.length === 0) return [...messages];
  const [first, ...rest] = messages;
  if (first?.role !== 'system')
    return [{ role: 'system', content: '', tools: [...tools] }, ...messages];
  return [{ ...first, tools: [...(first.tools ?? []), ...tools] }, ...rest];
}

/** The prompt matches results to calls by position, clients match them by id. */
function sortToolResults(messages: readonly Message[]): Message[] {
  const sorted: Message[] = [];
  for (let index = 0; index < messages.length;) {
    const message = messages[index++]!;
    sorted.push(message);
    if (message.role !== 'assistant') continue;
    const results: ToolMessage[] = [];
    for (let next = messages[index]; next?.role === 'tool'; next = messages[++index]) {
      results.push(next);
    }
    if (results.length === 0) continue;
    for (const result of resultsInCallOrder(message, results)) sorted.push(result);
  }
  return sorted;
}

function resultsInCallOrder(message: AssistantMessage, results: ToolMessage[]): ToolMessage[] {
  const calls = message.toolCalls ?? [];
  /** Positions of the calls without a result by id, the first one last: ids may repeat. */
  const open = new Map<string, number[]>();
  for (let position = calls.length - 1; position >= 0; position--) {
    const { id } = calls[position]!;
    const positions = open.get(id);
    if (positions) positions.push(position);
    else open.set(id, [position]);
  }
  const ordered = new Map<number, ToolMessage>();
  for (const result of results) {
    const position = open.get(result.toolCallId)?.pop();
    if (position === undefined) {
      throw new EncodingError(
        'tool_output_without_tool_call',
        `No tool calls but found tool output: no open call has the id \`${result.toolCallId}\``,
      );
    }
    ordered.set(position, result);
  }
  return calls.map(({ id, name }, position) => {
    const result = ordered.get(position);
    if (result !== undefined) return result;
    throw new EncodingError(
      'tool_call_without_output',
      `tool call \`${id}\` (${name}) has no result although other calls of its message have one`,
    );
  });
}

function toWire(message: Message): JsonObject {
  const { role, content } = message;
  switch (message.role) {
    case 'user':
    case 'tool':
      return jsonObject({ role, content });
    case 'system':
    case 'developer':
      return jsonObject({
        role,
        content,
        tools: message.tools?.map((tool) => jsonObject({ function: tool.function })),
        response_format: message.responseFormat,
      });
    case 'assistant':
      return jsonObject({
        role,
        content,
        reasoning_content: message.reasoningContent,
        tool_calls: message.toolCalls?.map((call): JsonValue =>
          jsonObject({ function: jsonObject({ name: call.name, arguments: call.arguments }) }),
        ),
        prefix: message.prefix,
      });
  }
}
