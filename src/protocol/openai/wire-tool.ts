// One entry of `tools` (api reference §2.4). The function is kept as written, because its keys, their
// order and the spelling of numbers reach the prompt.

import { isJsonObject, jsonObject, type JsonValue } from '../../encoding/json.js';
import type { Cursor } from '../deserialize.js';
import { jsonValueOf } from '../json-value.js';
import type { LeniencyLog } from '../leniency.js';

export interface WireTool {
  name: string;
  /** The whole `function` object. */
  function: JsonValue;
  /** JSON text of `parameters.type`; `null` when there is none; undefined without parameters. */
  parametersType: string | undefined;
  strict: boolean;
}

/** @throws DeserializeError */
export function readTool(tool: Cursor, leniency: LeniencyLog): WireTool {
  tool.required('type', 'struct Tool').variant(['function']);
  const definition = tool.required('function');
  const name = definition.required('name', 'struct FunctionDefinition').string();
  definition.optional('description')?.string();
  const strict = definition.optional('strict')?.boolean() ?? false;
  const parameters = definition.optional('parameters');
  const value = jsonValueOf(definition.node);
  const type = parameters?.optional('type');
  if (parameters && isEmptyObject(parameters) && leniency.apply('empty_parameters')) {
    return {
      name,
      function: withoutProperties(value, { strict }),
      parametersType: '"object"',
      strict,
    };
  }
  return {
    name,
    function: value,
    parametersType: parameters && (type?.sourceText ?? 'null'),
    strict,
  };
}

function isEmptyObject({ node }: Cursor): boolean {
  return node.kind === 'object' && node.members.size === 0;
}

/** The schema that clients mean by `{}`, in its place; in strict mode, what that asks of it. */
function withoutProperties(definition: JsonValue, { strict }: { strict: boolean }): JsonValue {
  if (isJsonObject(definition)) {
    const schema = jsonObject({
      type: 'object',
      properties: new Map(),
      additionalProperties: strict ? false : undefined,
    });
    definition.set('parameters', schema);
  }
  return definition;
}
