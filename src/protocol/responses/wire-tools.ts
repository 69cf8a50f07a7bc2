// `tools` and `tool_choice` of a Responses request. Functions are flat here, without the `function`
// member of the chat API; groups (`namespace`) and freeform tools (`custom`) become functions too.
// Hosted tools (web search and its kin) run on OpenAI's side only: they are left out, and the
// response's `tools` lists what the model was really offered.

import { jsonObject, type JsonValue } from '../../encoding/json.js';
import type { Cursor } from '../deserialize.js';
import { jsonValueOf } from '../json-value.js';
import type { LeniencyLog } from '../leniency.js';
import { functionSchemaError, stringRuleError } from '../openai/errors.js';
import { echoText } from './echo-text.js';
import { FREEFORM_PARAMETER, FUNCTION_NAME, type ToolTable } from './tool-table.js';

/** Of one entry with all its fields, known or not. */
const MAX_TOOL_CHARS = 262_144;

/** A tool of one of the types that a model here can call. */
export interface WireTool {
  kind: 'function' | 'custom';
  /** As in `tools[3].tools[0]`, for errors. */
  path: string;
  name: string;
  namespace: string | undefined;
  description: string | undefined;
  parameters: JsonValue | undefined;
  /** JSON text of `parameters.type`; `null` when there is none; undefined without parameters. */
  parametersType: string | undefined;
  isEmptySchema: boolean;
}

export interface WireTools {
  tools: WireTool[];
  /** JSON texts of the offered entries as the client wrote them, for the echo. */
  echo: string[];
}

/** @throws DeserializeError */
export function readTools(list: Cursor | undefined): WireTools {
  const read: WireTools = { tools: [], echo: [] };
  for (const [index, entry] of (list?.items() ?? []).entries()) {
    const path = `tools[${index}]`;
    const tools =
      typeOf(entry) === 'namespace' ? readNamespace(entry, path) : readTool(entry, { path });
    if (tools.length > 0) read.echo.push(echoText(entry, { path, maxLength: MAX_TOOL_CHARS }));
    read.tools.push(...tools);
  }
  return read;
}

function typeOf(entry: Cursor): string {
  return entry.required('type', 'struct Tool').string();
}

function readNamespace(group: Cursor, path: string): WireTool[] {
  const namespace = group.required('name').string();
  const members = group.required('tools').items();
  return members.flatMap((member, index) =>
    readTool(member, { path: `${path}.tools[${index}]`, namespace }),
  );
}

/** None for a hosted tool. */
function readTool(entry: Cursor, at: { path: string; namespace?: string }): WireTool[] {
  const kind = typeOf(entry);
  if (kind !== 'function' && kind !== 'custom') return [];
  const common = {
    path: at.path,
    namespace: at.namespace,
    name: entry.required('name').string(),
    description: entry.optional('description')?.string(),
  };
  return [kind === 'function' ? readFunction(entry, common) : readFreeform(entry, common)];
}

type Common = Pick<WireTool, 'path' | 'namespace' | 'name' | 'description'>;

function readFunction(entry: Cursor, common: Common): WireTool {
  entry.optional('strict')?.boolean();
  const schema = entry.optional('parameters');
  const type = schema?.optional('type');
  const parameters = schema && jsonValueOf(schema.node);
  return {
    kind: 'function',
    ...common,
    parameters,
    parametersType: schema && (type?.sourceText ?? 'null'),
    isEmptySchema: parameters instanceof Map && parameters.size === 0,
  };
}

/** A grammar cannot be enforced here, so the model is told it. */
function readFreeform(entry: Cursor, common: Common): WireTool {
  const format = entry.optional('format');
  const isGrammar = format?.required('type').variant(['text', 'grammar']) === 'grammar';
  const grammar = isGrammar
    ? `The raw text of the input, matching this ${format.required('syntax').string()} grammar:\n` +
      format.required('definition').string()
    : 'The raw text of the input.';
  const input = jsonObject({ type: 'string', description: grammar });
  return {
    kind: 'custom',
    ...common,
    parameters: jsonObject({
      type: 'object',
      properties: jsonObject({ [FREEFORM_PARAMETER]: input }),
      required: [FREEFORM_PARAMETER],
      additionalProperties: false,
    }),
    parametersType: '"object"',
    isEmptySchema: false,
  };
}

/** Api reference §2.4. @throws ApiError */
export function offerTools(
  tools: readonly WireTool[],
  { table, leniency }: { table: ToolTable; leniency: LeniencyLog },
): void {
  for (const tool of tools) {
    const { kind, path, name, namespace, description } = tool;
    if (namespace === undefined && !isFunctionName(name)) {
      throw stringRuleError(`${path}.name`, name, FUNCTION_NAME);
    }
    const parameters = checkedParameters(tool, leniency);
    table.add({ kind, name, namespace, description, parameters });
  }
}

function isFunctionName(name: string): boolean {
  return /^[a-zA-Z0-9_-]+$/.test(name) && name.length <= FUNCTION_NAME.maxLength;
}

function checkedParameters(tool: WireTool, leniency: LeniencyLog): JsonValue | undefined {
  const { name, parameters, parametersType, isEmptySchema } = tool;
  if (parametersType === undefined || parametersType === '"object"') return parameters;
  if (isEmptySchema && leniency.apply('empty_parameters')) {
    return jsonObject({ type: 'object', properties: new Map() });
  }
  throw functionSchemaError(name, parametersType);
}

/** A tool that `tool_choice` names. */
export interface NamedTool {
  name: string;
  namespace: string | undefined;
}

export type WireToolChoice =
  | { type: 'auto' | 'none' | 'required' }
  | { type: 'named'; tool: NamedTool }
  /** Only some of the tools, without changing the list that the prompt cache may hold. */
  | { type: 'allowed'; mode: 'auto' | 'required'; tools: NamedTool[] }
  | { type: 'hosted'; hosted: string };

/** @throws DeserializeError */
export function readToolChoice(choice: Cursor | undefined): WireToolChoice | undefined {
  if (!choice) return undefined;
  if (choice.isString) return { type: choice.variant(['none', 'auto', 'required']) };
  const type = choice.required('type', 'a string or a map').string();
  switch (type) {
    case 'function':
    case 'custom':
      return { type: 'named', tool: readNamedTool(choice) };
    case 'allowed_tools':
      return {
        type: 'allowed',
        mode: choice.required('mode').variant(['auto', 'required']),
        tools: choice
          .required('tools')
          .items()
          .filter((tool) => ['function', 'custom'].includes(typeOf(tool)))
          .map(readNamedTool),
      };
    default:
      return { type: 'hosted', hosted: type };
  }
}

function readNamedTool(choice: Cursor): NamedTool {
  return {
    name: choice.required('name').string(),
    namespace: choice.optional('namespace')?.string(),
  };
}
