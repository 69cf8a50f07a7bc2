// Checks of a well-formed Messages request in the platform's order (api reference §2.3): scalar
// ranges, then rules between fields. What the original refuses on the chat API but agents always
// send here is cut to size instead (§9.2, §9.3).

import { missingReasoning } from '../../chat/reasoning-retention.js';
import type { LeniencyLog } from '../leniency.js';
import {
  functionSchemaError,
  lastMessageError,
  stringRuleError,
  toolChoiceInThinkingError,
  toolChoiceWithoutToolsError,
  tooManyError,
  unknownToolError,
} from '../openai/errors.js';
import { CHAT_MODE, THINKING_MODE, withoutThinking, type Mode } from '../openai/modes.js';
import { checkCommonRanges } from '../openai/wire-common.js';
import { missingThinkingError } from './errors.js';
import type { WireMessage } from './wire-messages.js';
import type { WireMessagesRequest } from './wire-request.js';

const MAX_TOOLS = 128;
/** Anthropic's own limit: `mcp__server__tool` names outgrow the 64 of the chat API. */
const TOOL_NAME = { maxLength: 128, pattern: '^[a-zA-Z0-9_-]+$' };

/**
 * Section 9.2: every unknown name is deepseek-chat; `adaptive`, which Claude Code sends with any name,
 * leaves the choice to the name. A forced tool call needs chat mode where that is forgiven (§9.4).
 */
export function chooseMode(request: WireMessagesRequest, leniency: LeniencyLog): Mode {
  const { model, thinking } = request;
  const isChosen = thinking === 'enabled' || thinking === 'disabled';
  const isThinking = isChosen ? thinking === 'enabled' : model === THINKING_MODE.alias;
  if (!isThinking) return CHAT_MODE;
  return forcesTool(request) && leniency.apply('forced_tool_choice')
    ? withoutThinking(THINKING_MODE)
    : THINKING_MODE;
}

/**
 * Returns the `max_tokens` to use: silently cut to the mode's range (§9.3), because Claude Code always
 * asks for 32000. @throws ApiError E6 below the range, E7
 */
export function checkRanges(
  request: WireMessagesRequest,
  { mode, leniency }: { mode: Mode; leniency: LeniencyLog },
): number {
  const maxTokens = Math.min(request.maxTokens ?? mode.defaultMaxTokens, mode.maxMaxTokens);
  checkCommonRanges({ ...request, maxTokens }, mode, leniency);
  const { length: count } = request.tools;
  if (count > MAX_TOOLS) throw tooManyError('tools', { limit: MAX_TOOLS, count });
  return maxTokens;
}

/** @throws ApiError */
export function checkTools({ tools }: WireMessagesRequest): void {
  for (const [index, { name, schemaType }] of tools.entries()) {
    if (!/^[a-zA-Z0-9_-]+$/.test(name) || name.length > TOOL_NAME.maxLength) {
      throw stringRuleError(`tools[${index}].name`, name, TOOL_NAME);
    }
    if (schemaType !== '"object"') throw functionSchemaError(name, schemaType);
  }
}

/** Sections 2.5 and 9.4. @throws ApiError E14 and its neighbours */
export function checkToolChoice(request: WireMessagesRequest, mode: Mode): void {
  if (!forcesTool(request)) return;
  const { toolChoice, tools } = request;
  if (mode.thinking) throw toolChoiceInThinkingError();
  if (tools.length === 0) throw toolChoiceWithoutToolsError();
  if (toolChoice?.type !== 'function') return;
  const { name } = toolChoice;
  if (!tools.some((tool) => tool.name === name)) throw unknownToolError(name);
}

function forcesTool({ toolChoice }: WireMessagesRequest): boolean {
  return toolChoice?.type === 'required' || toolChoice?.type === 'function';
}

/**
 * Whether the last message is an answer to continue, which this API says by its role alone. In
 * thinking mode there is nothing to continue: the answer would begin with reasoning (E11).
 * @throws ApiError E11
 */
export function endsInPrefix(messages: readonly WireMessage[], mode: Mode): boolean {
  if (messages.at(-1)?.message.role !== 'assistant') return false;
  if (mode.thinking) throw lastMessageError();
  return true;
}

/**
 * Section 9.6: in thinking mode every assistant turn with calls after the last user text carries its
 * thinking block. Returns the positions of those that lost it. @throws ApiError unless forgiven
 */
export function lostReasoning(
  messages: readonly WireMessage[],
  { mode, leniency }: { mode: Mode; leniency: LeniencyLog },
): number[] {
  if (!mode.thinking) return [];
  const lost = missingReasoning(messages.map(({ message }) => message));
  const [first] = lost;
  if (first === undefined || leniency.apply('heal_reasoning')) return lost;
  throw missingThinkingError(messages[first]!.index);
}
