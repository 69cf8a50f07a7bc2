// From a checked wire request to the internal ChatRequest: defaults per mode, and what the two modes
// do with sampling parameters. The only place where wire names turn into ours.

import type { ChatRequest } from '../../chat/types.js';
import { checkChatRequest } from './request-rules.js';
import type { Mode } from './modes.js';
import { readChatRequest, type WireChatRequest } from './wire-request.js';

/** What the server knows beside the body. */
export interface RequestContext {
  traceId: string;
  tenant: string;
  /** Card id of the served weights; both API names stand for it. */
  model: string;
  isBeta: boolean;
  /**
   * Apply the mapping the V3 model card describes for the hosted API (api reference §10): T = 1
   * samples at 0.3. For small weights, which wander at 1.
   */
  mapTemperature: boolean;
}

/** The internal request, and what the response writer needs to know of the wire request. */
export interface ParsedChatRequest {
  chat: ChatRequest;
  mode: Mode;
  stream: boolean;
  includeUsage: boolean;
}

/** @throws ApiError with the documented text; the checks run in the order of §2.3. */
export function parseChatRequest(body: Uint8Array, context: RequestContext): ParsedChatRequest {
  const wire = readChatRequest(body);
  const mode = checkChatRequest(wire, context);
  return {
    chat: toChatRequest(wire, mode, context),
    mode,
    stream: wire.stream,
    includeUsage: wire.streamOptions?.includeUsage ?? false,
  };
}

function toChatRequest(wire: WireChatRequest, mode: Mode, context: RequestContext): ChatRequest {
  const last = wire.messages.at(-1)!;
  return {
    traceId: context.traceId,
    tenant: context.tenant,
    model: context.model,
    thinking: mode.thinking,
    messages: wire.messages,
    tools: wire.tools.map((tool) => ({ type: 'function', function: tool.function })),
    toolChoice: wire.toolChoice ?? { type: wire.tools.length > 0 ? 'auto' : 'none' },
    responseFormat: wire.responseFormat === 'json_object' ? 'json_object' : 'text',
    prefix: last.role === 'assistant' && last.prefix === true,
    sampling: samplingOf(wire, mode, context),
    stop: wire.stop,
    maxTokens: wire.maxTokens ?? mode.defaultMaxTokens,
    maxTokensExplicit: wire.maxTokens !== undefined,
    ...(wire.logprobs && { topLogprobs: wire.topLogprobs ?? 0 }),
  };
}

/** Sampling parameters have no effect in thinking mode (§5.2). */
function samplingOf(
  wire: WireChatRequest,
  mode: Mode,
  context: RequestContext,
): ChatRequest['sampling'] {
  const given: Partial<WireChatRequest> = mode.thinking ? {} : wire;
  const temperature = given.temperature ?? 1;
  return {
    temperature: context.mapTemperature ? modelTemperature(temperature) : temperature,
    topP: given.topP ?? 1,
    presencePenalty: given.presencePenalty ?? 0,
    frequencyPenalty: given.frequencyPenalty ?? 0,
    ...(wire.seed !== undefined && { seed: wire.seed }),
  };
}

/** API temperature to model temperature: 0.3 T up to 1, T - 0.7 above (api reference §10). */
function modelTemperature(temperature: number): number {
  return temperature <= 1 ? 0.3 * temperature : temperature - 0.7;
}
