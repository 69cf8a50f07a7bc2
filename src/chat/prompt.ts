// A ChatRequest as prompt tokens: reasoning retention, tools, JSON instruction, the opening of the
// assistant's turn, and the beginning of the completion that a forced tool choice dictates.
//
// Two things in a history that the official encoder refuses are written all the same, on every door,
// for a client would repeat them with each request and never get out. An assistant turn of the
// running question without reasoning and calls, also a prefix to continue, gets an empty thought,
// `<think></think>`, as a turn with calls and empty reasoning has. The arguments of a call that are
// no JSON object, as we ourselves deliver them with finish reason `length`, become a single string
// parameter named `arguments`.

import { encodeInSteps } from '../encoding/encode-messages.js';
import { EncodingError } from '../encoding/encoding-error.js';
import { isJsonObject, type JsonObject } from '../encoding/json.js';
import { ASSISTANT, CALLS_OPEN, DSML, THINK_CLOSE, THINK_OPEN } from '../encoding/markers.js';
import type { Message, ToolDefinition } from '../encoding/message.js';
import type { Segment } from '../encoding/segments.js';
import type { Tokenizer } from '../encoding/tokenizer.js';
import { ChatError } from './chat-error.js';
import { retainReasoning } from './reasoning-retention.js';
import type { ChatRequest } from './types.js';

export interface Prompt {
  tokens: Int32Array;
  /** First tokens of the completion, decided by us and not by the model; usually none. */
  forcedTokens: Int32Array;
}

/**
 * JSON mode without a grammar is a request to the model and no guarantee. The wording follows the
 * response-format text of the encoding reference §10.
 */
const JSON_INSTRUCTION =
  '## Response Format:\n\n' +
  'Reply with one valid JSON object and nothing else: no code fence, no text around it.';

/**
 * In steps, for tokenising a long conversation takes seconds (in-slices.ts). `forcesOpening`: a
 * forced tool choice is begun for the model; false where a grammar sees to it.
 * @throws ChatError `messages` when the conversation cannot be rendered.
 */
export function* buildPrompt(
  request: ChatRequest,
  tokenizer: Tokenizer,
  { forcesOpening = true }: { forcesOpening?: boolean } = {},
): Generator<void, Prompt> {
  const { thinking, toolChoice, responseFormat } = request;
  const tools = toolChoice.type === 'none' ? [] : request.tools;
  let messages = retainReasoning(request.messages, thinking);
  if (responseFormat === 'json_object') messages = withJsonInstruction(messages);
  const segments = yield* render(messages, { thinking, tools });
  if (!opensTurn(messages.at(-1))) segments.push(turnOpening(thinking));
  const prompt = yield* tokenizer.encodeInSlices(segments);
  const forced = forcesOpening ? forcedOpening(request) : [];
  if (forced.length === 0) return { tokens: prompt, forcedTokens: new Int32Array(0) };
  return { tokens: prompt, forcedTokens: tokenizer.encodeSegments(forced) };
}

function* render(
  messages: readonly Message[],
  { thinking, tools }: { thinking: boolean; tools: ToolDefinition[] },
): Generator<void, Segment[]> {
  try {
    const thinkingMode = thinking ? 'thinking' : 'chat';
    return yield* encodeInSteps(messages, { thinkingMode, tools, forgives: true });
  } catch (error) {
    if (!(error instanceof EncodingError)) throw error;
    throw new ChatError({ kind: 'messages' }, error.message, { cause: error });
  }
}

function withJsonInstruction(messages: readonly Message[]): Message[] {
  const [first, ...rest] = messages;
  if (first?.role !== 'system') {
    return [{ role: 'system', content: JSON_INSTRUCTION }, ...messages];
  }
  return [{ ...first, content: `${first.content}\n\n${JSON_INSTRUCTION}` }, ...rest];
}

/**
 * Whether the completion begins with reasoning. A prefix to continue has its thought behind it, also
 * when its content is empty (encoding reference §11).
 */
export function beginsWithReasoning({ thinking, prefix }: ChatRequest): boolean {
  return thinking && !prefix;
}

/** User and tool messages open the assistant's turn themselves; a prefix stands inside it. */
function opensTurn(last: Message | undefined): boolean {
  if (last?.role === 'assistant') return last.prefix === true;
  return last?.role !== 'system';
}

/** After a closing system or assistant message the format has no opening: same as after a user. */
function turnOpening(thinking: boolean): Segment {
  return { text: ASSISTANT + (thinking ? THINK_OPEN : THINK_CLOSE), control: true };
}

/**
 * `tool_choice` required or named: the completion starts inside a call block, so a call must follow.
 * With one tool to choose from, its name is written too, and the opening of the first parameter
 * when there must be one. Ends where a token ends in any vocabulary of this family: before or
 * after a name, never inside a stretch of markup that a small vocabulary may have as one token.
 */
function forcedOpening({ toolChoice, tools }: ChatRequest): Segment[] {
  const isRequired = toolChoice.type === 'required';
  if (!isRequired && toolChoice.type !== 'function') return [];
  const opening = { text: `\n\n${CALLS_OPEN}\n<${DSML}invoke name="`, control: true };
  const name = isRequired ? onlyToolName(tools) : toolChoice.name;
  if (name === undefined) return [opening];
  const header = hasRequiredParameters(name, tools) ? [PARAMETER_OPENING] : [];
  return [opening, { text: name, control: false }, ...header];
}

const PARAMETER_OPENING: Segment = { text: `">\n<${DSML}parameter name="`, control: true };

function functionOf(name: string, tools: readonly ToolDefinition[]): JsonObject | undefined {
  return tools
    .map((tool) => tool.function)
    .filter(isJsonObject)
    .find((candidate) => candidate.get('name') === name);
}

function hasRequiredParameters(name: string, tools: readonly ToolDefinition[]): boolean {
  const parameters = functionOf(name, tools)?.get('parameters');
  const required = isJsonObject(parameters) ? parameters.get('required') : undefined;
  return Array.isArray(required) && required.length > 0;
}

function onlyToolName(tools: readonly ToolDefinition[]): string | undefined {
  const [only, ...others] = tools;
  if (!only || others.length > 0 || !isJsonObject(only.function)) return undefined;
  const name = only.function.get('name');
  return typeof name === 'string' ? name : undefined;
}
