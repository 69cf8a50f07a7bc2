// Rules between the fields of a well-formed chat request, in the platform's order (api reference
// §2.3): scalar ranges, then meaning. The first violation decides the answer. Rules over messages
// are in message-rules.ts, the schemas of strict mode in strict-schema.ts.

import type { ApiBase } from '../door.js';
import type { LeniencyLog } from '../leniency.js';
import type { Message } from '../../encoding/message.js';
import {
  choiceCountError,
  functionSchemaError,
  missingJsonWordError,
  mixedStrictError,
  parameterInThinkingError,
  responseFormatUnavailableError,
  stringRuleError,
  toolChoiceInThinkingError,
  toolChoiceWithoutToolsError,
  tooManyError,
  topLogprobsError,
  unknownToolError,
  unsupportedFeatureError,
} from './errors.js';
import { endsInPrefix } from './message-rules.js';
import type { Mode } from './modes.js';
import { checkStrictSchema } from './strict-schema.js';
import { checkCommonRanges, checkRange } from './wire-common.js';
import type { WireChatRequest } from './wire-request.js';

const MAX_TOOLS = 128;
const FUNCTION_NAME = { maxLength: 64, pattern: '^[a-zA-Z0-9_-]+$' };

/** Returns the `max_tokens` to use, undefined when the client set none. @throws ApiError */
export function checkRanges(
  request: WireChatRequest,
  { mode, leniency }: { mode: Mode; leniency: LeniencyLog },
): number | undefined {
  const { topLogprobs, n, tools } = request;
  const maxTokens = checkCommonRanges(request, mode, leniency);
  checkRange('top_logprobs', topLogprobs, { min: 0, max: 20 });
  if (topLogprobs !== undefined && !request.logprobs && !mode.thinking) throw topLogprobsError();
  if (n !== undefined && n !== 1) throw choiceCountError();
  if (tools.length > MAX_TOOLS) {
    throw tooManyError('tools', { limit: MAX_TOOLS, count: tools.length });
  }
  return maxTokens;
}

/** Section 1.5: what Speciale lacks. @throws ApiError */
export function checkSpeciale(request: WireChatRequest): void {
  if (request.thinking === 'disabled') throw unsupportedFeatureError('non-thinking mode');
  if (request.tools.length > 0) throw unsupportedFeatureError('Function Calling');
  if (request.responseFormat === 'json_object') throw unsupportedFeatureError('Json Output');
  if (endsInPrefix(request.messages)) throw unsupportedFeatureError('Chat Prefix Completion');
}

/**
 * Section 2.4 and, on the beta base, strict mode (§6.3). Returns whether calls must follow their
 * schemas. Elsewhere `strict` is accepted and means nothing, as observed.
 * @throws ApiError E12
 */
export function checkTools({ tools }: WireChatRequest, base: ApiBase): boolean {
  for (const [index, { name, parametersType }] of tools.entries()) {
    if (!/^[a-zA-Z0-9_-]+$/.test(name) || name.length > FUNCTION_NAME.maxLength) {
      throw stringRuleError(`tools[${index}].function.name`, name, FUNCTION_NAME);
    }
    if (parametersType !== undefined && parametersType !== '"object"') {
      throw functionSchemaError(name, parametersType);
    }
  }
  if (base !== 'beta' || !tools.some(({ strict }) => strict)) return false;
  const lax = tools.find(({ strict }) => !strict);
  if (lax) throw mixedStrictError(lax.name);
  for (const tool of tools) checkStrictSchema(tool);
  return true;
}

/** E10. */
export function checkResponseFormat(
  { responseFormat }: WireChatRequest,
  leniency: LeniencyLog,
): void {
  if (responseFormat !== 'json_schema') return;
  if (!leniency.apply('schema_in_prompt')) throw responseFormatUnavailableError();
}

/** Section 5.2; the sampling parameters are accepted without effect. */
export function checkThinking(request: WireChatRequest): void {
  if (request.logprobs) throw parameterInThinkingError('logprobs');
  if (request.topLogprobs !== undefined) throw parameterInThinkingError('top_logprobs');
}

export function forcesToolCall({ toolChoice }: WireChatRequest): boolean {
  return toolChoice?.type === 'required' || toolChoice?.type === 'function';
}

/** Section 2.5. @throws ApiError E14 */
export function checkToolChoice(request: WireChatRequest, { thinking }: Mode): void {
  if (!forcesToolCall(request)) return;
  const { toolChoice, tools } = request;
  if (thinking) throw toolChoiceInThinkingError();
  if (tools.length === 0) throw toolChoiceWithoutToolsError();
  if (toolChoice?.type !== 'function') return;
  const { name } = toolChoice;
  if (!tools.some((tool) => tool.name === name)) throw unknownToolError(name);
}

/** Section 2.6: case-insensitive, over all contents. @throws ApiError E15 */
export function checkJsonWord(
  { responseFormat }: WireChatRequest,
  { messages, leniency }: { messages: readonly Message[]; leniency: LeniencyLog },
): void {
  if (responseFormat !== 'json_object') return;
  if (messages.some(({ content }) => /json/i.test(content))) return;
  if (!leniency.apply('json_word')) throw missingJsonWordError();
}
