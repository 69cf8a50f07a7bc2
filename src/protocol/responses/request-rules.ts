// Checks of a well-formed Responses request in the platform's order (api reference §2.3): model name,
// scalar ranges, balance, then rules between fields. The first violation decides the answer. Rules
// are the chat door's where both have the field, but `max_output_tokens` is cut to the mode's range
// in every profile, as `max_tokens` is on the Anthropic door: agents send large fixed values.

import type { ToolChoice } from '../../chat/types.js';
import type { Message, ToolDefinition } from '../../encoding/message.js';
import type { RequestContext } from '../door.js';
import {
  emptyMessagesError,
  missingJsonWordError,
  modelNotFoundError,
  rangeError,
  responseFormatUnavailableError,
  toolChoiceInThinkingError,
  toolChoiceWithoutToolsError,
  tooManyError,
  unknownToolError,
  unsupportedFeatureError,
} from '../openai/errors.js';
import { chooseMode, withoutThinking, type Mode } from '../openai/modes.js';
import { withSchemaInPrompt } from '../openai/schema-in-prompt.js';
import { hostedToolChoiceError, statelessError, unsupportedFieldError } from './errors.js';
import { ToolTable } from './tool-table.js';
import { assembleMessages } from './turns.js';
import type { WireResponsesRequest } from './wire-request.js';
import { offerTools, type NamedTool } from './wire-tools.js';

const MAX_TOOLS = 128;

export interface CheckedRequest {
  mode: Mode;
  messages: Message[];
  /** Offered to the model; the table holds the way back from its calls. */
  tools: ToolDefinition[];
  table: ToolTable;
  toolChoice: ToolChoice;
}

/** @throws ApiError */
export function checkResponsesRequest(
  wire: WireResponsesRequest,
  context: RequestContext,
): CheckedRequest {
  const named = chooseMode(wire.model, undefined, context.base);
  if (!named) throw modelNotFoundError();
  checkRanges(wire, named);
  context.requireBalance();
  checkStateless(wire);
  if (wire.items.length === 0) throw emptyMessagesError();
  if (context.base === 'speciale') checkSpeciale(wire);
  const table = new ToolTable();
  offerTools(wire.tools.tools, { table, leniency: context.leniency });
  if (wire.textFormat === 'json_schema' && !context.leniency.apply('schema_in_prompt')) {
    throw responseFormatUnavailableError();
  }
  const chosen = chooseTools(wire, table);
  const mode = modeFor(named, chosen.toolChoice, context);
  const messages = [
    ...(wire.instructions ? [{ type: 'system', text: wire.instructions } as const] : []),
    ...wire.items,
  ];
  const assembled = assembleMessages(messages, table);
  if (assembled.length === 0) throw emptyMessagesError();
  checkJsonWord(wire, assembled, context);
  const { schema } = wire;
  const prompt = schema === undefined ? assembled : withSchemaInPrompt(assembled, schema);
  return { mode, messages: prompt, table, ...chosen };
}

function checkRanges(wire: WireResponsesRequest, mode: Mode): void {
  const { maxOutputTokens, temperature, topP, tools } = wire;
  if (maxOutputTokens !== undefined && maxOutputTokens < 1) {
    throw rangeError('max_output_tokens', `[1, ${mode.maxMaxTokens}]`);
  }
  if (temperature !== undefined && !(temperature >= 0 && temperature <= 2)) {
    throw rangeError('temperature', '[0, 2]');
  }
  if (topP !== undefined && !(topP > 0 && topP <= 1)) throw rangeError('top_p', '(0, 1.0]');
  const count = tools.tools.length;
  if (count > MAX_TOOLS) throw tooManyError('tools', { limit: MAX_TOOLS, count });
}

function checkStateless({ statefulField, background }: WireResponsesRequest): void {
  if (statefulField !== undefined) throw statelessError(statefulField);
  if (background) {
    throw unsupportedFieldError('background', 'read the answer of this request instead');
  }
}

/** Api reference §1.5: what Speciale lacks. */
function checkSpeciale({ tools, textFormat }: WireResponsesRequest): void {
  if (tools.tools.length > 0) throw unsupportedFeatureError('Function Calling');
  if (textFormat === 'json_object') throw unsupportedFeatureError('Json Output');
}

/** Api reference §2.5, and the forms that only this dialect has. */
function chooseTools(
  { toolChoice: choice }: WireResponsesRequest,
  table: ToolTable,
): { toolChoice: ToolChoice; tools: ToolDefinition[] } {
  const tools = table.definitions;
  if (!choice) return { toolChoice: { type: tools.length > 0 ? 'auto' : 'none' }, tools };
  switch (choice.type) {
    case 'hosted':
      throw hostedToolChoiceError(choice.hosted);
    case 'named':
      return { toolChoice: { type: 'function', name: offered(choice.tool, table) }, tools };
    case 'allowed': {
      const names = new Set(choice.tools.map((tool) => offered(tool, table)));
      const allowed = table.limitedTo(names);
      if (choice.mode === 'required' && allowed.length === 0) throw toolChoiceWithoutToolsError();
      return { toolChoice: { type: allowed.length > 0 ? choice.mode : 'none' }, tools: allowed };
    }
    case 'required':
      if (tools.length === 0) throw toolChoiceWithoutToolsError();
      return { toolChoice: { type: 'required' }, tools };
    default:
      return { toolChoice: { type: choice.type }, tools };
  }
}

function offered({ name, namespace }: NamedTool, table: ToolTable): string {
  if (!table.isOffered(name, namespace)) throw unknownToolError(name);
  return table.flatName(name, namespace);
}

/** A forced call and thinking exclude each other on this platform (api reference §2.5). */
function modeFor(named: Mode, { type }: ToolChoice, { leniency }: RequestContext): Mode {
  if (!named.thinking || (type !== 'required' && type !== 'function')) return named;
  if (!leniency.apply('forced_tool_choice')) throw toolChoiceInThinkingError();
  return withoutThinking(named);
}

/** Api reference §2.6: case-insensitive, over all contents. */
function checkJsonWord(
  { textFormat }: WireResponsesRequest,
  messages: readonly Message[],
  { leniency }: RequestContext,
): void {
  if (textFormat !== 'json_object') return;
  if (messages.some(({ content }) => /json/i.test(content))) return;
  if (!leniency.apply('json_word')) throw missingJsonWordError();
}
