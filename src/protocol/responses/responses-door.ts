// The third door: `POST /responses`, OpenAI's Responses format, so that Codex-style clients work on
// the same road as the other two dialects. Stateless: nothing of a response is kept, the client
// sends the whole conversation each time. The model name alone decides about thinking;
// `reasoning.effort` is a hint to models that this platform does not have.

import { missingReasoning } from '../../chat/reasoning-retention.js';
import type { ChatRequest } from '../../chat/types.js';
import type { Message } from '../../encoding/message.js';
import type { Door, ParsedRequest, RequestContext } from '../door.js';
import { errorBody } from '../openai/errors.js';
import { samplingOf } from '../openai/wire-common.js';
import { checkResponsesRequest, type CheckedRequest } from './request-rules.js';
import { ResponseBody } from './response-body.js';
import type { ReplyContext } from './response-object.js';
import { ResponseStream } from './response-stream.js';
import { readResponsesRequest, type WireResponsesRequest } from './wire-request.js';

export const responsesDoor: Door = { name: 'responses', parse, errorBody };

function parse(body: Uint8Array, context: RequestContext): ParsedRequest {
  const wire = readResponsesRequest(body, context.leniency);
  const checked = checkResponsesRequest(wire, context);
  const { mode, table, messages } = checked;
  const maxOutputTokens =
    wire.maxOutputTokens === undefined
      ? undefined
      : Math.min(wire.maxOutputTokens, mode.maxMaxTokens);
  const reply: ReplyContext = {
    wire,
    maxOutputTokens,
    table,
    sealsReasoning: wire.includeEncryptedReasoning,
  };
  return {
    request: toChatRequest({ wire, checked, maxOutputTokens }, context),
    mode,
    stream: wire.stream,
    missingReasoning: mode.thinking ? healable(messages, context) : [],
    newStream: (header) => new ResponseStream(header, reply),
    newBody: (header) => new ResponseBody(header, reply),
  };
}

/** Fields of the other dialects' requests. */
const NOT_IN_DIALECT = {
  maxTokens: undefined,
  frequencyPenalty: undefined,
  presencePenalty: undefined,
  stop: [],
  streamOptions: undefined,
  seed: undefined,
  userId: undefined,
};

interface Parsed {
  wire: WireResponsesRequest;
  checked: CheckedRequest;
  maxOutputTokens: number | undefined;
}

function toChatRequest(
  { wire, checked, maxOutputTokens }: Parsed,
  { traceId, tenant, model, mapTemperature, leniency }: RequestContext,
): ChatRequest {
  const { mode, messages, tools, toolChoice } = checked;
  return {
    kind: 'chat',
    traceId,
    tenant,
    model,
    thinking: mode.thinking,
    messages,
    tools,
    toolChoice,
    responseFormat: wire.textFormat === 'json_object' ? 'json_object' : 'text',
    prefix: false,
    sampling: samplingOf({ ...NOT_IN_DIALECT, ...wire }, { mode, mapTemperature }),
    stop: [],
    maxTokens: maxOutputTokens ?? mode.defaultMaxTokens,
    // As on the Anthropic door, a limit that does not fit behind the prompt is cut by the context.
    maxTokensExplicit: false,
    ...(mode.thinking && leniency.allows('reserve_answer') && { reserveAnswer: true }),
  };
}

/**
 * Turns of the running question that call tools and have lost their reasoning. Never an error here:
 * agents drop it as they please, and it then counts as empty (api reference §5.4).
 */
function healable(messages: readonly Message[], { leniency }: RequestContext): number[] {
  const missing = missingReasoning(messages);
  return missing.length > 0 && leniency.apply('heal_reasoning') ? missing : [];
}
