// From a body of `POST /v1/messages` (or its count_tokens) to the internal ChatRequest: the order of
// the checks, and defaults per mode. The only place where this door's wire names turn into ours.

import type { ChatRequest } from '../../chat/types.js';
import type { Message } from '../../encoding/message.js';
import type { RequestContext } from '../door.js';
import { emptyMessagesError } from '../openai/errors.js';
import type { Mode } from '../openai/modes.js';
import { samplingOf } from '../openai/wire-common.js';
import {
  checkRanges,
  checkToolChoice,
  checkTools,
  chooseMode,
  endsInPrefix,
  lostReasoning,
} from './request-rules.js';
import { placeToolResults } from './tool-results.js';
import { readMessagesRequest, type WireMessagesRequest } from './wire-request.js';

export interface ParsedMessagesRequest {
  request: ChatRequest;
  mode: Mode;
  stream: boolean;
  missingReasoning: number[];
}

/** @throws ApiError; the checks run in the order of api reference §2.3. */
export function parseMessagesRequest(
  body: Uint8Array,
  context: RequestContext,
): ParsedMessagesRequest {
  const { leniency } = context;
  const wire = readMessagesRequest(body, leniency);
  const mode = chooseMode(wire, leniency);
  const maxTokens = checkRanges(wire, { mode, leniency });
  context.requireBalance();
  // The system field, which has no index, is no message.
  if (!wire.messages.some(({ index }) => index >= 0)) throw emptyMessagesError();
  checkTools(wire);
  const placed = placeToolResults(wire.messages, leniency);
  const prefix = endsInPrefix(placed, mode);
  const missingReasoning = lostReasoning(placed, { mode, leniency });
  checkToolChoice(wire, mode);
  const messages = placed.map(({ message }) => message);
  return {
    request: toChatRequest(wire, { mode, context, maxTokens, prefix, messages }),
    mode,
    stream: wire.stream,
    missingReasoning,
  };
}

interface Checked {
  mode: Mode;
  context: RequestContext;
  maxTokens: number;
  prefix: boolean;
  messages: Message[];
}

function toChatRequest(
  wire: WireMessagesRequest,
  { mode, context, maxTokens, prefix, messages }: Checked,
): ChatRequest {
  const last = messages.at(-1);
  if (prefix && last?.role === 'assistant') last.prefix = true;
  return {
    kind: 'chat',
    traceId: context.traceId,
    tenant: context.tenant,
    model: context.model,
    thinking: mode.thinking,
    messages,
    tools: wire.tools.map((tool) => ({ type: 'function', function: tool.function })),
    toolChoice: wire.toolChoice ?? { type: wire.tools.length > 0 ? 'auto' : 'none' },
    responseFormat: 'text',
    prefix,
    sampling: samplingOf(wire, { mode, mapTemperature: context.mapTemperature }),
    stop: wire.stop,
    maxTokens,
    // Anthropic's SDKs cannot leave the field out, so its presence says nothing: a limit that does
    // not fit behind the prompt is cut by the context's end and not refused with E5.
    maxTokensExplicit: false,
    ...(mode.thinking && context.leniency.allows('reserve_answer') && { reserveAnswer: true }),
  };
}
