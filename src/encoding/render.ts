// Renders chat messages in their wire form (JSON objects as clients send them) to a V3.2 prompt.
// Follows the official encoder message by message, errors included (encoding reference, sections
// 3 to 11); it knows no request-level fields and no tokens. encode-messages.ts is the entry for
// the internal message union. Every step looks at a message once: histories are hostile too.

import { EncodingError } from './encoding-error.js';
import { isJsonObject, type JsonObject, type JsonValue } from './json.js';
import { ASSISTANT, BOS, EOS, THINK_CLOSE, THINK_OPEN, USER } from './markers.js';
import { isPythonTruthy, pythonStr } from './python-text.js';
import { type Segment, SegmentWriter } from './segments.js';
import { runToEnd } from './steps.js';
import { type RenderedCall, writeCallsInSteps } from './tool-call-markup.js';
import { writeResponseFormat, writeToolsBlock } from './tools-block.js';

export interface RenderOptions {
  /** `thinking` or `chat`; anything else fails when the first message is rendered. */
  thinkingMode: string;
  /** Earlier messages that are looked at but not rendered: the incremental form. */
  context?: readonly JsonObject[];
  /** Filter earlier reasoning (and, as the official encoder does, earlier developer messages). */
  dropThinking?: boolean;
  /** Start with BOS; a non-empty context suppresses it. */
  addBos?: boolean;
  /**
   * Writes what the official encoder refuses although clients send it: a turn of the running question
   * without thought and calls gets the empty thought that a turn with calls has; call arguments that
   * are no JSON object, as a reply cut by its limit leaves them, become one parameter with their text.
   */
  forgives?: boolean;
}

/**
 * Renders `messages` as prompt segments. A last assistant message with `prefix: true` is left
 * open for the model to continue. Throws EncodingError.
 */
export function renderMessages(messages: readonly JsonObject[], options: RenderOptions): Segment[] {
  return runToEnd(renderInSteps(messages, options));
}

/** `renderMessages` in steps of some hundred messages or calls. */
export function* renderInSteps(
  messages: readonly JsonObject[],
  {
    thinkingMode,
    context = [],
    dropThinking = true,
    addBos = true,
    forgives = false,
  }: RenderOptions,
): Generator<void, Segment[]> {
  let full: readonly JsonObject[] = [...context, ...messages];
  if (thinkingMode === 'thinking' && dropThinking) full = dropEarlierThinking(full);
  const writer = new SegmentWriter();
  if (addBos && context.length === 0) writer.control(BOS);
  const conversation: Conversation = {
    messages: full,
    lastUser: lastUserIndex(full),
    caller: full.findLastIndex(
      (message, i) => i < context.length && message.get('role') !== 'tool',
    ),
    thinkingMode,
    forgives,
  };
  const end = context.length + messages.length;
  for (let index = context.length; index < end; index++) {
    if (index % MESSAGES_PER_STEP === MESSAGES_PER_STEP - 1) yield;
    yield* renderMessage(writer, conversation, { index, isLast: index === end - 1 });
    if (full[index]?.get('role') !== 'tool') conversation.caller = index;
  }
  return writer.finish();
}

const MESSAGES_PER_STEP = 512;

interface Conversation {
  messages: readonly JsonObject[];
  /** Index of the last user or developer message, -1 if none. */
  lastUser: number;
  /** Index of the last message so far that is no tool result, -1 if none: results belong to it. */
  caller: number;
  thinkingMode: string;
  forgives: boolean;
}

function lastUserIndex(messages: readonly JsonObject[]): number {
  return messages.findLastIndex((message) => {
    const role = message.get('role');
    return role === 'user' || role === 'developer';
  });
}

/**
 * Section 8. Earlier messages of other roles, `developer` among them, are removed, which makes
 * the list shorter than the index range: the official encoder then always fails, and so do we.
 */
function dropEarlierThinking(messages: readonly JsonObject[]): JsonObject[] {
  const lastUser = lastUserIndex(messages);
  const kept: JsonObject[] = [];
  for (const [index, message] of messages.entries()) {
    const role = message.get('role');
    if (index >= lastUser || role === 'user' || role === 'system' || role === 'tool') {
      kept.push(message);
    } else if (role === 'assistant') {
      const withoutReasoning = new Map(message);
      withoutReasoning.delete('reasoning_content');
      kept.push(withoutReasoning);
    }
  }
  return kept;
}

interface Position {
  index: number;
  /** The last message to render; only there `prefix` has a meaning. */
  isLast: boolean;
}

function* renderMessage(
  writer: SegmentWriter,
  conversation: Conversation,
  position: Position,
): Generator<void, void> {
  const { messages, thinkingMode } = conversation;
  const { index } = position;
  const message = messages[index];
  if (message === undefined) {
    throw new EncodingError(
      'message_index_out_of_range',
      `message index ${index} is outside the ${messages.length} messages left after dropping ` +
        'earlier thinking; a developer message before the last user turn needs drop_thinking off',
    );
  }
  if (thinkingMode !== 'thinking' && thinkingMode !== 'chat') {
    throw new EncodingError(
      'invalid_thinking_mode',
      `Invalid thinking_mode \`${thinkingMode}\`: use \`thinking\` or \`chat\``,
    );
  }
  const functions = functionsOf(message);
  const calls = callsOf(message);
  const role = message.get('role');
  switch (role) {
    case 'system':
      return renderSystem(writer, message, functions);
    case 'user':
    case 'developer':
      writer.control(USER);
      if (role === 'user') writer.data(pythonStr(message.get('content')));
      else renderDeveloper(writer, message, { functions, index });
      writer.control(ASSISTANT);
      return renderThinkMark(writer, conversation, index === conversation.lastUser);
    case 'tool':
      return renderToolResult(writer, conversation, index);
    case 'assistant':
      return yield* renderAssistant(writer, conversation, { message, calls, ...position });
    default:
      throw new EncodingError('unknown_role', `Unknown role: ${pythonStr(role)}`);
  }
}

function renderSystem(writer: SegmentWriter, message: JsonObject, functions: JsonValue[]) {
  writer.data(textOrEmpty(message.get('content')));
  renderOffers(writer, message, functions);
}

/** Tools and response format, each after a blank line (sections 4 and 10). */
function renderOffers(writer: SegmentWriter, message: JsonObject, functions: JsonValue[]) {
  if (functions.length > 0) {
    writer.control('\n\n');
    writeToolsBlock(writer, functions);
  }
  const responseFormat = message.get('response_format');
  if (responseFormat !== undefined && isPythonTruthy(responseFormat)) {
    writer.control('\n\n');
    writeResponseFormat(writer, responseFormat);
  }
}

/** Section 9. */
function renderDeveloper(
  writer: SegmentWriter,
  message: JsonObject,
  { functions, index }: { functions: JsonValue[]; index: number },
) {
  const content = message.get('content');
  if (!isPythonTruthy(content)) {
    throw new EncodingError(
      'developer_without_content',
      `Invalid message for role \`developer\`: message ${index} needs a non-empty content`,
    );
  }
  renderOffers(writer, message, functions);
  writer.control("\n\n# The user's message is: ");
  writer.data(pythonStr(content));
}

function renderThinkMark(writer: SegmentWriter, conversation: Conversation, isOpen: boolean) {
  writer.control(isOpen && conversation.thinkingMode === 'thinking' ? THINK_OPEN : THINK_CLOSE);
}

/** Section 7: results belong to calls by position, and complete blocks reopen the thinking. */
function renderToolResult(writer: SegmentWriter, conversation: Conversation, index: number) {
  const { messages, lastUser, caller } = conversation;
  if (index > 0 && (caller < 0 || messages[caller]!.get('role') !== 'assistant')) {
    throw new EncodingError(
      'tool_without_assistant',
      `Invalid messages at ${index}: a tool message must follow an assistant message or its results`,
    );
  }
  // The official code reads Python index -1 here: a leading result is held against the last message.
  const callerMessage = messages.at(caller)!;
  const numCalls = arrayOf(callerMessage, 'tool_calls').length;
  const order = index - caller;
  if (numCalls < order) {
    throw new EncodingError(
      'tool_output_without_tool_call',
      `No tool calls but found tool output: message ${index} is result ${order} of ${numCalls} calls`,
    );
  }
  if (order === 1) writer.control('\n\n<function_results>');
  writer.control('\n<result>');
  writer.data(pythonStr(messages[index]!.get('content')));
  writer.control('</result>');
  if (order === numCalls) {
    writer.control('\n</function_results>\n\n');
    renderThinkMark(writer, conversation, index >= lastUser);
  }
}

/** Sections 6 and 8; the opening `<think>` was written by whatever came before. */
function* renderAssistant(
  writer: SegmentWriter,
  { thinkingMode, lastUser, forgives }: Conversation,
  { message, calls, index, isLast }: Position & { message: JsonObject; calls: RenderedCall[] },
): Generator<void, void> {
  const reasoning = message.get('reasoning_content');
  if (thinkingMode === 'thinking' && index > lastUser) {
    if (!isPythonTruthy(reasoning) && calls.length === 0 && !forgives) {
      throw new EncodingError(
        'assistant_without_reasoning_or_tool_calls',
        `ThinkingMode: thinking, message ${index} has neither reasoning_content nor tool_calls ` +
          'although it follows the last user message',
      );
    }
    writer.data(textOrEmpty(reasoning));
    writer.control(THINK_CLOSE);
  }
  writer.data(textOrEmpty(message.get('content')));
  if (calls.length > 0) yield* writeCallsInSteps(writer, calls, { forgives });
  if (!(isLast && message.get('prefix') === true)) writer.control(EOS);
}

function textOrEmpty(value: JsonValue | undefined): string {
  return isPythonTruthy(value) ? pythonStr(value) : '';
}

function functionsOf(message: JsonObject): JsonValue[] {
  return arrayOf(message, 'tools').map((tool) => member(tool, 'function', 'tools entry'));
}

function callsOf(message: JsonObject): RenderedCall[] {
  return arrayOf(message, 'tool_calls').map((call) => {
    const called = member(call, 'function', 'tool_calls entry');
    return {
      name: member(called, 'name', 'tool call function'),
      arguments: member(called, 'arguments', 'tool call function'),
    };
  });
}

/** The array in a field; every falsy value counts as empty. */
function arrayOf(message: JsonObject, field: string): JsonValue[] {
  const value = message.get(field);
  if (value === undefined || !isPythonTruthy(value)) return [];
  if (Array.isArray(value)) return value;
  throw new EncodingError('bad_request', `\`${field}\` of a message must be an array`);
}

function member(value: JsonValue, field: string, owner: string): JsonValue {
  if (!isJsonObject(value)) {
    throw new EncodingError('bad_request', `a ${owner} must be an object with \`${field}\``);
  }
  const found = value.get(field);
  if (found === undefined) {
    throw new EncodingError('missing_field', `a ${owner} has no \`${field}\``, { field });
  }
  return found;
}
