// `POST /chat/completions`: from a body to the internal ChatRequest, in the platform's order of
// checks (api reference §2.3). The only place where wire names turn into ours.

import type { ChatRequest } from '../../chat/types.js';
import type { Message } from '../../encoding/message.js';
import type { RequestContext } from '../door.js';
import { emptyAssistantMessageError, modelNotFoundError } from './errors.js';
import { orderMessages } from './message-order.js';
import { checkMessages, endsInPrefix } from './message-rules.js';
import { chooseMode, withoutThinking, type Mode } from './modes.js';
import {
  checkJsonWord,
  checkRanges,
  checkResponseFormat,
  checkSpeciale,
  checkThinking,
  checkToolChoice,
  checkTools,
  forcesToolCall,
} from './request-rules.js';
import { withSchemaInPrompt } from './schema-in-prompt.js';
import { samplingOf, tenantOf } from './wire-common.js';
import { readChatRequest, type WireChatRequest } from './wire-request.js';

/** The internal request, and what the response writers need to know of the wire request. */
export interface ParsedChatRequest {
  chat: ChatRequest;
  mode: Mode;
  stream: boolean;
  includeUsage: boolean;
  missingReasoning: readonly number[];
}

/** @throws ApiError with the documented text; 402 from `requireBalance` passes through. */
export function parseChatRequest(body: Uint8Array, context: RequestContext): ParsedChatRequest {
  const { base, leniency } = context;
  const wire = readChatRequest(body, leniency);
  const named = chooseMode(wire.model, wire.thinking, base);
  if (!named) throw modelNotFoundError();
  const maxTokens = checkRanges(wire, { mode: named, leniency });
  context.requireBalance();
  if (base === 'speciale') checkSpeciale(wire);
  const mode = modeForToolChoice(wire, named, context);
  const strictTools = checkTools(wire, base);
  checkResponseFormat(wire, leniency);
  if (mode.thinking) checkThinking(wire);
  const messages = orderMessages(wire.messages, leniency);
  if (wire.hasEmptyAssistant) throw emptyAssistantMessageError();
  const missing = checkMessages(messages, { thinking: mode.thinking, base, leniency });
  checkToolChoice(wire, mode);
  checkJsonWord(wire, { messages, leniency });
  const prompt = wire.schema === undefined ? messages : withSchemaInPrompt(messages, wire.schema);
  const numAdded = prompt.length - messages.length;
  return {
    chat: toChatRequest(wire, { mode, maxTokens, messages: prompt, strictTools, context }),
    mode,
    stream: wire.stream,
    includeUsage: wire.streamOptions?.includeUsage ?? false,
    missingReasoning: missing.map((index) => index + numAdded),
  };
}

/** Where it is forgiven, a forced call is obeyed without thinking (§2.5, §14 pitfall 7). */
function modeForToolChoice(
  wire: WireChatRequest,
  mode: Mode,
  { base, leniency }: RequestContext,
): Mode {
  if (!mode.thinking || base === 'speciale' || !forcesToolCall(wire)) return mode;
  return leniency.apply('forced_tool_choice') ? withoutThinking(mode) : mode;
}

interface Checked {
  mode: Mode;
  maxTokens: number | undefined;
  messages: Message[];
  strictTools: boolean;
  context: RequestContext;
}

function toChatRequest(
  wire: WireChatRequest,
  { mode, maxTokens, messages, strictTools, context }: Checked,
): ChatRequest {
  const { traceId, model, mapTemperature, leniency } = context;
  return {
    kind: 'chat',
    traceId,
    tenant: tenantOf(wire, context),
    model,
    thinking: mode.thinking,
    messages,
    tools: wire.tools.map((tool) => ({ type: 'function', function: tool.function })),
    toolChoice: wire.toolChoice ?? { type: wire.tools.length > 0 ? 'auto' : 'none' },
    ...(strictTools && { strictTools }),
    responseFormat: wire.responseFormat === 'json_object' ? 'json_object' : 'text',
    prefix: endsInPrefix(messages),
    sampling: samplingOf(wire, { mode, mapTemperature }),
    stop: wire.stop,
    maxTokens: maxTokens ?? mode.defaultMaxTokens,
    maxTokensExplicit: maxTokens !== undefined,
    ...(wire.logprobs && { topLogprobs: wire.topLogprobs ?? 0 }),
    ...(mode.thinking && leniency.allows('reserve_answer') && { reserveAnswer: true }),
  };
}
