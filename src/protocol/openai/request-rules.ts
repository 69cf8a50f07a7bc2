// Checks of a well-formed chat request in the platform's order (api reference §2.3): model name,
// scalar ranges, then rules between fields. The first violation decides the answer.

import { checkMessages } from './message-rules.js';
import { chooseMode, type Mode } from './modes.js';
import {
  choiceCountError,
  functionNameError,
  functionSchemaError,
  missingJsonWordError,
  modelNotFoundError,
  parameterInThinkingError,
  rangeError,
  responseFormatUnavailableError,
  streamOptionsError,
  toolChoiceInThinkingError,
  toolChoiceWithoutToolsError,
  tooManyError,
  topLogprobsError,
  unknownToolError,
} from './errors.js';
import type { WireChatRequest } from './wire-request.js';

const MAX_STOPS = 16;
const MAX_TOOLS = 128;
const MAX_FUNCTION_NAME = 64;

/** Returns the mode that serves the request. @throws ApiError */
export function checkChatRequest(request: WireChatRequest, { isBeta }: { isBeta: boolean }): Mode {
  const mode = chooseMode(request.model, request.thinking);
  if (!mode) throw modelNotFoundError();
  checkRanges(request, mode);
  checkTools(request);
  if (request.responseFormat === 'json_schema') throw responseFormatUnavailableError();
  if (mode.thinking) checkThinking(request);
  checkMessages(request.messages, { thinking: mode.thinking, isBeta });
  checkToolChoice(request, mode);
  checkJsonWord(request);
  return mode;
}

function checkRanges(request: WireChatRequest, mode: Mode): void {
  const { topP, topLogprobs, stop, tools } = request;
  const maxTokens = { min: 1, max: mode.maxMaxTokens };
  checkRange('max_tokens', request.maxTokens, maxTokens);
  checkRange('temperature', request.temperature, { min: 0, max: 2 });
  if (topP !== undefined && !(topP > 0 && topP <= 1)) throw rangeError('top_p', '(0, 1.0]');
  checkRange('frequency_penalty', request.frequencyPenalty, { min: -2, max: 2 });
  checkRange('presence_penalty', request.presencePenalty, { min: -2, max: 2 });
  checkRange('top_logprobs', topLogprobs, { min: 0, max: 20 });
  if (topLogprobs !== undefined && !request.logprobs && !mode.thinking) throw topLogprobsError();
  if (request.n !== undefined && request.n !== 1) throw choiceCountError();
  if (stop.length > MAX_STOPS) {
    throw tooManyError('stop sequences', { limit: MAX_STOPS, count: stop.length });
  }
  if (tools.length > MAX_TOOLS) {
    throw tooManyError('tools', { limit: MAX_TOOLS, count: tools.length });
  }
  if (request.streamOptions && !request.stream) throw streamOptionsError();
}

function checkRange(
  field: string,
  value: number | undefined,
  { min, max }: { min: number; max: number },
): void {
  if (value !== undefined && (value < min || value > max)) {
    throw rangeError(field, `[${min}, ${max}]`);
  }
}

/** Section 2.4. */
function checkTools({ tools }: WireChatRequest): void {
  for (const [index, { name, parametersType }] of tools.entries()) {
    if (!/^[a-zA-Z0-9_-]+$/.test(name) || name.length > MAX_FUNCTION_NAME) {
      throw functionNameError(`tools[${index}].function.name`, name, MAX_FUNCTION_NAME);
    }
    if (parametersType !== undefined && parametersType !== '"object"') {
      throw functionSchemaError(name, parametersType);
    }
  }
}

/** Section 5.2; the sampling parameters are accepted without effect. */
function checkThinking(request: WireChatRequest): void {
  if (request.logprobs) throw parameterInThinkingError('logprobs');
  if (request.topLogprobs !== undefined) throw parameterInThinkingError('top_logprobs');
}

/** Section 2.5. */
function checkToolChoice({ toolChoice, tools }: WireChatRequest, mode: Mode): void {
  if (toolChoice?.type !== 'required' && toolChoice?.type !== 'function') return;
  if (mode.thinking) throw toolChoiceInThinkingError();
  if (tools.length === 0) throw toolChoiceWithoutToolsError();
  if (toolChoice.type !== 'function') return;
  const { name } = toolChoice;
  if (!tools.some((tool) => tool.name === name)) throw unknownToolError(name);
}

/** Section 2.6: case-insensitive, over all contents. */
function checkJsonWord({ responseFormat, messages }: WireChatRequest): void {
  if (responseFormat !== 'json_object') return;
  if (!messages.some(({ content }) => /json/i.test(content))) throw missingJsonWordError();
}
