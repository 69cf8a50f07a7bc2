// The fixed paragraph that offers tools to the model, and the response-format sentence (encoding
// reference, sections 4 and 10). The blank lines are those of the official fixtures; some public
// copies of the encoder lost them.

import { stringifyJson } from './json-writer.js';
import type { JsonValue } from './json.js';
import { CALLS_CLOSE, CALLS_OPEN, DSML, INVOKE_CLOSE, PARAMETER_CLOSE } from './markers.js';
import type { SegmentWriter } from './segments.js';

const TOOLS_HEAD = `## Tools

You have access to a set of tools you can use to answer the user's question.
You can invoke functions by writing a "${CALLS_OPEN}" block like the following as part of your reply to the user:
${CALLS_OPEN}
<${DSML}invoke name="$FUNCTION_NAME">
<${DSML}parameter name="$PARAMETER_NAME" string="true|false">$PARAMETER_VALUE${PARAMETER_CLOSE}
...
${INVOKE_CLOSE}
<${DSML}invoke name="$FUNCTION_NAME2">
...
${INVOKE_CLOSE}
${CALLS_CLOSE}

String and scalar parameters should be specified as is without any escaping or quotes, while lists and objects should use JSON format. The "string" attribute should be set to "true" for string type parameters and "false" for other types (numbers, booleans, arrays, objects).

If the thinking_mode is enabled, then after function results you should strongly consider outputting a thinking block. Here is an example:

${CALLS_OPEN}
...
${CALLS_CLOSE}

<function_results>
...
</function_results>

<think>...thinking about results</think>

Here are the functions available in JSONSchema format:
<functions>
`;

const TOOLS_TAIL = '\n</functions>\n';

/** Writes the block; each definition is a whole `function` object, one JSON line each. */
export function writeToolsBlock(writer: SegmentWriter, functions: readonly JsonValue[]): void {
  writer.control(TOOLS_HEAD);
  writer.data(functions.map(stringifyJson).join('\n'));
  writer.control(TOOLS_TAIL);
}

export function writeResponseFormat(writer: SegmentWriter, responseFormat: JsonValue): void {
  writer.control(
    '## Response Format:\n\nYou MUST strictly adhere to the following schema to reply:\n',
  );
  writer.data(stringifyJson(responseFormat));
}
