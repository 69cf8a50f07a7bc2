// `tools` and `tool_choice` of the Anthropic door (api reference §9.4). A tool becomes the `function`
// object of the prompt; its schema keeps its keys, their order and the spelling of numbers.

import type { ToolChoice } from '../../chat/types.js';
import { jsonObject, type JsonValue } from '../../encoding/json.js';
import type { Cursor } from '../deserialize.js';
import { jsonValueOf } from '../json-value.js';
import type { LeniencyLog } from '../leniency.js';

export interface WireTool {
  name: string;
  /** Name, description and parameters, in this order for every client: prompts share prefixes. */
  function: JsonValue;
  /** JSON text of `input_schema.type`; `null` when there is none. */
  schemaType: string;
}

/** Server tools (`web_search_...`) have another `type` and are not supported. @throws DeserializeError */
export function readTool(tool: Cursor, leniency: LeniencyLog): WireTool {
  tool.optional('type', 'struct Tool')?.variant(['custom']);
  const name = tool.required('name', 'struct Tool').string();
  const description = tool.optional('description')?.string();
  const schema = tool.required('input_schema');
  const type = schema.optional('type')?.sourceText ?? 'null';
  if (isEmptyObject(schema) && leniency.apply('empty_parameters')) {
    const parameters = jsonObject({ type: 'object', properties: new Map() });
    return {
      name,
      function: jsonObject({ name, description, parameters }),
      schemaType: '"object"',
    };
  }
  const parameters = jsonValueOf(schema.node);
  return { name, function: jsonObject({ name, description, parameters }), schemaType: type };
}

function isEmptyObject({ node }: Cursor): boolean {
  return node.kind === 'object' && node.members.size === 0;
}

const CHOICES = ['auto', 'any', 'tool', 'none'] as const;

/** `disable_parallel_tool_use` is ignored. @throws DeserializeError */
export function readToolChoice(choice: Cursor | undefined): ToolChoice | undefined {
  if (!choice) return undefined;
  const type = choice.tag('type', CHOICES, 'internally tagged enum ToolChoice');
  switch (type) {
    case undefined:
      return undefined;
    case 'any':
      return { type: 'required' };
    case 'tool':
      return { type: 'function', name: choice.required('name').string() };
    default:
      return { type };
  }
}
