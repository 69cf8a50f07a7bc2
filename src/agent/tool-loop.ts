// Thinking with tools: asks the model, runs the tools it calls, sends the results back together
// with the reasoning of the running question, until it answers. Tool failures become results that
// the model can read, never exceptions. State in (messages), events out.

import { type BuiltinTool, ToolError } from './builtin-tools.js';
import {
  type ChatDelta,
  type ChatEndpoint,
  streamChat,
  type WireMessage,
  type WireToolCall,
  type WireUsage,
} from './chat-client.js';
import { collectCall } from './collect-call.js';
import { dropOldReasoning } from './history.js';
import { failure, pythonSpacing, readArguments } from './tool.js';

export type LoopEvent =
  | { type: 'reasoning-delta'; text: string }
  | { type: 'content-delta'; text: string }
  | { type: 'tool-call'; call: WireToolCall }
  | { type: 'tool-result'; call: WireToolCall; content: string; isError: boolean }
  | { type: 'finish'; reason: string; usage?: WireUsage };

export interface LoopOptions {
  endpoint: ChatEndpoint;
  model: string;
  thinking: boolean;
  tools: readonly BuiltinTool[];
  temperature?: number;
  /** Rounds of tool calls before the loop gives up on this question. */
  maxRounds?: number;
  now?: () => Date;
}

type AssistantWire = Extract<WireMessage, { role: 'assistant' }>;

/**
 * Answers the last user message. Appends every assistant and tool message to `messages`; a turn
 * that is aborted or fails is not appended, so the conversation stays valid.
 * Throws what streamChat throws.
 */
export async function* runToolLoop(
  messages: WireMessage[],
  options: LoopOptions,
  signal: AbortSignal,
): AsyncGenerator<LoopEvent> {
  const { maxRounds = 8, now = () => new Date() } = options;
  dropOldReasoning(messages);
  for (let round = 0; ; round++) {
    const assistant: AssistantWire = {
      role: 'assistant',
      content: '',
      // Goes back even when empty: a thinking turn without the field is refused (api reference §5.4).
      ...(options.thinking ? { reasoning_content: '' } : {}),
    };
    let finish: Extract<ChatDelta, { type: 'finish' }> | undefined;
    const call = {
      model: options.model,
      thinking: options.thinking,
      messages,
      tools: options.tools.map((tool) => ({
        type: 'function' as const,
        function: tool.definition,
      })),
      ...(options.temperature === undefined ? {} : { temperature: options.temperature }),
    };
    for await (const delta of streamChat(options.endpoint, call, signal)) {
      if (delta.type === 'finish') finish = delta;
      else yield* collect(assistant, delta);
    }
    const reason = finish?.reason ?? 'stop';
    const calls = reason === 'tool_calls' ? (assistant.tool_calls ?? []) : [];
    // Calls of a truncated answer are not run: their arguments may be cut.
    if (calls.length === 0) delete assistant.tool_calls;
    messages.push(assistant);
    const usage = finish?.usage ? { usage: finish.usage } : {};
    if (calls.length === 0) {
      yield { type: 'finish', reason, ...usage };
      return;
    }
    for (const toolCall of calls) {
      yield { type: 'tool-call', call: toolCall };
      const result = runTool(toolCall, options.tools, now());
      messages.push({ role: 'tool', tool_call_id: toolCall.id, content: result.content });
      yield { type: 'tool-result', call: toolCall, ...result };
    }
    if (round + 1 >= maxRounds) {
      yield { type: 'finish', reason: 'tool_rounds', ...usage };
      return;
    }
  }
}

function* collect(
  assistant: AssistantWire,
  delta: Exclude<ChatDelta, { type: 'finish' }>,
): Generator<LoopEvent> {
  if (delta.type === 'reasoning') {
    assistant.reasoning_content = (assistant.reasoning_content ?? '') + delta.text;
    yield { type: 'reasoning-delta', text: delta.text };
  } else if (delta.type === 'content') {
    assistant.content += delta.text;
    yield { type: 'content-delta', text: delta.text };
  } else {
    collectCall((assistant.tool_calls ??= []), delta);
  }
}

function runTool(
  call: WireToolCall,
  tools: readonly BuiltinTool[],
  now: Date,
): { content: string; isError: boolean } {
  const { name, arguments: text } = call.function;
  const tool = tools.find(({ definition }) => definition.name === name);
  if (!tool) return failure(`no tool named '${name}'`);
  const args = readArguments(text);
  if (typeof args === 'string') return failure(args);
  try {
    return { content: pythonSpacing(tool.run(args, now)), isError: false };
  } catch (error) {
    if (error instanceof ToolError) return failure(error.message);
    throw error;
  }
}
